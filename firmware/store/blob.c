/* Blobs: their records, reading, pins. */
#include "blob.h"

#include <string.h>

#include "capsule/bytes.h"

/* ---- records ---- */

bool nfr_extent_is_valid(const struct nfr_store *store, uint32_t offset, uint32_t bytes) {
  uint32_t region = store->config->blobs->bytes, extent = nfr_extent_bytes(bytes);
  return bytes - 1 < region && extent <= region && offset <= region - extent && offset == nfr_extent_bytes(offset);
}

int nfr_blob_load(const struct nfr_store *store, uint16_t slot, struct nfr_blob *blob, uint8_t *bits) {
  struct nfr_record record;
  int err = nfr_journal_read(store, slot, &record);
  if (err) return err;
  if (record.type != NFR_RECORD_BLOB) return NFR_ERR_NOT_FOUND;
  if (bits != NULL) memset(bits, 0, NFR_BLOB_BITS_BYTES);
  err = nfr_blob_decode(record.content, record.length, blob, bits);
  if (err) return err;
  if (!nfr_extent_is_valid(store, blob->offset, blob->bytes)) return NFR_ERR_CORRUPT;
  return blob->copy == NFR_BLOB_NO_COPY || nfr_extent_is_valid(store, blob->copy, blob->bytes) ? NFR_OK : NFR_ERR_CORRUPT;
}

int nfr_blob_commit_copy(struct nfr_store *store, uint16_t slot, struct nfr_blob *blob, const uint8_t *bits, uint32_t copy) {
  uint8_t content[NFR_RECORD_MAX_CONTENT];
  blob->copy = copy;
  blob->frontier = store->frontier;
  if (blob->state != NFR_BLOB_WRITING) blob->chunk_log2 = 0;
  return nfr_journal_commit(store, slot, NFR_RECORD_BLOB, content, nfr_blob_encode(blob, bits, content));
}

int nfr_blob_commit(struct nfr_store *store, uint16_t slot, struct nfr_blob *blob, const uint8_t *bits) {
  return nfr_blob_commit_copy(store, slot, blob, bits, NFR_BLOB_NO_COPY);
}

int nfr_blob_damage(struct nfr_store *store, uint16_t slot, struct nfr_blob *blob) {
  blob->state = NFR_BLOB_DAMAGED;
  return nfr_blob_commit(store, slot, blob, NULL);
}

static int commit_free(struct nfr_store *store, uint16_t slot) {
  if (store->writer.slot == slot) store->writer.slot = NFR_STORE_NONE;
  return nfr_journal_free(store, slot);
}

static bool is_referred_to(const struct nfr_store *store, uint16_t slot) {
  struct nfr_references references = {.first = UINT32_MAX};
  return nfr_references_has(store, &references, slot);
}

int nfr_blob_give_up(struct nfr_store *store, uint16_t slot) {
  if (store->config == NULL) return NFR_ERR_PORT; /* the journal has died while the bad block was recorded */
  if (!is_referred_to(store, slot)) return commit_free(store, slot);
  if (store->writer.slot == slot) store->writer.slot = NFR_STORE_NONE;
  struct nfr_blob blob;
  int err = nfr_blob_load(store, slot, &blob, NULL);
  return err ? err : nfr_blob_damage(store, slot, &blob);
}

int nfr_blob_bad_block(struct nfr_store *store, uint32_t block) {
  uint32_t size = store->blob_block_bytes;
  struct nfr_blob bad = {.offset = block * size, .bytes = size, .copy = NFR_BLOB_NO_COPY, .state = NFR_BLOB_BAD};
  uint16_t slot = nfr_journal_free_slot(store);
  if (slot == NFR_STORE_NONE) return NFR_ERR_NO_SPACE;
  if (store->frontier / size == block) store->frontier = block * size; /* no tail of it is clean */
  return nfr_blob_commit(store, slot, &bad, NULL);
}

int nfr_blob_program(struct nfr_store *store, uint32_t offset, const uint8_t *data, uint32_t bytes) {
  const struct nfr_flash *flash = store->config->blobs;
  uint8_t *buffer = store->config->buffer;
  /* Pieces neither cross a block, to know which one fails, nor a page. */
  uint32_t most = store->config->buffer_bytes < flash->block_bytes ? store->config->buffer_bytes : flash->block_bytes;
  for (uint32_t end = offset + bytes, count; offset < end; offset += count, data += count) {
    count = most - offset % most;
    if (count > end - offset) count = end - offset;
    uint32_t padded = (count + flash->unit_bytes - 1) & ~(flash->unit_bytes - 1u);
    memmove(buffer, data, count);
    memset(buffer + count, 0xff, padded - count);
    if (flash->program(flash->context, offset, buffer, padded) == NFR_OK) continue;
    int err = nfr_blob_bad_block(store, offset / flash->block_bytes);
    return err ? err : NFR_ERR_PORT;
  }
  return NFR_OK;
}

