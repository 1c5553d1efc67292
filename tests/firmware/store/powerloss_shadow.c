/* What may be seen after a cut: SPEC's promise that nothing acknowledged is lost, as a comparison. */
#include "powerloss.h"

#include <string.h>

void add_part(struct state *state, uint32_t key, uint32_t value) {
  if (state->count < MAX_PARTS) state->parts[state->count++] = (struct part){key, value};
}

uint32_t part_of(const struct state *state, uint32_t key) {
  for (uint32_t i = 0; i < state->count; i++)
    if (state->parts[i].key == key) return state->parts[i].value;
  return 0;
}

void expect(struct shadow *shadow, const struct state *state) {
  if (shadow->count == MAX_IN_FLIGHT) memmove(shadow->in_flight, shadow->in_flight + 1, (size_t)--shadow->count * sizeof *state);
  shadow->in_flight[shadow->count++] = *state;
}

/* The first key whose value is neither the one of `a` nor the one of `b`. */
static bool has_other(const struct state *observed, const struct state *a, const struct state *b, uint32_t *key) {
  for (uint32_t i = 0; i < observed->count; i++) {
    *key = observed->parts[i].key;
    if (observed->parts[i].value != part_of(a, *key) && observed->parts[i].value != part_of(b, *key)) return true;
  }
  for (uint32_t i = 0; i < a->count; i++) {
    *key = a->parts[i].key;
    if (part_of(observed, *key) == 0 && part_of(b, *key) != 0) return true;
  }
  return false;
}

bool agree(struct machine *m, const struct state *observed) {
  struct shadow *shadow = &m->shadow;
  uint32_t key, wrong;
  bool is_old = !has_other(observed, &shadow->acknowledged, &shadow->acknowledged, &wrong), is_known = is_old;
  for (uint32_t i = shadow->count; i-- > 0 && !is_known;) {
    is_known = !has_other(observed, &shadow->acknowledged, &shadow->in_flight[i], &key);
    if (i + 1 == shadow->count) wrong = key;
  }
  if (!is_known) {
    const struct state *last = shadow->count ? &shadow->in_flight[shadow->count - 1] : &shadow->acknowledged;
    broken(m, "part %#x is %#x: acknowledged is %#x, in flight %#x", wrong, part_of(observed, wrong),
           part_of(&shadow->acknowledged, wrong), part_of(last, wrong));
    return false;
  }
  /* Whoever has seen it relies on it. A call of several records may yet be seen to have come further. */
  shadow->acknowledged = *observed;
  if (m->store.is_claimed) shadow->count = 0;
  if (m->store.is_claimed) shadow->is_quiet = false;
  return true;
}

struct extent { uint32_t from, to; uint16_t slot; };

bool extents_are_apart(struct machine *m) {
  struct extent extents[2 * SLOTS];
  uint32_t count = 0, grain = m->config.blobs->unit_bytes < 32 ? 32 : m->config.blobs->unit_bytes;
  struct nfr_record record;
  struct nfr_blob blob;
  for (uint16_t slot = 1; slot < SLOTS; slot++) {
    if (nfr_journal_read(&m->store, slot, &record) != NFR_OK || record.type != NFR_RECORD_BLOB) continue;
    if (nfr_blob_decode(record.content, record.length, &blob, NULL) != NFR_OK) {
      broken(m, "slot %u holds no blob's record", slot);
      return false;
    }
    uint32_t places[2] = {blob.offset, blob.copy}, bytes = (blob.bytes + grain - 1) / grain * grain;
    for (unsigned i = 0; i < 2; i++) {
      if (i == 1 && (blob.state == NFR_BLOB_BAD || places[i] == UINT32_MAX)) continue;
      extents[count++] = (struct extent){places[i], places[i] + bytes, slot};
      if (places[i] % grain != 0 || places[i] > m->config.blobs->bytes || bytes > m->config.blobs->bytes - places[i]) {
        broken(m, "slot %u: extent %#x + %#x is not in the region", slot, places[i], bytes);
        return false;
      }
    }
  }
  for (uint32_t i = 0; i < count; i++) {
    for (uint32_t j = i + 1; j < count; j++) {
      if (extents[i].to <= extents[j].from || extents[j].to <= extents[i].from) continue;
      broken(m, "extents of slots %u and %u overlap: %#x … %#x, %#x … %#x", extents[i].slot, extents[j].slot, extents[i].from,
             extents[i].to, extents[j].from, extents[j].to);
      return false;
    }
  }
  return true;
}
