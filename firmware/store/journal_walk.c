/* Reading the chain: SPEC §3. The newest block first, so that no list of blocks is needed: a slot whose record has been found in a
 * later block is not looked at again in an earlier one. */
#include "journal_walk.h"

#include "capsule/bytes.h"

#define LOOK_AHEAD (2 * NFR_JOURNAL_RECORD_BYTES) /* behind an unreadable place of the last block */

struct walk {
  struct nfr_store *store;
  struct nfr_journal_header header;
  uint32_t block, end;  /* of the block that is read, and where its records end */
  uint32_t counted_end; /* behind the last record that counts */
  uint32_t end_end;     /* behind END */
  bool is_last, has_end, has_frontier, too_many_slots;
  bool is_sealed;        /* something stands behind END in its block */
  bool is_sure;          /* … that proves that what makes it count was programmed completely */
  bool frontier_is_here; /* in this block */
  struct { bool is_there; struct nfr_journal_item item; uint32_t position, frontier; } pending;
};

static uint32_t place_of(const struct walk *walk, uint32_t position) {
  const struct nfr_store *store = walk->store;
  return (walk->block * store->block_bytes + position) / store->align;
}

/* The record counts. */
static void apply(struct walk *walk, const struct nfr_journal_item *item, uint32_t position, uint32_t frontier) {
  struct nfr_store *store = walk->store;
  uint32_t first = place_of(walk, 0), next = place_of(walk, store->block_bytes);
  if (item->type != NFR_RECORD_SETTINGS && item->type != NFR_RECORD_NAME && (!walk->has_frontier || walk->frontier_is_here)) {
    store->frontier = frontier;
    walk->has_frontier = walk->frontier_is_here = true;
  }
  if (item->type == NFR_RECORD_END) return;
  if (item->slot >= store->config->slots) {
    walk->too_many_slots = true;
    return;
  }
  uint16_t *entry = &store->config->index[item->slot];
  if (*entry == NFR_STORE_NONE || (*entry >= first && *entry < next)) *entry = (uint16_t)place_of(walk, position);
}

/* Where a record's content says how far blobs reach. */
static uint32_t frontier_of(const struct nfr_record *record) {
  uint32_t at = record->type == NFR_RECORD_BLOB ? 44 : record->type == NFR_RECORD_END ? 4 : 0;
  return at + 4 <= record->length ? nfr_le32(record->content + at) : UINT32_MAX;
}

static void take_item(struct walk *walk, const struct nfr_journal_item *item, const struct nfr_record *record, uint32_t position) {
  if (walk->pending.is_there) apply(walk, &walk->pending.item, walk->pending.position, walk->pending.frontier);
  walk->pending.is_there = false;
  walk->counted_end = item->end;
  if (item->type == NFR_RECORD_SEAL) {
    /* Of each two places behind END the second is programmed when the first one is complete. */
    walk->is_sure |= walk->has_end && ((position - walk->end_end) / walk->store->align & 1u) != 0;
    walk->is_sealed |= walk->has_end;
  } else if (item->type == NFR_RECORD_END) {
    walk->has_end = true;
    walk->end_end = item->end;
    apply(walk, item, position, frontier_of(record));
  } else if (walk->is_last) {
    walk->is_sealed |= walk->has_end;
    walk->is_sure |= walk->has_end;
    walk->pending.is_there = true;
    walk->pending.item = *item;
    walk->pending.position = position;
    walk->pending.frontier = frontier_of(record);
  } else {
    apply(walk, item, position, frontier_of(record));
  }
}

/* Finds the next readable record behind an unreadable place, if there is one. */
static bool find_item(const struct walk *walk, uint32_t *position, struct nfr_journal_item *item, struct nfr_record *record) {
  uint32_t align = walk->store->align, limit = walk->end;
  if (walk->is_last && limit - *position > LOOK_AHEAD) limit = *position + LOOK_AHEAD;
  for (uint32_t at = *position + align; at + 8 <= limit; at += align) {
    if (nfr_journal_read_item(walk->store, walk->block, walk->header.sequence, at, item, record) != NFR_OK) continue;
    *position = at;
    return true;
  }
  return false;
}

/* Reads a block from `header` to `end`; says whether it holds anything. */
static bool read_block(struct walk *walk) {
  struct nfr_record record;
  struct nfr_journal_item item;
  uint32_t position = NFR_JOURNAL_HEADER_BYTES, align = walk->store->align;
  bool is_there = false;
  walk->frontier_is_here = false;
  walk->counted_end = position;
  while (position + 8 <= walk->end) {
    uint32_t at = position;
    if (nfr_journal_read_item(walk->store, walk->block, walk->header.sequence, at, &item, &record) != NFR_OK) {
      bool found = find_item(walk, &at, &item, &record);
      /* A lone place is a seal that was cut; so is what stands between seals. In the last block nothing behind is the end. */
      if (found ? item.type != NFR_RECORD_SEAL : !walk->is_last && walk->end - position > align) walk->store->was_damaged = true;
      if (!found) break;
    }
    take_item(walk, &item, &record, at);
    is_there = true;
    position = item.end;
  }
  return is_there;
}