int nfr_blob_read(const struct nfr_store *store, uint32_t offset, void *data, uint32_t bytes) {
  const struct nfr_flash *flash = store->config->blobs;
  return flash->read(flash->context, offset, data, bytes);
}

/* ---- what others call ---- */

int nfr_store_find(const struct nfr_store *store, const uint8_t digest[32], uint16_t *slot) {
  if (store->config == NULL) return NFR_ERR_ARGUMENT;
  struct nfr_scan scan;
  scan.slot = 0;
  while (nfr_scan_next(store, &scan)) {
    if (scan.state == NFR_BLOB_BAD || memcmp(scan.digest, digest, 32) != 0) continue;
    *slot = scan.slot;
    return NFR_OK;
  }
  return NFR_ERR_NOT_FOUND;
}

int nfr_store_blob(const struct nfr_store *store, uint16_t slot, struct nfr_blob *blob) {
  return store->config == NULL ? NFR_ERR_ARGUMENT : nfr_blob_load(store, slot, blob, NULL);
}

int nfr_store_next_blob(const struct nfr_store *store, uint16_t *slot, struct nfr_blob *blob) {
  if (store->config == NULL) return NFR_ERR_ARGUMENT;
  struct nfr_scan scan;
  scan.slot = *slot;
  while (nfr_scan_next(store, &scan)) {
    *slot = scan.slot;
    if (nfr_blob_load(store, scan.slot, blob, NULL) == NFR_OK) return NFR_OK;
  }
  return NFR_ERR_NOT_FOUND;
}

int nfr_blob_load_complete(const struct nfr_store *store, uint16_t slot, struct nfr_blob *blob) {
  int err = nfr_store_blob(store, slot, blob);
  if (err) return err;
  if (blob->state == NFR_BLOB_DAMAGED) return NFR_ERR_CORRUPT;
  return blob->state == NFR_BLOB_COMPLETE ? NFR_OK : NFR_ERR_ARGUMENT;
}

int nfr_store_read(const struct nfr_store *store, uint16_t slot, uint32_t offset, void *data, uint32_t bytes) {
  struct nfr_blob blob;
  int err = nfr_blob_load_complete(store, slot, &blob);
  if (err) return err;
  if (offset > blob.bytes || bytes > blob.bytes - offset) return NFR_ERR_ARGUMENT;
  return bytes == 0 ? NFR_OK : nfr_blob_read(store, blob.offset + offset, data, bytes);
}

/* The pin of a slot, which is its number plus 1 (0: a free one); -1 without. */
static int pin_of(const struct nfr_store *store, uint32_t mark) {
  int pin = NFR_STORE_MAX_PINS;
  while (--pin >= 0 && store->pins[pin] != mark) continue;
  return pin;
}

bool nfr_blob_is_pinned(const struct nfr_store *store, uint16_t slot) {
  return pin_of(store, slot + 1u) >= 0;
}

int nfr_store_pin(struct nfr_store *store, uint16_t slot, const uint8_t **mapped) {
  struct nfr_blob blob;
  int err = nfr_blob_load_complete(store, slot, &blob);
  if (err) return err;
  int pin = pin_of(store, 0);
  if (pin < 0) return NFR_ERR_NO_MEMORY;
  store->pins[pin] = (uint16_t)(slot + 1u);
  const uint8_t *base = store->config->blobs->mapped;
  if (mapped != NULL) *mapped = base == NULL ? NULL : base + blob.offset;
  return NFR_OK;
}

int nfr_store_unpin(struct nfr_store *store, uint16_t slot) {
  int pin = store->config == NULL ? -1 : pin_of(store, slot + 1u);
  if (pin < 0) return NFR_ERR_ARGUMENT;
  store->pins[pin] = 0;
  return NFR_OK;
}

int nfr_store_free(struct nfr_store *store, uint16_t slot) {
  struct nfr_blob blob;
  int err = nfr_store_blob(store, slot, &blob);
  if (err) return err;
  if (blob.state == NFR_BLOB_BAD) return NFR_ERR_ARGUMENT;
  if (nfr_blob_is_pinned(store, slot) || is_referred_to(store, slot)) return NFR_ERR_BUSY;
  if (store->job.kind != NFR_JOB_NONE && store->job.slot == slot) {
    if (store->job.kind != NFR_JOB_SCRUB) return NFR_ERR_BUSY;
    nfr_store_cancel(store);
  }
  return commit_free(store, slot);
}
