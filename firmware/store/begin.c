/* Beginning a blob, or going on with one (SPEC §5). */
#include <string.h>

#include "space.h"

/* While the job runs writer.slot is NFR_STORE_NONE, and the writer holds what was asked for: bytes, chunk_log2, and here the digest. */
static uint8_t *digest_of(struct nfr_store *store) {
  return store->writer.bits;
}

void nfr_writer_set(struct nfr_store *store, uint16_t slot, const struct nfr_blob *blob, const uint8_t *bits) {
  struct nfr_store_writer *writer = &store->writer;
  *writer = (struct nfr_store_writer){.slot = slot, .offset = blob->offset, .bytes = blob->bytes, .chunk_log2 = blob->chunk_log2};
  memcpy(writer->bits, bits, sizeof writer->bits);
}

static bool is_any(const uint8_t bits[NFR_BLOB_BITS_BYTES]) {
  uint8_t any = 0;
  for (unsigned i = 0; i < NFR_BLOB_BITS_BYTES; i++) any |= bits[i];
  return any != 0;
}

static int plan_new(struct nfr_store *store, uint16_t slot) {
  if (slot == NFR_STORE_NONE && nfr_journal_free_slot(store) == NFR_STORE_NONE) return NFR_ERR_NO_SPACE;
  store->job.phase = NFR_PHASE_NEW;
  int err = nfr_space_place(store, slot, store->writer.bytes);
  return err ? err : NFR_STORE_MORE;
}

/* The blob's slot stays its own, since something may refer to it; its extent is free to be erased. From this record on
 * nobody takes the extent for written, nor a tail in a block that it alone touches for clean (nfr_space_place). */
static int plan_anew(struct nfr_store *store, uint16_t slot, struct nfr_blob *blob) {
  int err = plan_new(store, slot);
  if (err != NFR_STORE_MORE) return err;
  err = nfr_blob_damage(store, slot, blob);
  return err ? err : NFR_STORE_MORE;
}

/* The writer's chunks are on flash as its bits say. Where units are written once a chunk that was cut is in the way. */
static int plan_resume(struct nfr_store *store, uint16_t slot, struct nfr_blob *blob, const uint8_t *bits) {
  if (store->config->blobs->rewrites) {
    nfr_writer_set(store, slot, blob, bits);
    store->job.phase = NFR_PHASE_DONE;
    return NFR_STORE_MORE;
  }
  if (blob->copy != NFR_BLOB_NO_COPY) {
    int err = nfr_blob_commit(store, slot, blob, bits);
    if (err) return err;
  }
  store->job.phase = NFR_PHASE_MOVE;
  if (nfr_space_place(store, NFR_STORE_NONE, blob->bytes) == NFR_OK) return NFR_STORE_MORE;
  return plan_anew(store, slot, blob);
}

int nfr_begin_plan(struct nfr_store *store) {
  struct nfr_blob blob;
  uint8_t bits[NFR_BLOB_BITS_BYTES];
  uint16_t slot = NFR_STORE_NONE;
  int err = nfr_store_find(store, digest_of(store), &slot);
  store->job.slot = slot;
  if (err) return plan_new(store, NFR_STORE_NONE);
  err = nfr_blob_load(store, slot, &blob, bits);
  if (err) return err;
  if (blob.state == NFR_BLOB_COMPLETE) return NFR_OK;
  if (nfr_blob_is_pinned(store, slot)) return NFR_ERR_BUSY;
  if (blob.state == NFR_BLOB_WRITING && blob.bytes == store->writer.bytes && is_any(bits))
    return plan_resume(store, slot, &blob, bits);
  return plan_anew(store, slot, &blob);
}

int nfr_begin_commit(struct nfr_store *store) {
  struct nfr_store_writer *writer = &store->writer;
  struct nfr_blob blob = {
      .offset = store->job.offset,
      .bytes = writer->bytes,
      .state = NFR_BLOB_WRITING,
      .chunk_log2 = writer->chunk_log2,
  };
  uint16_t slot = store->job.slot == NFR_STORE_NONE ? nfr_journal_free_slot(store) : store->job.slot;
  if (slot == NFR_STORE_NONE) return NFR_ERR_NO_SPACE;
  memcpy(blob.digest, digest_of(store), 32);
  memset(writer->bits, 0, sizeof writer->bits);
  store->frontier = blob.offset + nfr_extent_bytes(blob.bytes);
  int err = nfr_blob_commit(store, slot, &blob, writer->bits);
  writer->offset = blob.offset;
  if (err == NFR_OK) writer->slot = slot;
  return err;
}

static bool is_request(uint32_t bytes, uint8_t chunk_log2) {
  return bytes != 0 && chunk_log2 >= 9 && chunk_log2 <= 15 && nfr_blob_chunks(bytes, chunk_log2) <= NFR_STORE_MAX_CHUNKS;
}

int nfr_store_begin(struct nfr_store *store, const uint8_t digest[32], uint32_t bytes, uint8_t chunk_log2) {
  if (!is_request(bytes, chunk_log2)) return NFR_ERR_ARGUMENT;
  int err = nfr_job_start(store, NFR_JOB_BEGIN);
  if (err) return err;
  uint16_t slot;
  bool is_known = nfr_store_find(store, digest, &slot) == NFR_OK;
  store->job.phase = NFR_PHASE_DONE;
  if (is_known && slot == store->writer.slot && bytes == store->writer.bytes) return NFR_STORE_MORE;
  err = nfr_store_sync(store);
  if (err == NFR_OK) {
    store->writer = (struct nfr_store_writer){.slot = NFR_STORE_NONE, .bytes = bytes, .chunk_log2 = chunk_log2};
    memcpy(digest_of(store), digest, 32);
    err = nfr_begin_plan(store);
  }
  if (err != NFR_STORE_MORE) nfr_store_cancel(store);
  return err;
}
