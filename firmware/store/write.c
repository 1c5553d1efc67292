/* Writing the chunks of a blob, and its end. */
#include <string.h>

#include "blob.h"

/* 0 without a writer. */
static uint32_t chunks_of(const struct nfr_store *store) {
  if (store->config == NULL || store->writer.slot == NFR_STORE_NONE) return 0;
  return nfr_blob_chunks(store->writer.bytes, store->writer.chunk_log2);
}

uint32_t nfr_store_missing(const struct nfr_store *store, uint32_t chunk) {
  uint32_t chunks = chunks_of(store);
  while (chunk < chunks && nfr_bit(store->writer.bits, chunk)) chunk++;
  return chunk < chunks ? chunk : chunks;
}

/* The writer's record, with what it wrote since counted. */
static int load_writer(struct nfr_store *store, struct nfr_blob *blob) {
  int err = nfr_blob_load(store, store->writer.slot, blob, NULL);
  if (err) return err;
  blob->written += (uint32_t)store->writer.unsaved << blob->chunk_log2;
  return NFR_OK;
}

int nfr_store_sync(struct nfr_store *store) {
  if (store->config == NULL) return NFR_ERR_ARGUMENT;
  if (store->writer.slot == NFR_STORE_NONE || store->writer.unsaved == 0) return NFR_OK;
  struct nfr_blob blob;
  int err = load_writer(store, &blob);
  if (err == NFR_OK) err = nfr_blob_commit(store, store->writer.slot, &blob, store->writer.bits);
  if (err == NFR_OK) store->writer.unsaved = 0;
  return err;
}

static int give_up(struct nfr_store *store) {
  int err = nfr_blob_give_up(store, store->writer.slot);
  return err ? err : NFR_ERR_PORT;
}

int nfr_store_write(struct nfr_store *store, uint32_t chunk, const void *data, uint32_t bytes) {
  uint32_t chunks = chunks_of(store);
  if (chunk >= chunks) return NFR_ERR_ARGUMENT;
  struct nfr_store_writer *writer = &store->writer;
  uint32_t at = chunk << writer->chunk_log2, size = 1u << writer->chunk_log2;
  if (bytes != (size < writer->bytes - at ? size : writer->bytes - at)) return NFR_ERR_ARGUMENT;
  if (nfr_bit(writer->bits, chunk)) return NFR_OK;
  if (nfr_blob_program(store, writer->offset + at, data, bytes) != NFR_OK) return give_up(store);
  nfr_bit_set(writer->bits, chunk);
  writer->unsaved++;
  return writer->unsaved >= 8 && writer->unsaved >= chunks / 16 ? nfr_store_sync(store) : NFR_OK;
}

int nfr_store_finish(struct nfr_store *store) {
  if (chunks_of(store) == 0 || nfr_store_missing(store, 0) != chunks_of(store)) return NFR_ERR_ARGUMENT;
  int err = nfr_job_start(store, NFR_JOB_FINISH);
  if (err) return err;
  store->job.slot = store->writer.slot;
  return nfr_hash_start(store, store->writer.offset);
}

int nfr_write_hashed(struct nfr_store *store, struct nfr_blob *blob, int result) {
  uint16_t slot = store->writer.slot;
  int err;
  if (result == NFR_OK) {
    err = load_writer(store, blob);
    blob->state = NFR_BLOB_COMPLETE;
    if (err == NFR_OK) err = nfr_blob_commit(store, slot, blob, NULL);
    if (err == NFR_OK) store->writer.slot = NFR_STORE_NONE;
  } else {
    err = nfr_blob_give_up(store, slot);
  }
  return err ? err : result;
}
