/* Making room: garbage is freed, then blobs move out of the cheapest window of blocks. One record, erase or piece a step; and
 * each step frees something, moves something out of the window, or gives up a window for good (at this level, of eight), so the
 * job ends. With large blocks nearly every block is used a little: what has to be moved tells the cheap windows. */
#include "space.h"

/* Up to twice as much as a window holds: blobs that reach into it from both sides. */
#define LEVELS 8u

static uint32_t window_blocks(const struct nfr_store *store) {
  uint32_t size = store->blob_block_bytes;
  return store->job.bytes == 0 ? 1 : (store->job.bytes + size - 1) / size;
}

/* Frees the first garbage in the cheapest window that would be free without any garbage, or else the first. */
static int free_garbage(struct nfr_store *store, struct nfr_space *space, uint32_t count) {
  uint32_t window = nfr_space_window(space, count, 0), first = window & 0xffffu;
  if (window == NFR_SPACE_NO_WINDOW || window >> 16 == 0) { /* nothing is in the way: slots are what is asked for */
    first = 0;
    count = space->blocks;
  }
  struct nfr_scan scan;
  scan.slot = 0;
  while (nfr_scan_next(store, &scan)) {
    if (!nfr_space_overlaps(store, &scan, first, count) || nfr_space_is_needed(store, space, &scan)) continue;
    int err = nfr_blob_give_up(store, scan.slot);
    return err ? err : NFR_STORE_MORE;
  }
  return NFR_ERR_NO_SPACE;
}

/* ---- compaction ---- */

static bool stays(const struct nfr_store *store, struct nfr_space *space, const struct nfr_scan *scan) {
  (void)space;
  return scan->state > NFR_BLOB_COMPLETE || scan->slot == store->writer.slot || nfr_blob_is_pinned(store, scan->slot);
}

/* Whether all that is in the window is little enough and finds a place outside of it: if so, the first blob's is the job's. */
static bool evacuate(struct nfr_store *store, struct nfr_space *space, uint32_t first, uint32_t count) {
  uint32_t size = store->blob_block_bytes, offset, moved = 0;
  uint32_t most = store->job.is_chosen ? UINT32_MAX : count * (size / 4) * (store->job.level + 1u);
  nfr_space_mark(store, space->used, first * size, count * size);
  space->spare = 0;
  if (space->frontier / size - first < count) space->frontier = (first + count) % space->blocks * size;
  struct nfr_scan scan;
  scan.slot = 0;
  store->job.slot = NFR_STORE_NONE;
  while (nfr_scan_next(store, &scan)) {
    if (!nfr_space_overlaps(store, &scan, first, count)) continue;
    moved += scan.bytes;
    if (moved > most || stays(store, space, &scan) || nfr_space_find(store, space, scan.bytes, &offset) < scan.bytes) return false;
    nfr_space_mark(store, space->used, offset, scan.bytes);
    space->frontier = (offset + scan.bytes) % store->config->blobs->bytes;
    if (store->job.slot != NFR_STORE_NONE) continue;
    store->job.slot = scan.slot;
    nfr_space_take(store, offset, scan.bytes);
  }
  return store->job.slot != NFR_STORE_NONE;
}

/* job.window: the window that is being evacuated, as nfr_space_window gave it; while !is_chosen, the next one has to be
 * greater. */
static int compact(struct nfr_store *store, struct nfr_space *space, uint32_t count) {
  nfr_space_load(store, space, NFR_STORE_NONE, stays);
  if (!store->job.is_chosen) {
    store->job.window = nfr_space_window(space, count, store->job.window);
    if (store->job.window == NFR_SPACE_NO_WINDOW) {
      store->job.window = 0;
      return ++store->job.level == LEVELS ? NFR_ERR_NO_SPACE : NFR_STORE_MORE;
    }
  }
  if (evacuate(store, space, store->job.window & 0xffffu, count)) {
    store->job.is_chosen = true;
    store->job.phase = NFR_PHASE_MOVE;
    return NFR_STORE_MORE;
  }
  store->job.slot = NFR_STORE_NONE;
  store->job.is_chosen = false;
  store->job.window++;
  return NFR_STORE_MORE;
}

/* ---- the job ---- */

/* NFR_OK: there is none, or of a blob whose record cannot be read: nothing can be done for it. */
static int drop_a_copy(struct nfr_store *store) {
  struct nfr_scan scan;
  scan.slot = 0;
  struct nfr_blob blob;
  uint8_t bits[NFR_BLOB_BITS_BYTES];
  while (nfr_scan_next(store, &scan)) {
    if (scan.copy == NFR_BLOB_NO_COPY || nfr_blob_load(store, scan.slot, &blob, bits) != NFR_OK) continue;
    int err = nfr_blob_commit(store, scan.slot, &blob, bits);
    return err ? err : NFR_STORE_MORE;
  }
  return NFR_OK;
}

int nfr_room_plan(struct nfr_store *store) {
  struct nfr_space space;
  uint32_t bytes = nfr_extent_bytes(store->job.bytes), offset;
  int err = drop_a_copy(store);
  if (err) return err;
  nfr_space_load(store, &space, NFR_STORE_NONE, nfr_space_is_needed);
  bool has_slots = nfr_space_slots(store) >= store->job.other;
  if (has_slots && nfr_space_find(store, &space, bytes, &offset) >= bytes) return NFR_OK;
  uint32_t count = window_blocks(store);
  err = free_garbage(store, &space, count);
  return err == NFR_ERR_NO_SPACE && has_slots ? compact(store, &space, count) : err;
}

int nfr_store_room(struct nfr_store *store, uint32_t bytes, uint16_t slots) {
  if (bytes > NFR_STORE_MAX_BLOB_BYTES) return NFR_ERR_ARGUMENT;
  int err = nfr_job_start(store, NFR_JOB_ROOM);
  if (err) return err;
  store->job.bytes = bytes;
  store->job.other = slots;
  return NFR_STORE_MORE;
}
