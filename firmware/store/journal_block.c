/* Headers and records of the journal: SPEC §1 and §2. */
#include "journal_block.h"

#include <string.h>

#include "capsule/bytes.h"
#include "crc32.h"

#define MAGIC 0x4a52464eu /* "NFRJ" */

static uint32_t log2_of(uint32_t power) {
  uint32_t log = 0;
  while (power > 1u << log) log++;
  return log;
}

static void put32(uint8_t *p, uint32_t value) {
  for (unsigned i = 0; i < 4; i++) p[i] = (uint8_t)(value >> 8 * i);
}

/* Bytes 24 … 59 of a header: whose it is, and what flash it was made for. */
static void write_identity(const struct nfr_store *store, uint8_t identity[36]) {
  const struct nfr_store_config *config = store->config;
  uint32_t grain = config->blobs->unit_bytes < 32 ? 32 : config->blobs->unit_bytes;
  memset(identity, 0, 36);
  put32(identity, (uint32_t)config->device);
  put32(identity + 4, (uint32_t)(config->device >> 32));
  put32(identity + 8, config->journal->block_bytes);
  put32(identity + 12, nfr_journal_blocks(store) | log2_of(nfr_journal_align(store)) << 16 | log2_of(grain) << 24);
  put32(identity + 16, config->blobs->bytes);
  put32(identity + 20, config->blobs->block_bytes);
}

static int program_checked(const struct nfr_store *store, uint32_t offset, const uint8_t *bytes, uint32_t count) {
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
  uint8_t bytes[NFR_JOURNAL_HEADER_BYTES], identity[36];
  if (flash->read(flash->context, block * flash->block_bytes, bytes, sizeof bytes) != NFR_OK) return NFR_ERR_EMPTY;
  header->crc = nfr_le32(bytes + 60);
  if (nfr_le32(bytes) != MAGIC || nfr_crc32(0, bytes, 60) != header->crc) return NFR_ERR_EMPTY;
  /* A later version may say it otherwise: nothing behind the version is looked at. */
  if (bytes[4] > NFR_STORE_VERSION || bytes[4] == 0) return NFR_ERR_VERSION;
  write_identity(store, identity);
  if (memcmp(bytes + 24, identity, sizeof identity) != 0 || bytes[5] > NFR_JOURNAL_START || nfr_le16(bytes + 6) != 0)
    return NFR_ERR_FOREIGN;
  header->version = bytes[4];
  header->flags = bytes[5];
  header->sequence = nfr_le32(bytes + 8);
  header->previous_block = nfr_le16(bytes + 12);
  header->previous_end = nfr_le16(bytes + 14) * nfr_journal_align(store);
  header->previous_sequence = nfr_le32(bytes + 16);
  return NFR_OK;
}

int nfr_journal_write_header(const struct nfr_store *store, uint32_t block, struct nfr_journal_header *header) {
  uint8_t bytes[NFR_JOURNAL_HEADER_BYTES] = {0};
  put32(bytes, MAGIC);
  bytes[4] = header->version;
  bytes[5] = header->flags;
  put32(bytes + 8, header->sequence);
  put32(bytes + 12, header->previous_block | header->previous_end / nfr_journal_align(store) << 16);
  put32(bytes + 16, header->previous_sequence);
  write_identity(store, bytes + 24);
  header->crc = nfr_crc32(0, bytes, 60);
  put32(bytes + 60, header->crc);
  return program_checked(store, block * store->config->journal->block_bytes, bytes, sizeof bytes);
}

/* Seeds the CRC with the place, so that a record means nothing in another block, at another place or after an erase. */
static uint32_t crc_of(uint32_t sequence, uint32_t position, const uint8_t head[4], const void *content, uint32_t length) {
  uint8_t place[8];
  put32(place, sequence);
  put32(place + 4, position);
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
  put32(bytes + 4, item->crc);
  return program_checked(store, block * store->config->journal->block_bytes + position, bytes, size);
}
