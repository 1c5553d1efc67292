/* Free blocks, and which of them an extent gets: the next ones behind the last extent, so that wear goes round. */
#include "space.h"

#include <string.h>

static uint32_t block_bytes(const struct nfr_store *store) {
  return store->blob_block_bytes;
}

void nfr_space_mark(const struct nfr_store *store, uint8_t *set, uint32_t offset, uint32_t bytes) {
  for (uint32_t block = offset / block_bytes(store); block <= (offset + bytes - 1) / block_bytes(store); block++)
    nfr_bit_set(set, block);
}

void nfr_space_load(const struct nfr_store *store, struct nfr_space *space, uint16_t without, nfr_space_rule *holds) {
  const struct nfr_store_config *config = store->config;
  struct nfr_scan scan;
  scan.slot = 0;
  memset(config->buffer, 0, config->buffer_bytes);
  space->used = config->buffer;
  space->held = config->buffer + config->buffer_bytes / 2;
  space->blocks = config->blobs->bytes / store->blob_block_bytes;
  space->spare = 1;
  space->references.first = UINT32_MAX;
  bool is_there = store->frontier < config->blobs->bytes && nfr_extent_bytes(store->frontier) == store->frontier;
  space->frontier = is_there ? store->frontier : 0;
  while (nfr_scan_next(store, &scan)) {
    if (scan.slot == without) continue;
    nfr_space_mark(store, space->used, scan.offset, scan.bytes);
    if (scan.copy != NFR_BLOB_NO_COPY) nfr_space_mark(store, space->used, scan.copy, scan.bytes);
    if (holds(store, space, &scan)) nfr_space_mark(store, space->held, scan.offset, scan.bytes);
  }
}

bool nfr_space_is_bad(const struct nfr_store *store, struct nfr_space *space, const struct nfr_scan *scan) {
  (void)store;
  (void)space;
  return scan->state == NFR_BLOB_BAD;
}

bool nfr_space_is_needed(const struct nfr_store *store, struct nfr_space *space, const struct nfr_scan *scan) {
  return scan->state == NFR_BLOB_BAD || scan->slot == store->writer.slot || nfr_blob_is_pinned(store, scan->slot) ||
         nfr_references_has(store, &space->references, scan->slot);
}

uint32_t nfr_space_slots(const struct nfr_store *store) {
  uint32_t count = 0;
  for (uint32_t slot = 1; slot < store->config->slots; slot++) count += store->config->index[slot] == NFR_STORE_NONE;
  return count;
}

uint32_t nfr_space_tail(const struct nfr_store *store, const struct nfr_space *space) {
  uint32_t size = block_bytes(store), in_block = space->frontier % size;
  return in_block != 0 && nfr_bit(space->used, space->frontier / size) ? size - in_block : 0;
}

uint32_t nfr_space_find(const struct nfr_store *store, const struct nfr_space *space, uint32_t bytes, uint32_t *offset) {
  uint32_t size = block_bytes(store), tail = nfr_space_tail(store, space), longest = tail;
  uint32_t first = (space->frontier + (tail != 0 ? size - 1 : 0)) / size, blocks = space->blocks, count = 0;
  *offset = space->frontier;
  for (uint32_t block = 0; block < blocks; block++) count += !nfr_bit(space->used, block);
  if (count < space->spare) return 0;
  count -= space->spare;
  /* Twice round: a run may begin before the frontier and end behind it. */
  for (uint32_t i = 0, run = 0; longest < bytes && i < 2 * blocks; i++) {
    uint32_t block = (first + i) % blocks;
    bool is_used = nfr_bit(space->used, block);
    run = is_used ? 0 : block == 0 ? 1 : run + 1;
    if (run == 0 || run > count) continue;
    bool is_behind_tail = run == i + 1 && first + i < blocks;
    uint32_t room = run * size + (is_behind_tail ? tail : 0);
    if (room <= longest) continue;
    longest = room;
    *offset = (block + 1) * size - room;
  }
  return longest;
}

void nfr_space_take(struct nfr_store *store, uint32_t offset, uint32_t bytes) {
  uint32_t size = block_bytes(store);
  store->job.offset = offset;
  store->job.at = (offset + size - 1) / size;
  store->job.end = (offset + bytes - 1) / size + 1;
}

int nfr_space_place(struct nfr_store *store, uint16_t without, uint32_t bytes) {
  struct nfr_space space;
  uint32_t offset;
  nfr_space_load(store, &space, without, nfr_space_is_bad);
  bytes = nfr_extent_bytes(bytes);
  if (nfr_space_tail(store, &space) == 0) store->frontier = space.frontier - space.frontier % block_bytes(store);
  if (nfr_space_find(store, &space, bytes, &offset) < bytes) return NFR_ERR_NO_SPACE;
  nfr_space_take(store, offset, bytes);
  return NFR_OK;
}

bool nfr_space_overlaps(const struct nfr_store *store, const struct nfr_scan *scan, uint32_t first, uint32_t count) {
  return scan->offset / block_bytes(store) < first + count && (scan->offset + scan->bytes - 1) / block_bytes(store) >= first;
}

uint32_t nfr_space_window(const struct nfr_space *space, uint32_t count, uint32_t least) {
  uint32_t best = NFR_SPACE_NO_WINDOW, used = 0, held = 0;
  for (uint32_t end = 0; end < space->blocks; end++) {
    used += nfr_bit(space->used, end);
    held += nfr_bit(space->held, end);
    if (end + 1 < count) continue;
    uint32_t first = end + 1 - count, key = used << 16 | first;
    if (held == 0 && key >= least && key < best) best = key;
    used -= nfr_bit(space->used, first);
    held -= nfr_bit(space->held, first);
  }
  return best;
}
