/* Blobs and versions of the scenarios, and what must hold of them at any time. */
#include "powerloss_world.h"

#include <stdlib.h>
#include <string.h>

#include "crc32.h"

const struct capsule capsules[] = {
    [KWS_1] = {NAME_KWS, MANIFEST_0, {MODEL_0, SMALL_0, SMALL_0 + 1}, 1},
    [KWS_2] = {NAME_KWS, MANIFEST_0 + 1, {MODEL_0 + 1, SMALL_0, SMALL_0 + 2}, 1}, /* shares a layer */
    [KWS_3] = {NAME_KWS, MANIFEST_0 + 2, {MODEL_0 + 2, SMALL_0, SMALL_0 + 2}, 2},
    [VAD_1] = {NAME_VAD, MANIFEST_0 + 3, {MODEL_0 + 3, SMALL_0 + 3, SMALL_0}, 1},
    [VAD_2] = {NAME_VAD, MANIFEST_0 + 4, {MODEL_0 + 4, SMALL_0 + 3, SMALL_0}, 2},
    [BIG_1] = {NAME_BIG, MANIFEST_0 + 5, {LARGE_0, LARGE_0 + 2, LARGE_0 + 4}, 1},
    [NEW_1] = {NAME_NEW, MANIFEST_0 + 7, {MODEL_0 + 7, SMALL_0 + 7, SMALL_0 + 6}, 1},
};

static struct { uint32_t bytes; uint8_t *content, digest[32]; } blobs[BLOB_IDS];

const char *name_of_capsule(unsigned name) {
  static const char *const names[NAMES] = {"acme/kws", "acme/vad", "acme/big", "acme/new"};
  return names[name];
}

static uint32_t size_of(const struct job *job, unsigned id) {
  uint32_t block = job->chip.blobs.block_bytes, region = block * job->chip.blob_blocks;
  if (id < MODEL_0) return 260 + 20 * id;
  if (id < SMALL_0) return (block > 4096 ? 6000 : block < 2560 ? 5820 : 2 * block + 700) + 64 * id;
  if (id < LARGE_0) return 640 + 37 * id;
  uint32_t most = 400u * job->chip.blobs.page_bytes; /* where pages are small, moving more takes too many operations */
  if (id < KEY_LIST) return (region / 11 < most ? region / 11 : most) - 100 * id % 700;
  return 1500;
}

void world_make(const struct job *job) {
  const struct nfr_crypto *crypto = job->machines[0].config.crypto;
  for (unsigned id = 0; id < BLOB_IDS; id++) {
    uint32_t bytes = blobs[id].bytes = size_of(job, id);
    blobs[id].content = realloc(blobs[id].content, bytes);
    if (blobs[id].content == NULL) abort();
    for (uint32_t i = 0; i < bytes; i++) blobs[id].content[i] = (uint8_t)((i * 2654435761u >> 24) ^ id * 29u);
    struct nfr_sha256 hash;
    if (crypto->sha256_begin(crypto->context, &hash) != NFR_OK || crypto->sha256_update(crypto->context, &hash, blobs[id].content, bytes) != NFR_OK ||
        crypto->sha256_finish(crypto->context, &hash, blobs[id].digest) != NFR_OK)
      abort();
  }
}

uint32_t world_bytes(unsigned id) { return blobs[id].bytes; }
const uint8_t *world_content(unsigned id) { return blobs[id].content; }
const uint8_t *world_digest(unsigned id) { return blobs[id].digest; }

unsigned world_find(const uint8_t digest[32]) {
  unsigned id = 0;
  while (id < BLOB_IDS && memcmp(blobs[id].digest, digest, 32) != 0) id++;
  return id;
}

/* ---- what is observed ---- */

enum { PART_SETTINGS = 1, PART_NAME = 0x100, PART_BLOB = 0x1000 };

static uint32_t crc_of(const void *data, size_t bytes) { return nfr_crc32(0, data, bytes) | 1u; }

static void observe_name(struct state *state, const struct nfr_record *record) {
  uint32_t key = PART_NAME;
  struct nfr_name name;
  if (nfr_name_decode(record->content, record->length, record->version, &name) == NFR_OK) {
    for (unsigned i = 0; i < NAMES; i++)
      if (strlen(name_of_capsule(i)) == name.length && memcmp(name.text, name_of_capsule(i), name.length) == 0) key = PART_NAME + 1 + i;
    /* One record may be of version 1 and become one of version 2: the same state. */
    uint8_t content[NFR_RECORD_MAX_CONTENT];
    uint8_t length = nfr_name_encode(&name, content);
    add_part(state, key, crc_of(content, length));
  } else {
    add_part(state, key, 1);
  }
}

void world_observe(struct machine *m, struct state *state) {
  struct nfr_record record;
  struct nfr_blob blob;
  state->count = 0;
  for (uint16_t slot = 1; slot < SLOTS; slot++) {
    int err = nfr_journal_read(&m->store, slot, &record);
    if (err == NFR_ERR_NOT_FOUND) continue;
    if (err != NFR_OK) {
      if (nfr_flash_model_is_on(m->model)) broken(m, "the record of slot %u cannot be read: %d", slot, err);
    } else if (record.type == NFR_RECORD_NAME) {
      observe_name(state, &record);
    } else if (record.type == NFR_RECORD_BLOB && nfr_blob_decode(record.content, record.length, &blob, NULL) == NFR_OK) {
      if (blob.state == NFR_BLOB_BAD) continue;
      add_part(state, PART_BLOB + world_find(blob.digest), blob.state == NFR_BLOB_COMPLETE ? 2 : 1);
    } else {
      add_part(state, PART_BLOB - 1u - slot, 1);
    }
  }
  struct nfr_settings settings;
  nfr_lifecycle_settings(&m->store, &settings);
  uint8_t content[NFR_RECORD_MAX_CONTENT];
  add_part(state, PART_SETTINGS, crc_of(content, nfr_settings_encode(&settings, content)));
}

