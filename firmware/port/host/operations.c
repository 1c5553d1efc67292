/* Reading, programming, erasing; power. */
#define _GNU_SOURCE
#include "model.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

void flash_violate(struct region *region, const char *what, uint32_t offset) {
  struct nfr_flash_model *model = region->model;
  region->counts.violations++;
  if (model->violation[0]) return;
  (void)snprintf(model->violation, sizeof model->violation, "%s at %#x of the %s region (block %u + %#x), operation %llu", what,
                 (unsigned)offset, region->which == NFR_FLASH_JOURNAL ? "journal" : "blob", (unsigned)(offset >> region->block_shift),
                 (unsigned)(offset & (region->geometry.block_bytes - 1)), (unsigned long long)nfr_flash_model_operations(model));
}

void flash_fence(struct region *region, bool is_up) {
  struct nfr_flash_model *model = region->model;
  if (!model->fenced) return;
  size_t journal = model->regions[NFR_FLASH_JOURNAL].flash.bytes;
  uint8_t *from = model->view;
  size_t bytes = model->image_bytes;
  if (model->two_chips) {
    from += region->which == NFR_FLASH_JOURNAL ? 0 : journal;
    bytes = region->flash.bytes;
  }
  if (mprotect(from, bytes, is_up ? PROT_NONE : model->view_protection)) flash_violate(region, "the host could not fence the mapping", 0);
}

/* ---- power ---- */

static enum nfr_flash_cut count_operation(struct region *region) {
  struct nfr_flash_model *model = region->model;
  region->counts.operations++;
  return model->until_cut > 0 && --model->until_cut == 0 ? model->cut : NFR_CUT_NEVER;
}

static int lose_power(struct nfr_flash_model *model) {
  model->is_on = false;
  if (model->power_lost) model->power_lost(model->power_lost_context);
  return NFR_ERR_PORT;
}

void nfr_flash_model_cut(struct nfr_flash_model *model, uint64_t n, enum nfr_flash_cut cut) {
  model->until_cut = cut == NFR_CUT_NEVER ? 0 : n;
  model->cut = cut;
}

void nfr_flash_model_on_power_lost(struct nfr_flash_model *model, void (*power_lost)(void *context), void *context) {
  model->power_lost = power_lost;
  model->power_lost_context = context;
}

void nfr_flash_model_power_on(struct nfr_flash_model *model, uint64_t seed) {
  for (unsigned i = 0; i < 2; i++)
    if (model->regions[i].block_count > 0) flash_fence(&model->regions[i], false); /* a hook may have left by longjmp */
  model->random = flash_seed(seed);
  model->until_cut = 0;
  model->is_on = true;
}

bool nfr_flash_model_is_on(const struct nfr_flash_model *model) { return model->is_on; }

void nfr_flash_model_on_operation(struct nfr_flash_model *model,
                                  void (*hook)(void *context, enum nfr_flash_region region, bool is_erase), void *context) {
  model->hook = hook;
  model->hook_context = context;
}

static void enter(struct region *region, bool is_erase) {
  flash_fence(region, true);
  if (region->model->hook) region->model->hook(region->model->hook_context, region->which, is_erase);
}

/* ---- reading ---- */

static bool is_inside(const struct region *region, uint32_t offset, uint32_t bytes) {
  return offset <= region->flash.bytes && bytes <= region->flash.bytes - offset;
}

int flash_read(void *context, uint32_t offset, void *data, uint32_t bytes) {
  struct region *region = context;
  if (!region->model->is_on) return NFR_ERR_PORT;
  if (!is_inside(region, offset, bytes)) {
    flash_violate(region, "read out of range", offset);
    return NFR_ERR_PORT;
  }
  region->counts.reads++;
  region->counts.bytes_read += bytes;
  uint8_t *to = data;
  int result = NFR_OK;
  while (bytes > 0) {
    uint32_t block = offset >> region->block_shift, part = ((block + 1) << region->block_shift) - offset;
    if (part > bytes) part = bytes;
    if (!region->blocks[block].is_special) memcpy(to, region->bytes + offset, part);
    else if (flash_read_special(region, offset, to, part)) result = NFR_ERR_PORT;
    offset += part;
    to += part;
    bytes -= part;
  }
  return result;
}

/* ---- programming ---- */

/* rewrites: bits are cleared, whatever the unit was. */
static void clear_bits(struct region *region, uint32_t unit, const uint8_t *data) {
  uint32_t at = unit << region->unit_shift;
  flash_violate(region, region->states[unit] >= UNIT_OLD_DIRTY ? "program in a block that was not erased" : "other bytes onto a programmed unit",
                at);
  for (uint32_t i = 0; i < region->geometry.unit_bytes; i++) {
    region->bytes[at + i] &= data[i];
    region->pending[at + i] &= data[i];
  }
}