/* After the last block: where the chain ends. */
static void set_link(struct walk *walk) {
  struct nfr_store *store = walk->store;
  uint32_t end = walk->pending.is_there ? walk->pending.position : walk->counted_end;
  bool counts = end > NFR_JOURNAL_HEADER_BYTES; /* a block with a half-programmed record alone does not */
  store->link.block = (uint16_t)(counts ? walk->block : walk->header.previous_block);
  store->link.sequence = counts ? walk->header.sequence : walk->header.previous_sequence;
  store->link.end = counts ? end : walk->header.previous_end * store->align;
  /* Before the record is written again its block is not erased: an earlier boot may have seen its seal. */
  store->chain = counts || walk->pending.is_there ? UINT32_C(1) << walk->block : 0;
}

/* From the block that was read to the one before it. EMPTY: the way is broken. */
static int step_back(struct walk *walk) {
  struct nfr_store *store = walk->store;
  const struct nfr_journal_header next = walk->header;
  walk->block = next.previous_block;
  walk->end = next.previous_end * store->align;
  walk->is_last = false;
  if (walk->block >= store->blocks || walk->end > store->block_bytes) return NFR_ERR_EMPTY;
  if (nfr_journal_read_header(store, walk->block, &walk->header) != NFR_OK) return NFR_ERR_EMPTY;
  if (walk->header.sequence != next.previous_sequence || walk->header.sequence >= next.sequence) return NFR_ERR_EMPTY;
  if (walk->header.version != next.version && !(next.flags & NFR_JOURNAL_START)) return NFR_ERR_EMPTY;
  store->chain |= UINT32_C(1) << walk->block;
  (void)read_block(walk);
  store->chain_bytes += walk->end;
  return NFR_OK;
}

/* Empties the slots whose newest record is FREE and adds up what lives. */
static void sum_up(struct nfr_store *store) {
  const struct nfr_flash *flash = store->config->journal;
  store->live = 0;
  for (uint32_t slot = 0; slot < store->config->slots; slot++) {
    uint16_t *entry = &store->config->index[slot];
    uint8_t head[8];
    if (*entry == NFR_STORE_NONE) continue;
    int err = flash->read(flash->context, *entry * store->align, head, sizeof head);
    if (err == NFR_OK && head[2] == NFR_RECORD_FREE) *entry = NFR_STORE_NONE;
    else if (err == NFR_OK) store->live += nfr_journal_size(store, head[3]);
  }
}

static int read_chain(struct walk *walk) {
  struct nfr_store *store = walk->store;
  store->version = walk->header.version;
  while (!(walk->header.flags & NFR_JOURNAL_START)) {
    int err = step_back(walk);
    if (err) return err;
  }
  /* END in an earlier block than the last: the later one proves it. */
  if (!walk->has_end) return NFR_ERR_EMPTY;
  return walk->too_many_slots ? NFR_ERR_CORRUPT : NFR_OK;
}

int nfr_journal_walk_pending(struct nfr_store *store, uint16_t block, struct nfr_journal_pending *pending) {
  struct walk walk = {.store = store, .block = block, .end = store->block_bytes, .is_last = true};
  memset(store->config->index, 0xff, store->config->slots * sizeof *store->config->index);
  store->frontier = UINT32_MAX;
  if (nfr_journal_read_header(store, block, &walk.header) != NFR_OK) return NFR_ERR_EMPTY;
  if (!read_block(&walk)) return NFR_ERR_EMPTY;
  bool end_is_last = walk.has_end;
  if (end_is_last && !walk.is_sealed) return NFR_ERR_EMPTY;
  set_link(&walk);
  store->chain_bytes = walk.counted_end;
  uint32_t pair = 2 * store->align;
  pending->proof = end_is_last && !walk.is_sure ? walk.end_end + (walk.counted_end - walk.end_end + pair - 1) / pair * pair : 0;
  pending->is_there = walk.pending.is_there;
  pending->block = block;
  pending->sequence = walk.header.sequence;
  pending->position = walk.pending.position;
  walk.pending.is_there = false;
  int err = read_chain(&walk);
  if (err == NFR_OK) sum_up(store);
  return err;
}

int nfr_journal_walk(struct nfr_store *store, uint16_t block) {
  struct nfr_journal_pending pending;
  return nfr_journal_walk_pending(store, block, &pending);
}
