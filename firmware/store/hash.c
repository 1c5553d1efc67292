/* Jobs: their steps; hashing what is on flash. */
#include <string.h>

#include "blob.h"

#define PIECE 4096u

/* ---- hashing ---- */

static int end_hash(struct nfr_store *store, uint8_t digest[32]) {
  const struct nfr_crypto *crypto = store->config->crypto;
  store->job.phase = NFR_PHASE_DONE;
  return crypto->sha256_finish(crypto->context, &store->hash, digest);
}

int nfr_hash_start(struct nfr_store *store, uint32_t offset) {
  const struct nfr_crypto *crypto = store->config->crypto;
  store->job.at = 0;
  store->job.offset = offset;
  if (crypto->sha256_begin(crypto->context, &store->hash) != NFR_OK) {
    nfr_store_cancel(store);
    return NFR_ERR_PORT;
  }
  store->job.phase = NFR_PHASE_HASH;
  return NFR_STORE_MORE;
}

/* MORE; NFR_OK: the digest is the blob's; CORRUPT: it is not, or the bytes cannot be read; PORT: the crypto failed. */
static int hash(struct nfr_store *store, const struct nfr_blob *blob, uint32_t bytes) {
  const struct nfr_crypto *crypto = store->config->crypto;
  uint8_t digest[32];
  while (bytes != 0 && store->job.at < blob->bytes) {
    uint32_t count = blob->bytes - store->job.at;
    if (count > store->config->buffer_bytes) count = store->config->buffer_bytes;
    if (count > bytes) count = bytes;
    if (nfr_blob_read(store, store->job.offset + store->job.at, store->config->buffer, count) != NFR_OK)
      return end_hash(store, digest) == NFR_OK ? NFR_ERR_CORRUPT : NFR_ERR_PORT;
    if (crypto->sha256_update(crypto->context, &store->hash, store->config->buffer, count) != NFR_OK) return NFR_ERR_PORT;
    store->job.at += count;
    bytes -= count;
  }
  if (store->job.at < blob->bytes) return NFR_STORE_MORE;
  if (end_hash(store, digest) != NFR_OK) return NFR_ERR_PORT;
  return memcmp(digest, blob->digest, 32) == 0 ? NFR_OK : NFR_ERR_CORRUPT;
}

int nfr_hash_step(struct nfr_store *store, uint32_t bytes) {
  struct nfr_blob blob;
  int err = nfr_blob_load(store, store->job.slot, &blob, NULL);
  if (err) return err;
  err = hash(store, &blob, bytes);
  if (err == NFR_STORE_MORE || err == NFR_ERR_PORT) return err;
  if (store->job.kind == NFR_JOB_FINISH) return nfr_write_hashed(store, &blob, err);
  if (store->job.kind == NFR_JOB_ROOM) return nfr_move_hashed(store, &blob, err);
  if (err == NFR_OK) return NFR_OK;
  err = nfr_blob_damage(store, store->job.slot, &blob);
  return err ? err : NFR_ERR_CORRUPT;
}

/* ---- jobs ---- */

int nfr_job_start(struct nfr_store *store, enum nfr_store_job kind) {
  if (store->config == NULL) return NFR_ERR_ARGUMENT;
  if (store->job.kind != NFR_JOB_NONE && store->job.kind != NFR_JOB_SCRUB) return NFR_ERR_BUSY;
  nfr_store_cancel(store);
  store->job.kind = (uint8_t)kind;
  store->job.slot = NFR_STORE_NONE;
  return NFR_OK;
}

void nfr_store_cancel(struct nfr_store *store) {
  uint8_t digest[32];
  if (store->config == NULL) return;
  /* What the hash took is given back; its result is of no interest. */
  if (store->job.phase == NFR_PHASE_HASH && end_hash(store, digest) != NFR_OK) memset(&store->hash, 0, sizeof store->hash);
  memset(&store->job, 0, sizeof store->job);
}

static int step(struct nfr_store *store, uint32_t bytes) {
  switch (store->job.phase) {
    case NFR_PHASE_PLAN: return store->job.kind == NFR_JOB_BEGIN ? nfr_begin_plan(store) : nfr_room_plan(store);
    case NFR_PHASE_NEW:
    case NFR_PHASE_MOVE: return nfr_move_erase(store);
    case NFR_PHASE_COPY: return nfr_move_copy(store, bytes);
    case NFR_PHASE_HASH: return nfr_hash_step(store, bytes);
    case NFR_PHASE_SWITCH: return nfr_move_switch(store);
    default: return NFR_OK;
  }
}

int nfr_store_step(struct nfr_store *store, uint32_t bytes) {
  if (store->config == NULL) return NFR_ERR_ARGUMENT;
  if (store->job.kind == NFR_JOB_NONE || store->job.kind == NFR_JOB_SCRUB) return NFR_OK;
  int err = step(store, bytes ? bytes : PIECE);
  if (err != NFR_STORE_MORE) nfr_store_cancel(store);
  return err;
}

int nfr_store_verify(struct nfr_store *store, uint16_t slot) {
  struct nfr_blob blob;
  int err = nfr_blob_load_complete(store, slot, &blob);
  if (err) return err;
  err = nfr_job_start(store, NFR_JOB_VERIFY);
  if (err) return err;
  store->job.slot = slot;
  return nfr_hash_start(store, blob.offset);
}

/* ---- scrubbing ---- */

/* The next COMPLETE blob behind the last one, round and round. NFR_OK: there is none. */
static int start_scrub(struct nfr_store *store) {
  struct nfr_blob blob;
  uint16_t slot = store->scrub_slot;
  for (unsigned round = 0; round < 2; round++, slot = 0) {
    while (nfr_store_next_blob(store, &slot, &blob) == NFR_OK) {
      if (blob.state != NFR_BLOB_COMPLETE) continue;
      store->scrub_slot = slot;
      store->job.kind = NFR_JOB_SCRUB;
      store->job.slot = slot;
      return nfr_hash_start(store, blob.offset);
    }
  }
  return NFR_OK;
}

int nfr_store_scrub(struct nfr_store *store, uint32_t bytes, uint16_t *slot) {
  if (store->config == NULL) return NFR_ERR_ARGUMENT;
  if (store->job.kind != NFR_JOB_NONE && store->job.kind != NFR_JOB_SCRUB) return NFR_ERR_BUSY;
  int err = store->job.kind == NFR_JOB_SCRUB ? NFR_STORE_MORE : start_scrub(store);
  if (err != NFR_STORE_MORE) return err;
  *slot = store->job.slot;
  err = nfr_hash_step(store, bytes ? bytes : PIECE);
  if (err == NFR_STORE_MORE) return NFR_OK;
  nfr_store_cancel(store);
  return err;
}
