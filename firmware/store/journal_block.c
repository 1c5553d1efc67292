/* Headers and records of the journal: SPEC §1 and §2. */
#include "journal_block.h"

#include <assert.h>
#include <string.h>

#include "capsule/bytes.h"
#include "crc32.h"

#define MAGIC 0x4a52464eu /* "NFRJ" */

static uint8_t log2_of(uint32_t power) {
  uint8_t log = 0;
  while (power > 1u << log) log++;
  return log;
}

static_assert(sizeof(struct nfr_journal_header) == NFR_JOURNAL_HEADER_BYTES, "SPEC §1");

/* Whose journal it is, and what flash it was made for. */
static void set_identity(const struct nfr_store *store, struct nfr_journal_identity *identity) {
  const struct nfr_store_config *config = store->config;
  *identity = (struct nfr_journal_identity){
      .device = {(uint32_t)config->device, (uint32_t)(config->device >> 32)},
      .journal_block_bytes = store->block_bytes,
      .journal_blocks = (uint16_t)store->blocks,
      .log2_align = log2_of(store->align),
      .log2_grain = 5,
      .blob_bytes = config->blobs->bytes,
      .blob_block_bytes = store->blob_block_bytes,
  };
}

static int program_checked(const struct nfr_store *store, uint32_t offset, const void *data, uint32_t count) {
  const uint8_t *bytes = data;
  const struct nfr_flash *flash = store->config->journal;
  if (flash->program(flash->context, offset, bytes, count) != NFR_OK) return NFR_ERR_PORT;
  uint8_t back[64];
  for (uint32_t at = 0; at < count; at += sizeof back) {
    uint32_t piece = count - at < sizeof back ? count - at : (uint32_t)sizeof back;
    if (flash->read(flash->context, offset + at, back, piece) != NFR_OK) return NFR_ERR_PORT;
    if (memcmp(back, bytes + at, piece) != 0) return NFR_ERR_PORT;
  }
  return NFR_OK;
}

int nfr_journal_read_header(const struct nfr_store *store, uint32_t block, struct nfr_journal_header *header) {
  const struct nfr_flash *flash = store->config->journal;
  struct nfr_journal_identity identity;
  if (flash->read(flash->context, block * flash->block_bytes, header, sizeof *header) != NFR_OK) return NFR_ERR_EMPTY;
  if (header->magic != MAGIC || nfr_crc32(0, header, offsetof(struct nfr_journal_header, crc)) != header->crc) return NFR_ERR_EMPTY;
  /* A later version may say it otherwise: nothing behind the version is looked at. */
  if (header->version > NFR_STORE_VERSION || header->version == 0) return NFR_ERR_VERSION;
  set_identity(store, &identity);
  bool is_ours = memcmp(&header->identity, &identity, sizeof identity) == 0;
  return is_ours && header->flags <= NFR_JOURNAL_START && header->sequence >> 26 == 0 && header->reserved == 0 && header->reserved_too == 0 ? NFR_OK : NFR_ERR_FOREIGN;
}

int nfr_journal_write_header(const struct nfr_store *store, uint32_t block, struct nfr_journal_header *header) {
  header->magic = MAGIC;
  set_identity(store, &header->identity);
  header->crc = nfr_crc32(0, header, offsetof(struct nfr_journal_header, crc));
  return program_checked(store, block * store->block_bytes, header, sizeof *header);
}

/* Seeds the CRC with the place, so that a record means nothing in another block, at another place or after an erase. */
static uint32_t crc_of(uint32_t sequence, uint32_t position, const uint8_t head[4], const void *content, uint32_t length) {
  const uint32_t place[2] = {sequence, position};
  return nfr_crc32(nfr_crc32(nfr_crc32(0, place, 8), head, 4), content, length);
}

int nfr_journal_read_item(const struct nfr_store *store, uint32_t block, uint32_t sequence, uint32_t position,
                          struct nfr_journal_item *item, struct nfr_record *record) {
  const struct nfr_flash *flash = store->config->journal;
  uint8_t head[8];
  uint32_t base = block * flash->block_bytes + position, room = flash->block_bytes - position;
  if (room < sizeof head || flash->read(flash->context, base, head, sizeof head) != NFR_OK) return NFR_ERR_CORRUPT;
  *item = (struct nfr_journal_item){.slot = nfr_le16(head), .type = head[2], .length = head[3], .crc = nfr_le32(head + 4)};
  uint32_t size = nfr_journal_size(store, item->length);
  item->end = position + size;
  if (item->type < NFR_RECORD_SETTINGS || item->type > NFR_RECORD_END) return NFR_ERR_CORRUPT;
  if (item->length > NFR_RECORD_MAX_CONTENT || size > room) return NFR_ERR_CORRUPT;
  if (flash->read(flash->context, base + 8, record->content, item->length) != NFR_OK) return NFR_ERR_CORRUPT;
  if (crc_of(sequence, position, head, record->content, item->length) != item->crc) return NFR_ERR_CORRUPT;
  record->type = item->type;
  record->length = item->length;
  return NFR_OK;
}

int nfr_journal_write_item(const struct nfr_store *store, uint32_t block, uint32_t sequence, uint32_t position,
                           struct nfr_journal_item *item, const void *content) {
  uint8_t bytes[NFR_JOURNAL_RECORD_BYTES];
  uint32_t size = nfr_journal_size(store, item->length);
  memset(bytes, 0xff, sizeof bytes);
  bytes[0] = (uint8_t)item->slot;
  bytes[1] = (uint8_t)(item->slot >> 8);
  bytes[2] = item->type;
  bytes[3] = item->length;
  if (item->length != 0) memcpy(bytes + 8, content, item->length);
  item->crc = crc_of(sequence, position, bytes, bytes + 8, item->length);
  item->end = position + size;
  memcpy(bytes + 4, &item->crc, 4);
  return program_checked(store, block * store->block_bytes + position, bytes, size);
}
