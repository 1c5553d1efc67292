/* See journal_image.h. Written from SPEC §1, §2 and §7, and not with the store's own functions. */
#include "journal_image.h"

#include <string.h>

#include "crc32.h"

static void put(uint8_t *at, uint64_t value, unsigned bytes) {
  for (unsigned i = 0; i < bytes; i++) at[i] = (uint8_t)(value >> 8 * i);
}

static uint32_t align_of(const struct nfr_store_config *config) { return config->journal->unit_bytes < 8 ? 8 : config->journal->unit_bytes; }

static uint8_t log2_of(uint32_t power) {
  uint8_t log = 0;
  while (power > 1u << log) log++;
  return log;
}

void image_clear(struct journal_image *image, const struct nfr_store_config *config, uint8_t *bytes, uint8_t version) {
  *image = (struct journal_image){.bytes = bytes, .config = config, .version = version};
  memset(bytes, 0xff, config->journal->bytes);
}

void image_block(struct journal_image *image, uint32_t block, bool is_start) {
  const struct nfr_store_config *config = image->config;
  const struct nfr_flash *journal = config->journal, *blobs = config->blobs;
  uint8_t *header = image->bytes + block * journal->block_bytes;
  memset(header, 0, 64);
  put(header, 0x4a52464eu, 4);
  header[4] = image->version;
  header[5] = is_start;
  put(header + 8, image->sequence + 1, 4);
  put(header + 12, image->sequence == 0 ? 0xffffu : image->block, 2);
  put(header + 14, image->position / align_of(config), 2);
  put(header + 16, image->sequence, 4);
  put(header + 24, config->device, 8);
  put(header + 32, journal->block_bytes, 4);
  put(header + 36, journal->bytes / journal->block_bytes, 2);
  header[38] = log2_of(align_of(config));
  header[39] = log2_of(blobs->unit_bytes < 32 ? 32 : blobs->unit_bytes);
  put(header + 40, blobs->bytes, 4);
  put(header + 44, blobs->block_bytes, 4);
  put(header + 60, nfr_crc32(0, header, 60), 4);
  image->sequence++;
  image->block = block;
  image->position = 64;
  if (is_start) image->records = 0;
}

void image_record(struct journal_image *image, uint16_t slot, uint8_t type, const void *content, uint8_t length) {
  uint8_t *at = image->bytes + image->block * image->config->journal->block_bytes + image->position, place[8];
  uint32_t align = align_of(image->config);
  put(at, slot, 2);
  at[2] = type;
  at[3] = length;
  if (length != 0) memcpy(at + 8, content, length);
  put(place, image->sequence, 4);
  put(place + 4, image->position, 4);
  put(at + 4, nfr_crc32(nfr_crc32(nfr_crc32(0, place, 8), at, 4), at + 8, length), 4);
  image->position += (8u + length + align - 1) / align * align;
  image->records++;
}

void image_end(struct journal_image *image, uint32_t frontier) {
  uint8_t content[8];
  put(content, image->records, 4);
  put(content + 4, frontier, 4);
  image_record(image, NFR_STORE_NONE, NFR_RECORD_END, content, sizeof content);
  for (unsigned i = 0; i < 2; i++) image_record(image, NFR_STORE_NONE, NFR_RECORD_SEAL, NULL, 0);
}

uint8_t image_settings_1(const struct nfr_settings *settings, uint8_t content[NFR_RECORD_MAX_CONTENT]) {
  memset(content, 0, 40);
  put(content, settings->key_list, 2);
  put(content + 2, settings->epoch, 2);
  put(content + 4, settings->key_list_version, 4);
  put(content + 8, settings->generation, 8);
  memcpy(content + 16, settings->firmware, 16);
  content[32] = settings->restart_is_planned;
  return 40;
}

uint8_t image_name_1(const struct nfr_name *name, uint8_t content[NFR_RECORD_MAX_CONTENT]) {
  uint8_t whole[NFR_RECORD_MAX_CONTENT], length = nfr_name_encode(name, whole), rest = (uint8_t)(length - 116);
  memcpy(content, whole, 80); /* without what was rejected, and the flag of it */
  content[1] = (uint8_t)(content[1] & 7u);
  memcpy(content + 80, whole + 116, rest);
  return (uint8_t)(80 + rest);
}

/* Content of a live record as it would stand in a journal of that version. */
static uint8_t content_as(const struct nfr_record *record, uint8_t version, uint8_t content[NFR_RECORD_MAX_CONTENT]) {
  struct nfr_settings settings;
  struct nfr_name name;
  if (version == 1 && record->type == NFR_RECORD_SETTINGS && nfr_settings_decode(record->content, record->length, record->version, &settings) == NFR_OK) {
    return image_settings_1(&settings, content);
  }
  if (version == 1 && record->type == NFR_RECORD_NAME && nfr_name_decode(record->content, record->length, record->version, &name) == NFR_OK)
    return image_name_1(&name, content);
  memcpy(content, record->content, record->length);
  return record->length;
}

void image_of_store(struct journal_image *image, const struct nfr_store *store, uint8_t *bytes, uint8_t as_version) {
  uint32_t block_bytes = store->config->journal->block_bytes;
  image_clear(image, store->config, bytes, as_version);
  image_block(image, 0, true);
  for (uint16_t slot = 0; slot < store->config->slots; slot++) {
    struct nfr_record record;
    uint8_t content[NFR_RECORD_MAX_CONTENT];
    if (nfr_journal_read(store, slot, &record) != NFR_OK) continue;
    uint8_t length = content_as(&record, as_version, content);
    if (image->position + 600 > block_bytes) image_block(image, image->block + 1, false);
    image_record(image, slot, record.type, content, length);
  }
  image_end(image, store->frontier);
}
