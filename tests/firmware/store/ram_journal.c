#include "ram_journal.h"

#include <string.h>

void ram_format(struct ram_journal *journal) {
  memset(journal, 0, sizeof *journal);
  journal->config.slots = RAM_SLOTS;
  journal->store.config = &journal->config;
  journal->store.frontier = 0x1234;
}

void ram_clear_commits(struct ram_journal *journal) {
  journal->commits = journal->attempts = journal->cut_at = 0;
  journal->power_lost = NULL;
}

void ram_put_blob(struct ram_journal *journal, uint16_t slot, uint8_t seed, enum nfr_blob_state state) {
  struct nfr_blob blob = {.offset = 32u * slot, .bytes = 32, .copy = UINT32_MAX, .frontier = UINT32_MAX, .state = (uint8_t)state, .chunk_log2 = 9};
  static const uint8_t bits[NFR_STORE_MAX_CHUNKS / 8];
  memset(blob.digest, seed, sizeof blob.digest);
  journal->slots[slot].type = NFR_RECORD_BLOB;
  journal->slots[slot].length = nfr_blob_encode(&blob, bits, journal->slots[slot].content);
}

void ram_put_name(struct ram_journal *journal, uint16_t slot, const struct nfr_name *name) {
  journal->slots[slot].type = NFR_RECORD_NAME;
  journal->slots[slot].length = nfr_name_encode(name, journal->slots[slot].content);
}

void ram_free(struct ram_journal *journal, uint16_t slot) {
  memset(&journal->slots[slot], 0, sizeof journal->slots[slot]);
}

static const struct ram_journal *of(const struct nfr_store *store) {
  return (const struct ram_journal *)(const void *)store;
}

int nfr_journal_read(const struct nfr_store *store, uint16_t slot, struct nfr_record *record) {
  const struct ram_journal *journal = of(store);
  if (slot >= RAM_SLOTS || journal->slots[slot].type == 0) return NFR_ERR_NOT_FOUND;
  record->type = journal->slots[slot].type;
  record->length = journal->slots[slot].length;
  record->version = NFR_STORE_VERSION;
  memcpy(record->content, journal->slots[slot].content, sizeof record->content);
  return NFR_OK;
}

uint8_t nfr_journal_peek(const struct nfr_store *store, uint16_t slot, void *head, uint32_t count) {
  const struct ram_journal *journal = of(store);
  memset(head, 0, count);
  if (slot >= RAM_SLOTS) return 0;
  memcpy(head, journal->slots[slot].content, count < journal->slots[slot].length ? count : journal->slots[slot].length);
  return journal->slots[slot].type;
}

uint16_t nfr_journal_free_slot(const struct nfr_store *store) {
  for (uint16_t slot = 1; slot < RAM_SLOTS; slot++) {
    if (of(store)->slots[slot].type == 0) return slot;
  }
  return NFR_STORE_NONE;
}

int nfr_journal_commit(struct nfr_store *store, uint16_t slot, uint8_t type, const void *content, uint8_t length) {
  struct ram_journal *journal = (struct ram_journal *)(void *)store;
  if (store->config == NULL) return NFR_ERR_ARGUMENT;
  bool is_cut = ++journal->attempts == journal->cut_at && journal->power_lost != NULL;
  if (slot >= RAM_SLOTS || length > NFR_RECORD_MAX_CONTENT) return NFR_ERR_ARGUMENT;
  if (journal->fails_with) return journal->fails_with;
  if (is_cut && !journal->cut_is_after) longjmp(*journal->power_lost, 1);
  journal->slots[slot].type = type == NFR_RECORD_FREE ? 0 : type;
  journal->slots[slot].length = length;
  memcpy(journal->slots[slot].content, content, length);
  journal->commits++;
  store->sequence++; /* as if each record were in a block of its own */
  if (is_cut) longjmp(*journal->power_lost, 1);
  return NFR_OK;
}
