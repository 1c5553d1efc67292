/* Scans over the records: extents, and references to them. */
#include <string.h>

#include "blob.h"
#include "capsule/bytes.h"

bool nfr_scan_next(const struct nfr_store *store, struct nfr_scan *scan) {
  while (scan->slot < store->config->slots - 1u) {
    uint8_t head[49];
    if (nfr_journal_peek(store, ++scan->slot, head, sizeof head) != NFR_RECORD_BLOB) continue;
    uint32_t bytes = nfr_le32(head + 36);
    scan->offset = nfr_le32(head + 32);
    scan->copy = nfr_le32(head + 40);
    scan->state = head[48];
    scan->bytes = nfr_extent_bytes(bytes);
    memcpy(scan->digest, head, 32);
    if (!nfr_extent_is_valid(store, scan->offset, bytes)) continue;
    if (!nfr_extent_is_valid(store, scan->copy, bytes)) scan->copy = NFR_BLOB_NO_COPY;
    return true;
  }
  return false;
}

/* ---- references ---- */

static void refer(struct nfr_references *references, const uint8_t *slot) {
  uint32_t bit = nfr_le16(slot) - references->first; /* wraps below the window */
  if (bit < 8 * sizeof references->bits) nfr_bit_set(references->bits, bit);
}

/* A NAME record's three versions, each with six blobs (SPEC §4). Those of an empty place are slot 0, which is no blob's. */
static void refer_by_name(struct nfr_references *references, const struct nfr_record *record) {
  for (unsigned version = 16; version < 16 + 3 * 24 && version + 12 <= record->length; version += 24) {
    for (unsigned i = 0; i < 12; i += 2) refer(references, record->content + version + i);
  }
}

static void read_references(const struct nfr_store *store, struct nfr_references *references) {
  memset(references->bits, 0, sizeof references->bits);
  for (uint16_t slot = 0; slot < store->config->slots; slot++) {
    struct nfr_record record;
    if (nfr_journal_peek(store, slot, record.content, 0) == NFR_RECORD_BLOB) continue;
    int err = nfr_journal_read(store, slot, &record);
    if (err == NFR_ERR_NOT_FOUND) continue;
    if (err) memset(references->bits, 0xff, sizeof references->bits);
    else if (record.length < 8) continue;
    else if (record.type == NFR_RECORD_SETTINGS) refer(references, record.content);
    else if (record.type == NFR_RECORD_NAME) refer_by_name(references, &record);
  }
}

bool nfr_references_has(const struct nfr_store *store, struct nfr_references *references, uint16_t slot) {
  uint32_t window = 8 * sizeof references->bits, first = slot / window * window;
  if (references->first != first) {
    references->first = first;
    read_references(store, references);
  }
  return nfr_bit(references->bits, slot - first);
}
