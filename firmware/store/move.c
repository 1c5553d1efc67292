/* Erasing for an extent, and copying a blob to one (SPEC §5): blocks are erased, then `copy` is recorded, then programmed,
 * then read back and hashed, then it becomes the blob. */
#include "space.h"

static int plan_again(struct nfr_store *store) {
  store->job.phase = NFR_PHASE_PLAN;
  store->job.slot = NFR_STORE_NONE;
  return NFR_STORE_MORE;
}

static int abandon(struct nfr_store *store, struct nfr_blob *blob, const uint8_t *bits) {
  int err = nfr_blob_commit(store, store->job.slot, blob, bits);
  return err ? err : plan_again(store);
}

static int record_copy(struct nfr_store *store) {
  struct nfr_blob blob;
  uint8_t bits[NFR_BLOB_BITS_BYTES];
  int err = nfr_blob_load(store, store->job.slot, &blob, bits);
  if (err) return err;
  store->frontier = store->job.offset + nfr_extent_bytes(blob.bytes);
  err = nfr_blob_commit_copy(store, store->job.slot, &blob, bits, store->job.offset);
  store->job.at = 0;
  store->job.end = 0; /* bytes copied */
  store->job.phase = NFR_PHASE_COPY;
  return err ? err : NFR_STORE_MORE;
}

int nfr_move_erase(struct nfr_store *store) {
  if (store->job.at >= store->job.end) return store->job.phase == NFR_PHASE_NEW ? nfr_begin_commit(store) : record_copy(store);
  const struct nfr_flash *flash = store->config->blobs;
  int err = nfr_journal_claim(store);
  if (err) return err;
  if (flash->erase(flash->context, store->job.at) == NFR_OK) {
    store->job.at++;
    return NFR_STORE_MORE;
  }
  err = nfr_blob_bad_block(store, store->job.at);
  return err ? err : plan_again(store);
}

/* The source cannot be read: a chunk of it is missing again, or the whole blob is to be judged. */
static int lose(struct nfr_store *store, struct nfr_blob *blob, uint8_t *bits) {
  if (blob->state != NFR_BLOB_WRITING) return nfr_hash_start(store, blob->offset);
  uint32_t chunk = store->job.at >> blob->chunk_log2;
  bits[chunk / 8] = (uint8_t)(bits[chunk / 8] & ~(1u << (chunk % 8)));
  return abandon(store, blob, bits);
}

/* Bytes to be copied from job.at on, in one piece that fits the buffer; 0: they are of a chunk that is not there, and skipped. */
static uint32_t piece(struct nfr_store *store, const struct nfr_blob *blob, const uint8_t *bits) {
  uint32_t at = store->job.at, count = store->config->buffer_bytes;
  if (blob->state == NFR_BLOB_WRITING) {
    uint32_t chunk = at >> blob->chunk_log2, left = ((chunk + 1) << blob->chunk_log2) - at;
    if (!nfr_bit(bits, chunk)) {
      store->job.at += left;
      return 0;
    }
    if (count > left) count = left;
  }
  return count < blob->bytes - at ? count : blob->bytes - at;
}

int nfr_move_copy(struct nfr_store *store, uint32_t bytes) {
  struct nfr_blob blob;
  uint8_t bits[NFR_BLOB_BITS_BYTES];
  int err = nfr_blob_load(store, store->job.slot, &blob, bits);
  if (err) return err;
  for (uint32_t done = 0; done < bytes && store->job.at < blob.bytes;) {
    uint32_t count = piece(store, &blob, bits);
    if (count == 0) continue;
    if (nfr_blob_read(store, blob.offset + store->job.at, store->config->buffer, count) != NFR_OK)
      return lose(store, &blob, bits);
    if (nfr_blob_program(store, store->job.offset + store->job.at, store->config->buffer, count) != NFR_OK)
      return abandon(store, &blob, bits);
    store->job.at += count;
    store->job.end += count;
    done += count;
  }
  if (store->job.at < blob.bytes) return NFR_STORE_MORE;
  if (blob.state == NFR_BLOB_COMPLETE) return nfr_hash_start(store, store->job.offset);
  store->job.phase = NFR_PHASE_SWITCH;
  return NFR_STORE_MORE;
}

int nfr_move_hashed(struct nfr_store *store, struct nfr_blob *blob, int result) {
  bool is_source = store->job.offset == blob->offset;
  if (result == NFR_OK && is_source) return NFR_ERR_PORT; /* the blob is whole, and its copy was not */
  if (result != NFR_OK && !is_source) return nfr_hash_start(store, blob->offset);
  if (is_source) {
    blob->state = NFR_BLOB_DAMAGED;
    return abandon(store, blob, NULL);
  }
  store->job.phase = NFR_PHASE_SWITCH;
  return NFR_STORE_MORE;
}

int nfr_move_switch(struct nfr_store *store) {
  struct nfr_blob blob;
  uint8_t bits[NFR_BLOB_BITS_BYTES];
  int err = nfr_blob_load(store, store->job.slot, &blob, bits);
  if (err) return err;
  if (nfr_blob_is_pinned(store, store->job.slot)) return abandon(store, &blob, bits);
  blob.written += store->job.end;
  blob.offset = store->job.offset;
  err = nfr_blob_commit(store, store->job.slot, &blob, bits);
  if (err) return err;
  if (store->job.kind == NFR_JOB_ROOM) return plan_again(store);
  nfr_writer_set(store, store->job.slot, &blob, bits);
  return NFR_OK;
}
