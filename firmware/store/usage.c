/* What there is. */
#include "journal_walk.h"
#include "space.h"

static uint16_t used_slots(const struct nfr_store *store) {
  uint16_t count = 0;
  for (uint16_t slot = 0; slot < store->config->slots; slot++) {
    uint8_t none;
    count = (uint16_t)(count + (nfr_journal_peek(store, slot, &none, 0) != 0));
  }
  return count;
}

int nfr_store_usage(const struct nfr_store *store, struct nfr_store_usage *usage) {
  if (store == NULL || store->config == NULL || usage == NULL) return NFR_ERR_ARGUMENT;
  struct nfr_space space;
  struct nfr_references references = {.first = UINT32_MAX};
  struct nfr_scan scan = {0};
  *usage = (struct nfr_store_usage){
      .bytes = store->config->blobs->bytes,
      .journal_live = store->live,
      .journal_room = nfr_journal_room(store),
      .slots_used = used_slots(store),
      .slots = store->config->slots,
      .was_damaged = store->was_damaged,
  };
  nfr_space_clear(store, &space);
  while (nfr_scan_next(store, &scan)) {
    nfr_space_mark_blob(store, &space, &scan);
    if (scan.state == NFR_BLOB_BAD) nfr_space_mark(store, space.held, scan.offset, scan.bytes);
    else *(nfr_is_garbage(store, &references, &scan) ? &usage->garbage : &usage->used) += scan.copy == NFR_BLOB_NO_COPY ? scan.bytes : 2 * scan.bytes;
  }
  uint32_t size = store->config->blobs->block_bytes, offset;
  for (uint32_t block = 0; block < space.blocks; block++) {
    if (!nfr_bit(space.used, block)) usage->free += size;
    if (nfr_bit(space.held, block)) usage->bad += size;
  }
  usage->free += nfr_space_tail(store, &space);
  usage->largest = nfr_space_find(store, &space, UINT32_MAX, &offset);
  return NFR_OK;
}