/* ---- what must hold ---- */

/* A blob that is being written is read where it lies: the store reads COMPLETE ones only. */
static int read_blob(struct machine *m, uint16_t slot, const struct nfr_blob *blob, uint32_t at, void *data, uint32_t bytes) {
  if (blob->state == NFR_BLOB_COMPLETE) return nfr_store_read(&m->store, slot, at, data, bytes);
  return m->config.blobs->read(m->config.blobs->context, blob->offset + at, data, bytes);
}

static bool reads_as(struct machine *m, uint16_t slot, unsigned id, const struct nfr_blob *blob, uint32_t from, uint32_t to) {
  uint8_t piece[1024];
  for (unsigned round = 0; round < 2; round++) { /* what flaps may be right once */
    for (uint32_t at = from; at < to; at += sizeof piece) {
      uint32_t count = to - at < sizeof piece ? to - at : (uint32_t)sizeof piece;
      int err = read_blob(m, slot, blob, at, piece, count);
      if (err == NFR_OK && memcmp(piece, world_content(id) + at, count) == 0) continue;
      broken(m, "blob %u in slot %u: wrong bytes between %u and %u (%d)", id, slot, at, at + count, err);
      return false;
    }
  }
  return true;
}

static bool check_chunks(struct machine *m, uint16_t slot, unsigned id, const struct nfr_blob *blob, const uint8_t *bits) {
  uint32_t chunks = nfr_blob_chunks(blob->bytes, blob->chunk_log2);
  for (uint32_t chunk = 0; chunk < chunks; chunk++) {
    bool is_there = bits[chunk / 8] >> chunk % 8 & 1;
    if (!is_there && chunk < 64 && m->shadow.saved[id] >> chunk & 1) {
      broken(m, "blob %u: chunk %u was saved and is lost", id, chunk);
      return false;
    }
    uint32_t from = chunk << blob->chunk_log2, to = from + (1u << blob->chunk_log2);
    if (is_there && !reads_as(m, slot, id, blob, from, to < blob->bytes ? to : blob->bytes)) return false;
  }
  return true;
}

static bool check_blobs(struct machine *m) {
  uint64_t writing = 0;
  for (uint16_t slot = 1; slot < SLOTS; slot++) {
    struct nfr_record record;
    struct nfr_blob blob;
    uint8_t bits[NFR_STORE_MAX_CHUNKS / 8];
    if (nfr_journal_read(&m->store, slot, &record) != NFR_OK || record.type != NFR_RECORD_BLOB) continue;
    if (nfr_blob_decode(record.content, record.length, &blob, bits) != NFR_OK || blob.state == NFR_BLOB_BAD) continue;
    unsigned id = world_find(blob.digest);
    if (id == BLOB_IDS || blob.bytes != world_bytes(id)) {
      broken(m, "slot %u holds a blob that nobody wrote", slot);
      return false;
    }
    if (blob.state == NFR_BLOB_COMPLETE && !reads_as(m, slot, id, &blob, 0, blob.bytes)) return false;
    if (blob.state == NFR_BLOB_WRITING && !check_chunks(m, slot, id, &blob, bits)) return false;
    if (blob.state == NFR_BLOB_WRITING) writing |= UINT64_C(1) << id;
  }
  for (unsigned id = 0; id < BLOB_IDS; id++)
    if (!(writing >> id & 1)) m->shadow.saved[id] = 0;
  return true;
}

/* A name whose version was confirmed has one that can run, and its blobs are the ones that belong to it. */
static bool check_names(struct machine *m) {
  uint16_t slot = 0;
  struct nfr_name name;
  while (nfr_lifecycle_next(&m->store, &slot, &name) == NFR_OK) {
    const struct nfr_version *version = &name.versions[NFR_PLACE_CONFIRMED];
    if (version->state == NFR_STATE_NONE) continue;
    for (unsigned i = 0; i < 6; i++) {
      struct nfr_blob blob;
      if (version->blobs[i] == NFR_STORE_NONE) continue;
      int err = nfr_store_blob(&m->store, version->blobs[i], &blob);
      if (err == NFR_OK && blob.state == NFR_BLOB_COMPLETE) continue;
      broken(m, "%.*s: blob %u of the confirmed version is not there (%d, state %u)", name.length, name.text, i, err, err ? 0u : blob.state);
      return false;
    }
    struct nfr_settings settings; /* what another firmware has checked does not run before this one has */
    nfr_lifecycle_settings(&m->store, &settings);
    if (version->epoch == settings.epoch && nfr_lifecycle_serving(&m->store, slot) < 0) {
      broken(m, "%.*s was confirmed, and nothing of it can run", name.length, name.text);
      return false;
    }
  }
  return true;
}

bool world_check(struct machine *m) { return extents_are_apart(m) && check_blobs(m) && check_names(m); }
