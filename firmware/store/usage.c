/* What there is. */
#include "space.h"

int nfr_store_usage(const struct nfr_store *store, struct nfr_store_usage *usage) {
  if (store->config == NULL) return NFR_ERR_ARGUMENT;
  struct nfr_space space;
  struct nfr_scan scan;
  scan.slot = 0;
  *usage = (struct nfr_store_usage){
      .bytes = store->config->blobs->bytes,
      .journal_live = store->live,
      .journal_room = nfr_journal_room(store),
      .slots_used = (uint16_t)(store->config->slots - nfr_space_slots(store)),
      .slots = store->config->slots,
      .was_damaged = store->was_damaged,
  };
  nfr_space_load(store, &space, NFR_STORE_NONE, nfr_space_is_bad);
  while (nfr_scan_next(store, &scan)) {
    uint32_t bytes = scan.copy == NFR_BLOB_NO_COPY ? scan.bytes : 2 * scan.bytes;
    if (scan.state == NFR_BLOB_BAD) usage->bad += bytes;
    else if (nfr_space_is_needed(store, &space, &scan)) usage->used += bytes;
    else usage->garbage += bytes;
  }
  uint32_t size = store->blob_block_bytes, offset;
  for (uint32_t block = 0; block < space.blocks; block++) {
    if (!nfr_bit(space.used, block)) usage->free += size;
  }
  usage->free += nfr_space_tail(store, &space);
  usage->largest = nfr_space_find(store, &space, UINT32_MAX, &offset);
  return NFR_OK;
}
