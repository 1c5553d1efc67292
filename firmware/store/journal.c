/* Writing the journal: commits, new blocks, snapshots (SPEC §3). */
#include "journal.h"

#include "capsule/bytes.h"
#include "journal_walk.h"

static uint32_t bit(uint32_t block) {
  return UINT32_C(1) << block;
}

static uint32_t count_of(uint32_t set) {
  uint32_t count = 0;
  for (; set != 0; set &= set - 1) count++;
  return count;
}

/* Blocks that may be opened: not in the chain, not bad, not the one that is open. */
static uint32_t candidates(const struct nfr_store *store) {
  uint32_t all = UINT32_MAX >> (NFR_JOURNAL_MAX_BLOCKS - store->blocks);
  uint32_t open = store->is_open ? bit(store->block) : 0;
  return all & ~store->chain & ~store->bad & ~open;
}

/* The first of a set of blocks behind `block`, in ring order; NFR_STORE_NONE when it is empty. */
static uint32_t next_of(const struct nfr_store *store, uint32_t set, uint32_t block) {
  uint32_t blocks = store->blocks;
  for (uint32_t i = 0; i < blocks; i++) {
    block = block + 1 < blocks ? block + 1 : 0;
    if (set & bit(block)) return block;
  }
  return NFR_STORE_NONE;
}

/* What records can fill in a block for certain. */
static uint32_t usable(const struct nfr_store *store) {
  return store->block_bytes - NFR_JOURNAL_HEADER_BYTES - NFR_JOURNAL_RECORD_BYTES;
}

/* Blocks of a snapshot of the live records and `more` bytes. */
static uint32_t snapshot_blocks(const struct nfr_store *store, uint32_t more) {
  return (store->live + more + nfr_journal_end_room(store) + usable(store) - 1) / usable(store);
}

uint32_t nfr_journal_room(const struct nfr_store *store) {
  uint32_t blocks = store->blocks - count_of(store->bad);
  return blocks / 2 * usable(store) / 4 * 3;
}

/* ---- reading ---- */

static int read_at(const struct nfr_store *store, uint32_t offset, void *bytes, uint32_t count) {
  const struct nfr_flash *flash = store->config->journal;
  return flash->read(flash->context, offset, bytes, count);
}

/* Head of a slot's live record. NOT_FOUND, or PORT. */
static int read_head(const struct nfr_store *store, uint16_t slot, uint8_t head[8], uint32_t *offset) {
  if (store->config == NULL || slot >= store->config->slots || store->config->index[slot] == NFR_STORE_NONE) return NFR_ERR_NOT_FOUND;
  *offset = store->config->index[slot] * store->align;
  return read_at(store, *offset, head, 8);
}

static uint32_t live_size(const struct nfr_store *store, uint16_t slot) {
  uint8_t head[8];
  uint32_t offset;
  return read_head(store, slot, head, &offset) == NFR_OK ? nfr_journal_size(store, head[3]) : 0;
}

uint8_t nfr_journal_peek(const struct nfr_store *store, uint16_t slot, void *content, uint32_t count) {
  uint8_t head[8];
  uint32_t offset;
  memset(content, 0, count);
  if (read_head(store, slot, head, &offset) != NFR_OK) return 0;
  if (count > head[3]) count = head[3];
  return read_at(store, offset + 8, content, count) == NFR_OK ? head[2] : 0;
}

int nfr_journal_read(const struct nfr_store *store, uint16_t slot, struct nfr_record *record) {
  uint8_t head[8], sequence[4];
  uint32_t offset;
  int err = read_head(store, slot, head, &offset);
  if (err) return err == NFR_ERR_PORT ? NFR_ERR_CORRUPT : err;
  uint32_t block = offset / store->block_bytes, base = block * store->block_bytes;
  if (read_at(store, base + 8, sequence, 4) != NFR_OK) return NFR_ERR_CORRUPT;
  struct nfr_journal_item item;
  record->version = store->version;
  err = nfr_journal_read_item(store, block, nfr_le32(sequence), offset - base, &item, record);
  return err ? err : item.slot == slot ? NFR_OK : NFR_ERR_CORRUPT;
}

uint16_t nfr_journal_free_slot(const struct nfr_store *store) {
  for (uint16_t slot = 1; slot < store->config->slots; slot++) {
    if (store->config->index[slot] == NFR_STORE_NONE) return slot;
  }
  return NFR_STORE_NONE;
}

/* ---- blocks ---- */

static void erase(struct nfr_store *store, uint32_t block) {
  const struct nfr_flash *flash = store->config->journal;
  if (flash->erase(flash->context, block) == NFR_OK) store->fresh |= bit(block);
  else store->bad |= bit(block);
}