int flash_program_unit(struct region *region, uint32_t unit, const uint8_t *data) {
  uint32_t bytes = region->geometry.unit_bytes;
  uint8_t *image = region->bytes + (unit << region->unit_shift), *state = &region->states[unit];
  if (*state == UNIT_ERASED) {
    memcpy(image, data, bytes);
    *state = UNIT_STABLE;
    return NFR_OK;
  }
  if (!region->geometry.rewrites) {
    region->counts.refused++;
    *state = UNIT_POISONED;
    region->blocks[(unit << region->unit_shift) >> region->block_shift].is_special = true;
    return NFR_ERR_PORT;
  }
  bool is_torn = *state >= UNIT_TORN_STILL && *state <= UNIT_TORN_FAILS;
  if (is_torn && memcmp(region->pending + (unit << region->unit_shift), data, bytes) == 0) {
    memcpy(image, data, bytes);
    *state = UNIT_STABLE;
  } else if (*state != UNIT_STABLE || memcmp(image, data, bytes) != 0) {
    clear_bits(region, unit, data);
  }
  return NFR_OK;
}

static int program_page(struct region *region, uint32_t offset, const uint8_t *data, uint32_t bytes) {
  uint32_t first = offset >> region->unit_shift, units = bytes >> region->unit_shift;
  uint8_t any = 0;
  for (uint32_t i = 0; i < units; i++) any |= region->states[first + i];
  if (any == UNIT_ERASED) {
    memcpy(region->bytes + offset, data, bytes);
    memset(region->states + first, UNIT_STABLE, units);
    return NFR_OK;
  }
  int result = NFR_OK;
  for (uint32_t i = 0; i < units; i++)
    if (flash_program_unit(region, first + i, data + (i << region->unit_shift))) result = NFR_ERR_PORT;
  return result;
}

/* One operation. */
static int operate_program(struct region *region, uint32_t offset, const uint8_t *data, uint32_t bytes) {
  struct nfr_flash_model *model = region->model;
  struct block *block = &region->blocks[offset >> region->block_shift];
  enum nfr_flash_cut cut = count_operation(region);
  if (cut == NFR_CUT_BEFORE) return lose_power(model);
  bool fails = block->programs_left == 0;
  if (!fails && block->programs_left != UINT32_MAX) block->programs_left--;
  flash_changed(region, offset >> region->block_shift);
  region->counts.programs++;
  region->counts.bytes_programmed += bytes;
  region->counts.busy_us += region->geometry.program_page_us;
  enter(region, false);
  int result = NFR_ERR_PORT;
  if (fails || cut == NFR_CUT_TORN) flash_tear_program(region, offset, data, bytes);
  else result = program_page(region, offset, data, bytes);
  flash_fence(region, false);
  return cut == NFR_CUT_NEVER ? result : lose_power(model);
}

int flash_program(void *context, uint32_t offset, const void *data, uint32_t bytes) {
  struct region *region = context;
  if (!region->model->is_on) return NFR_ERR_PORT;
  uint32_t mask = (uint32_t)region->geometry.unit_bytes - 1u;
  if (!is_inside(region, offset, bytes) || (offset & mask) || (bytes & mask)) {
    flash_violate(region, "program out of range or unaligned", offset);
    return NFR_ERR_PORT;
  }
  const uint8_t *from = data;
  while (bytes > 0) {
    uint32_t page = region->geometry.page_bytes, part = page - (offset & (page - 1));
    if (part > bytes) part = bytes;
    int err = operate_program(region, offset, from, part);
    if (err) return err;
    offset += part;
    from += part;
    bytes -= part;
  }
  return NFR_OK;
}

/* ---- erasing ---- */

void flash_fill_erased(struct region *region, uint32_t block) {
  uint8_t *image = region->bytes + ((size_t)block << region->block_shift);
  if (!region->model->noise) {
    memset(image, 0xff, region->geometry.block_bytes);
    return;
  }
  uint64_t key = region->model->noise_key ^ (uint64_t)region->which << 63 ^ (uint64_t)region->blocks[block].erases << 32;
  for (uint32_t i = 0; i < region->geometry.block_bytes; i += 8) {
    uint64_t x = flash_seed(key ^ ((block << region->block_shift) + i));
    memcpy(image + i, &x, 8);
  }
}

int flash_erase(void *context, uint32_t index) {
  struct region *region = context;
  struct nfr_flash_model *model = region->model;
  if (!model->is_on) return NFR_ERR_PORT;
  if (index >= region->block_count) {
    flash_violate(region, "erase out of range", 0);
    return NFR_ERR_PORT;
  }
  struct block *block = &region->blocks[index];
  enum nfr_flash_cut cut = count_operation(region);
  if (cut == NFR_CUT_BEFORE) return lose_power(model);
  bool fails = block->erases_left == 0;
  if (!fails && block->erases_left != UINT32_MAX) block->erases_left--;
  flash_changed(region, index);
  block->erases++;
  region->counts.erases++;
  region->counts.busy_us += region->geometry.erase_block_us;
  enter(region, true);
  if (fails || cut == NFR_CUT_TORN) {
    flash_tear_erase(region, index);
  } else {
    flash_fill_erased(region, index);
    memset(region->states + (size_t)index * flash_units_of_block(region), UNIT_ERASED, flash_units_of_block(region));
    block->is_special = false;
  }
  flash_fence(region, false);
  if (cut != NFR_CUT_NEVER) return lose_power(model);
  return fails ? NFR_ERR_PORT : NFR_OK;
}
