/* Opening the store: which chain counts, and what the boot before left unfinished (SPEC §3). */
#include "journal_walk.h"

static void clear(struct nfr_store *store, const struct nfr_store_config *config) {
  memset(store, 0, sizeof *store);
  store->config = config;
  store->block_bytes = config->journal->block_bytes;
  store->blocks = (uint16_t)(config->journal->bytes / config->journal->block_bytes);
  store->align = config->journal->unit_bytes < 8 ? 8 : config->journal->unit_bytes;
  store->blob_block_bytes = config->blobs->block_bytes;
  store->link.block = NFR_STORE_NONE;
  store->block = (uint16_t)(store->blocks - 1);
  store->frontier = UINT32_MAX;
  store->writer.slot = NFR_STORE_NONE;
  store->version = NFR_STORE_VERSION;
}

/* What the headers say all together, and of the blocks that may be the chain's last the newest older than `below`. A key is
 * sequence, then block, then 1. */
struct choice { uint32_t below, key; bool has_foreign, has_version; };

static void choose(struct nfr_store *store, struct choice *choice) {
  choice->key = 0;
  for (uint32_t block = 0; block < store->blocks; block++) {
    struct nfr_journal_header header;
    int err = nfr_journal_read_header(store, block, &header);
    if (err == NFR_ERR_FOREIGN) choice->has_foreign = true;
    if (err == NFR_ERR_VERSION) choice->has_version = true;
    if (err) continue;
    if (header.sequence > store->sequence) store->sequence = header.sequence;
    uint32_t key = header.sequence << 6 | block << 1 | 1;
    if (key < choice->below && key > choice->key) choice->key = key;
  }
}

/* A snapshot that counts by a seal that may be half-programmed gets two that are not. At the places where an earlier boot tried
 * that, programming may fail; when all do, it counts as long as it is read. */
static void prove(struct nfr_store *store, const struct nfr_journal_pending *pending) {
  uint32_t align = store->align, position = pending->proof, room = 6 * align;
  for (; room != 0 && position + 2 * align <= store->block_bytes; room -= 2 * align, position += 2 * align) {
    struct nfr_journal_item seal = {.slot = NFR_STORE_NONE, .type = NFR_RECORD_SEAL};
    if (nfr_journal_write_item(store, pending->block, pending->sequence, position, &seal, NULL) != NFR_OK) continue;
    if (nfr_journal_write_item(store, pending->block, pending->sequence, position + align, &seal, NULL) == NFR_OK) return;
  }
  store->was_damaged = true;
}

/* A record whose seal is missing is written again before anybody acts on it. When it cannot be written the journal is worn
 * out, and can still be read. False: it cannot be read any more. */
static bool settle(struct nfr_store *store, const struct nfr_journal_pending *pending) {
  struct nfr_record record;
  struct nfr_journal_item item;
  if (nfr_journal_read_item(store, pending->block, pending->sequence, pending->position, &item, &record) != NFR_OK)
    return false;
  int length = nfr_record_upgrade(item.type, store->version, record.content, item.length);
  if (length >= 0 && nfr_journal_commit(store, item.slot, item.type, record.content, (uint8_t)length) != NFR_OK)
    store->was_damaged = true;
  return true;
}

static int find_chain(struct nfr_store *store, struct nfr_journal_pending *pending) {
  struct choice choice = {.below = UINT32_MAX};
  for (;;) {
    choose(store, &choice);
    if (choice.has_version) return NFR_ERR_VERSION;
    if (choice.key == 0) return choice.has_foreign ? NFR_ERR_FOREIGN : NFR_ERR_EMPTY;
    store->was_damaged = false; /* of a chain that does not count */
    int err = nfr_journal_walk_pending(store, (uint16_t)(choice.key >> 1 & 31u), pending);
    if (err != NFR_ERR_EMPTY) return err;
    choice.below = choice.key;
  }
}

int nfr_store_mount(struct nfr_store *store, const struct nfr_store_config *config) {
  clear(store, config);
  struct nfr_journal_pending pending = {0};
  int err;
  unsigned tries = 8; /* what can be read now and then: the chain is read again, perhaps without it */
  do {
    err = find_chain(store, &pending);
    store->block = store->link.block;
  } while (err == NFR_OK && pending.is_there && !settle(store, &pending) && --tries != 0);
  if (err == NFR_OK && pending.proof != 0) prove(store, &pending);
  if (err) store->config = NULL;
  return err;
}

int nfr_store_format(struct nfr_store *store, const struct nfr_store_config *config) {
  clear(store, config);
  struct choice choice = {0};
  choose(store, &choice); /* for the highest sequence */
  memset(config->index, 0xff, config->slots * sizeof *config->index);
  int err = nfr_journal_claim(store);
  if (err) store->config = NULL;
  return err;
}