/* Opens the next block in ring order, behind `link`. Nothing refers to it before a record stands in it. */
static int open_next(struct nfr_store *store, uint8_t flags) {
  store->is_open = false;
  for (;;) {
    uint32_t block = next_of(store, candidates(store), store->block);
    if (block == NFR_STORE_NONE) return NFR_ERR_PORT;
    if (!(store->fresh & bit(block))) {
      erase(store, block);
      if (store->bad & bit(block)) continue;
    }
    store->fresh &= ~bit(block);
    struct nfr_journal_header header = {
        .version = NFR_STORE_VERSION,
        .flags = flags,
        .sequence = ++store->sequence,
        .previous_block = store->link.block,
        .previous_end = (uint16_t)(store->link.end / store->align),
        .previous_sequence = store->link.sequence,
    };
    if (nfr_journal_write_header(store, block, &header) == NFR_OK) {
      store->block = (uint16_t)block;
      store->block_sequence = header.sequence;
      store->position = NFR_JOURNAL_HEADER_BYTES;
      store->is_open = true;
      return NFR_OK;
    }
    store->bad |= bit(block);
  }
}

/* What has been written in the open block counts now, up to its position. */
static void move_link(struct nfr_store *store) {
  if (store->link.block != store->block) store->chain_bytes += NFR_JOURNAL_HEADER_BYTES;
  store->chain |= bit(store->block);
  store->link.block = store->block;
  store->link.sequence = store->block_sequence;
  store->link.end = store->position;
}

/* Programs one record at the open block's position, or closes the block as bad. */
static int put(struct nfr_store *store, struct nfr_journal_item *item, const void *content) {
  if (nfr_journal_write_item(store, store->block, store->block_sequence, store->position, item, content) != NFR_OK) {
    store->bad |= bit(store->block);
    store->is_open = false;
    return NFR_ERR_PORT;
  }
  store->chain_bytes += item->end - store->position;
  store->position = item->end;
  return NFR_OK;
}

static int put_seal(struct nfr_store *store) {
  struct nfr_journal_item seal = {.slot = NFR_STORE_NONE, .type = NFR_RECORD_SEAL};
  int err = put(store, &seal, NULL);
  if (err) return err;
  move_link(store);
  store->is_claimed = true;
  return NFR_OK;
}

/* ---- snapshots ---- */

static bool has_room(const struct nfr_store *store, uint32_t bytes) {
  return store->is_open && store->position + bytes <= store->block_bytes;
}

/* Room for a record of the snapshot, in a further block when need be. */
static int make_room(struct nfr_store *store, uint32_t bytes) {
  if (has_room(store, bytes)) return NFR_OK;
  move_link(store);
  return open_next(store, 0);
}

/* A record that is to be the state of its slot. */
struct nfr_journal_change {
  struct nfr_journal_item item;
  const void *content;
};

static void set_frontier(struct nfr_store *store, const struct nfr_journal_change *change) {
  const struct nfr_journal_item *item = &change->item;
  const uint8_t *content = change->content;
  if (item->type == NFR_RECORD_BLOB && item->length >= 48) store->frontier = nfr_le32(content + 44);
  if (item->type == NFR_RECORD_FREE && item->length >= 4) store->frontier = nfr_le32(content);
}

/* In a further block of the snapshot when need be. */
static int put_change(struct nfr_store *store, const struct nfr_journal_change *change) {
  struct nfr_journal_item item = change->item;
  if (item.type == NFR_RECORD_FREE) return NFR_OK;
  int err = make_room(store, nfr_journal_size(store, item.length));
  return err ? err : put(store, &item, change->content);
}

static int copy_record(struct nfr_store *store, uint16_t slot) {
  struct nfr_record record;
  int length = nfr_journal_read(store, slot, &record);
  if (length == NFR_OK) length = nfr_record_upgrade(record.type, record.version, record.content, record.length);
  if (length < 0) {
    store->was_damaged = true; /* nothing is left of it to copy */
    return NFR_OK;
  }
  const struct nfr_journal_change change = {{.slot = slot, .type = record.type, .length = (uint8_t)length}, record.content};
  return put_change(store, &change);
}

/* With the change, when there is one (not null). */
static int write_snapshot(struct nfr_store *store, const struct nfr_journal_change *change) {
  int err = open_next(store, NFR_JOURNAL_START);
  for (uint16_t slot = 0; err == NFR_OK && slot < store->config->slots; slot++) {
    if (change != NULL && slot == change->item.slot) err = put_change(store, change);
    else if (store->config->index[slot] != NFR_STORE_NONE) err = copy_record(store, slot);
  }
  if (change != NULL) set_frontier(store, change);
  if (err == NFR_OK) err = make_room(store, nfr_journal_end_room(store));
  if (err) return err;
  const uint32_t end[2] = {0, store->frontier};
  struct nfr_journal_item item = {.slot = NFR_STORE_NONE, .type = NFR_RECORD_END, .length = sizeof end};
  err = put(store, &item, end);
  if (err == NFR_OK) err = put_seal(store);
  return err ? err : put_seal(store);
}

