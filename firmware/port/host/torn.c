/* What cut operations leave, and what that reads like. */
#include "model.h"

#include <string.h>

#define MAX_UNIT 32u

/* Of one read call: faces of neighbouring units often go together. */
enum mood { MOOD_OLD, MOOD_NEW, MOOD_EACH };

static void draw_bytes(struct nfr_flash_model *model, uint8_t *to, uint32_t bytes) {
  for (uint32_t i = 0; i < bytes; i += 8) {
    uint64_t x = flash_random(model);
    memcpy(to + i, &x, bytes - i < 8 ? bytes - i : 8);
  }
}

/* A mixture of before and after, of one unit. */
static void mix(struct region *region, const uint8_t *before, const uint8_t *after, uint8_t *to) {
  uint32_t bytes = region->geometry.unit_bytes;
  uint8_t r[MAX_UNIT];
  draw_bytes(region->model, r, bytes);
  for (uint32_t i = 0; i < bytes; i++) {
    if (region->model->noise)
      to[i] = r[i]; /* one wrong bit garbles a block of the cipher */
    else if (region->geometry.rewrites)
      to[i] = (uint8_t)(before[i] & (r[i] | after[i])); /* bits can only be cleared, and only those that `after` clears */
    else
      to[i] = (uint8_t)((before[i] & r[i]) | (after[i] & ~r[i]));
  }
}

static int draw_face(struct region *region, uint32_t unit, enum mood mood, uint8_t face[MAX_UNIT]) {
  struct nfr_flash_model *model = region->model;
  uint32_t bytes = region->geometry.unit_bytes, at = unit << region->unit_shift;
  const uint8_t *image = region->bytes + at, *pending = region->pending + at;
  uint8_t state = region->states[unit];
  memcpy(face, image, bytes);
  switch (state) {
    case UNIT_TORN_FAILS:
      if (flash_below(model, 4) > 0) return NFR_ERR_PORT;
      /* fallthrough */
    case UNIT_TORN_FLAPS: {
      uint32_t draw = mood == MOOD_EACH ? flash_below(model, 3) : mood;
      if (draw == MOOD_NEW) memcpy(face, pending, bytes);
      if (draw == MOOD_EACH) mix(region, image, pending, face);
      return NFR_OK;
    }
    case UNIT_POISONED:
      if (flash_below(model, 2) > 0) return NFR_ERR_PORT;
      draw_bytes(model, face, bytes);
      return NFR_OK;
    case UNIT_BLANK_DIRTY:
      if (mood != MOOD_EACH || flash_below(model, 2) > 0) return NFR_OK;
      mix(region, image, pending, face);
      return NFR_OK;
    case UNIT_GARBAGE:
      draw_bytes(model, face, bytes);
      return NFR_OK;
    default:
      return NFR_OK;
  }
}

int flash_read_special(struct region *region, uint32_t offset, uint8_t *data, uint32_t bytes) {
  enum mood mood = flash_below(region->model, 3);
  int result = NFR_OK;
  uint8_t face[MAX_UNIT];
  while (bytes > 0) {
    uint32_t unit = offset >> region->unit_shift, skip = offset - (unit << region->unit_shift);
    uint32_t part = region->geometry.unit_bytes - skip;
    if (part > bytes) part = bytes;
    if (draw_face(region, unit, mood, face)) {
      result = NFR_ERR_PORT;
      draw_bytes(region->model, face, sizeof face);
    }
    memcpy(data, face + skip, part);
    offset += part;
    data += part;
    bytes -= part;
  }
  return result;
}

/* The unit was being programmed: old, mixed, flapping, failing. What is programmed already does not suffer. */
static void tear_unit(struct region *region, uint32_t unit, const uint8_t *data, uint32_t kind) {
  uint32_t bytes = region->geometry.unit_bytes, at = unit << region->unit_shift;
  uint8_t *image = region->bytes + at, *pending = region->pending + at, *state = &region->states[unit];
  bool is_torn = *state >= UNIT_TORN_STILL && *state <= UNIT_TORN_FAILS && region->geometry.rewrites;
  if (*state != UNIT_ERASED && !(is_torn && memcmp(pending, data, bytes) == 0)) {
    (void)flash_program_unit(region, unit, data); /* counted as what it is; the caller hears of no result */
    return;
  }
  memcpy(pending, data, bytes);
  if (kind == 1) mix(region, image, data, image);
  *state = kind < 2 ? UNIT_TORN_STILL : kind == 2 || region->geometry.rewrites ? UNIT_TORN_FLAPS : UNIT_TORN_FAILS;
}

/* How the units of a page fare: one by one up to some point; each by itself; all alike. */
enum style { STYLE_IN_ORDER, STYLE_EACH, STYLE_FLAPS, STYLE_OLD, STYLES };

void flash_tear_program(struct region *region, uint32_t offset, const uint8_t *data, uint32_t bytes) {
  struct nfr_flash_model *model = region->model;
  uint32_t first = offset >> region->unit_shift, units = bytes >> region->unit_shift;
  enum style style = flash_below(model, STYLES);
  uint32_t end = style == STYLE_IN_ORDER ? flash_below(model, (uint64_t)units + 1) : units;
  region->blocks[offset >> region->block_shift].is_special = true;
  for (uint32_t i = 0; i < units; i++) {
    const uint8_t *unit_data = data + (i << region->unit_shift);
    /* 0 … 3: torn in that kind; 4: complete; 5: untouched */
    uint32_t fate = flash_below(model, style == STYLE_EACH ? 6 : 4);
    if (style == STYLE_FLAPS) fate = 2;
    if (style == STYLE_OLD) fate = 0;
    if (style == STYLE_IN_ORDER && i != end) fate = i < end ? 4 : 5;
    if (fate < 4) tear_unit(region, first + i, unit_data, fate);
    if (fate == 4) (void)flash_program_unit(region, first + i, unit_data);
  }
}

void flash_tear_erase(struct region *region, uint32_t block) {
  uint32_t bytes = region->geometry.block_bytes, units = flash_units_of_block(region);
  uint8_t *image = region->bytes + ((size_t)block << region->block_shift);
  uint8_t *pending = region->pending + ((size_t)block << region->block_shift);
  uint8_t *states = region->states + (size_t)block * units;
  uint32_t kind = flash_below(region->model, 4);
  if (kind == 0) return; /* it had not begun */
  region->blocks[block].is_special = true;
  if (kind == 1) {
    memcpy(pending, image, bytes);
    flash_fill_erased(region, block);
    memset(states, UNIT_BLANK_DIRTY, units);
    return;
  }
  uint32_t broken = units;
  if (kind == 2) { /* NOR clears a block from its beginning before it erases it */
    broken = 1 + flash_below(region->model, units);
    memset(states, UNIT_OLD_DIRTY, units);
  }
  memset(states, UNIT_GARBAGE, broken);
  draw_bytes(region->model, image, broken << region->unit_shift);
}