/* Writes all live records to new blocks. The old chain is whole until both seals stand: what goes wrong leads back to it. A record
 * that is being committed stands in the snapshot, not behind it: it may be one whose seal was cut, and that an earlier boot saw sealed. */
static int take_snapshot(struct nfr_store *store, const struct nfr_journal_change *change) {
  const struct nfr_journal_link old = store->link;
  for (uint32_t i = 0; i < store->blocks; i++) {
    int err = write_snapshot(store, change);
    if (err == NFR_OK) {
      err = nfr_journal_walk(store, store->block);
      if (err == NFR_OK) return NFR_OK;
      store->bad |= bit(store->block); /* cannot be read back */
    }
    store->is_open = false;
    store->link = old;
    store->chain = 0;
    if (old.block != NFR_STORE_NONE && nfr_journal_walk(store, old.block) != NFR_OK) {
      store->config = NULL; /* nothing can be read any more */
      return NFR_ERR_PORT;
    }
  }
  return NFR_ERR_PORT;
}

/* The next block would begin a snapshot: otherwise as many must be left as one takes when that block has been filled with
 * what was not there before. */
static bool is_snapshot_due(const struct nfr_store *store) {
  return store->link.block == NFR_STORE_NONE || store->version != NFR_STORE_VERSION ||
         count_of(candidates(store)) <= snapshot_blocks(store, store->block_bytes) ||
         store->chain_bytes > 2 * store->live + store->block_bytes / 4 * 3;
}

static int open_block(struct nfr_store *store) {
  return is_snapshot_due(store) ? take_snapshot(store, NULL) : open_next(store, 0);
}

/* ---- what others call ---- */

/* One record and its seal, in the open block. */
static int append(struct nfr_store *store, const struct nfr_journal_change *change) {
  struct nfr_journal_item item = change->item;
  uint32_t at = store->position, old = live_size(store, item.slot);
  int err = put(store, &item, change->content);
  if (err) return err;
  err = put_seal(store);
  if (err) return err;
  bool is_free = item.type == NFR_RECORD_FREE;
  store->live = store->live - old + (is_free ? 0 : item.end - at);
  uint32_t place = (store->block * store->block_bytes + at) / store->align;
  store->config->index[item.slot] = (uint16_t)(is_free ? NFR_STORE_NONE : place);
  set_frontier(store, change);
  return NFR_OK;
}

int nfr_journal_commit(struct nfr_store *store, uint16_t slot, uint8_t type, const void *content, uint8_t length) {
  if (store->config == NULL || slot >= store->config->slots || length > NFR_RECORD_MAX_CONTENT) return NFR_ERR_ARGUMENT;
  uint32_t size = nfr_journal_size(store, length), old = live_size(store, slot);
  if (type != NFR_RECORD_FREE && size > old && store->live - old + size > nfr_journal_room(store)) return NFR_ERR_NO_SPACE;
  const struct nfr_journal_change change = {{.slot = slot, .type = type, .length = length}, content};
  /* Each round loses a block that fails, or ends. */
  for (uint32_t i = 0; i <= store->blocks; i++) {
    if (!has_room(store, size + store->align)) {
      if (is_snapshot_due(store)) return take_snapshot(store, &change);
      int err = open_next(store, 0);
      if (err) return err;
    }
    if (append(store, &change) == NFR_OK) return NFR_OK;
  }
  return NFR_ERR_PORT;
}

int nfr_journal_claim(struct nfr_store *store) {
  if (store->config == NULL) return NFR_ERR_ARGUMENT;
  for (uint32_t i = 0; !store->is_claimed; i++) {
    if (i > store->blocks) return NFR_ERR_PORT;
    int err = store->is_open ? NFR_OK : open_block(store);
    if (err) return err;
    if (!store->is_claimed && put_seal(store) == NFR_OK) return NFR_OK;
  }
  return NFR_OK;
}

int nfr_store_prepare(struct nfr_store *store, unsigned records) {
  if (store->config == NULL || records < 1 || records > 4) return NFR_ERR_ARGUMENT;
  uint32_t need = records * (NFR_JOURNAL_RECORD_BYTES + store->align);
  if (need > store->block_bytes - NFR_JOURNAL_HEADER_BYTES) return NFR_ERR_ARGUMENT;
  if (has_room(store, need)) return NFR_OK;
  uint32_t ahead = is_snapshot_due(store) ? snapshot_blocks(store, 0) : 1;
  uint32_t left = candidates(store);
  uint32_t block = store->block;
  for (; ahead != 0; ahead--) {
    block = next_of(store, left, block);
    if (block == NFR_STORE_NONE) break;
    left &= ~bit(block);
    if (store->fresh & bit(block)) continue;
    erase(store, block);
    return NFR_STORE_MORE;
  }
  int err = open_block(store);
  return err ? err : has_room(store, need) ? NFR_OK : NFR_STORE_MORE;
}
