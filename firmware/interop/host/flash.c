/* The flash model as a process loads it. */
#include <string.h>

#include "nfr_host.h"
#include "store/nfr_store_check.h"

static_assert(sizeof(struct nfr_host_flash) == 4 * 20, "NativeFlash");

/* ---- a chip ---- */

static bool fits16(const struct nfr_host_region *region) {
  return region->unit_bytes <= UINT16_MAX && region->page_bytes <= UINT16_MAX;
}

static struct nfr_flash_geometry geometry_of(const struct nfr_host_region *region) {
  return (struct nfr_flash_geometry){
      .block_bytes = region->block_bytes,
      .unit_bytes = (uint16_t)region->unit_bytes,
      .page_bytes = (uint16_t)region->page_bytes,
      .rewrites = region->rewrites != 0,
      .program_page_us = region->program_page_us,
      .erase_block_us = region->erase_block_us,
  };
}

int nfr_host_flash_new(const struct nfr_host_flash *config, const char *file, struct nfr_flash_model **model) {
  if (config == NULL || model == NULL || !fits16(&config->journal) || !fits16(&config->blobs)) return NFR_ERR_ARGUMENT;
  const struct nfr_flash_model_config chip = {
      .journal = geometry_of(&config->journal),
      .blobs = geometry_of(&config->blobs),
      .journal_blocks = config->journal.blocks,
      .blob_blocks = config->blobs.blocks,
      .seed = (uint64_t)config->seed_high << 32 | config->seed_low,
      .noise = config->noise != 0,
      .mapped = config->mapped != 0,
      .fenced = config->fenced != 0,
      .two_chips = config->two_chips != 0,
      .file = file,
  };
  return nfr_flash_model_new(&chip, model);
}

void nfr_host_flash_delete(struct nfr_flash_model *model) {
  if (model != NULL) nfr_flash_model_delete(model);
}

/* ---- power and faults ---- */

int nfr_host_flash_cut(struct nfr_flash_model *model, uint64_t n, uint32_t kind) {
  if (model == NULL || n == 0 || kind > NFR_CUT_TORN) return NFR_ERR_ARGUMENT;
  nfr_flash_model_cut(model, n, (enum nfr_flash_cut)kind);
  return NFR_OK;
}

void nfr_host_flash_power_on(struct nfr_flash_model *model, uint64_t seed) {
  if (model != NULL) nfr_flash_model_power_on(model, seed);
}

int nfr_host_flash_is_on(const struct nfr_flash_model *model) {
  return model != NULL && nfr_flash_model_is_on(model);
}

static const struct nfr_flash *region_of(const struct nfr_flash_model *model, uint32_t region) {
  if (model == NULL || region > NFR_FLASH_BLOBS) return NULL;
  return nfr_flash_model_flash(model, (enum nfr_flash_region)region);
}

int nfr_host_flash_flip(struct nfr_flash_model *model, uint32_t region, uint32_t offset, uint32_t bit) {
  const struct nfr_flash *flash = region_of(model, region);
  if (flash == NULL || offset >= flash->bytes || bit > 7) return NFR_ERR_ARGUMENT;
  nfr_flash_model_flip(model, (enum nfr_flash_region)region, offset, bit);
  return NFR_OK;
}

/* ---- what was observed ---- */

int nfr_host_flash_counts(const struct nfr_flash_model *model, uint32_t region, uint64_t *counts) {
  if (region_of(model, region) == NULL || counts == NULL) return NFR_ERR_ARGUMENT;
  struct nfr_flash_counts all = nfr_flash_model_counts(model, (enum nfr_flash_region)region);
  const uint64_t given[NFR_HOST_COUNTS] = {all.operations, all.programs, all.erases, all.bytes_programmed, all.busy_us, all.bytes_read};
  memcpy(counts, given, sizeof given);
  return NFR_OK;
}

uint64_t nfr_host_flash_violations(const struct nfr_flash_model *model, char *text, uint32_t capacity) {
  if (model == NULL) return 0;
  const char *first = nfr_flash_model_violation(model);
  size_t length = strlen(first);
  if (text != NULL && capacity != 0) {
    if (length > capacity - 1) length = capacity - 1;
    memcpy(text, first, length);
    text[length] = 0;
  }
  return nfr_flash_model_violations(model);
}

/* ---- a device on it ---- */

int nfr_host_device_init(struct nfr_device *device, uint32_t device_bytes, struct nfr_native *native, const struct nfr_flash_model *model,
                         uint64_t identity, uint32_t slots, uint32_t buffer_bytes) {
  if (model == NULL || slots > UINT16_MAX) return NFR_ERR_ARGUMENT;
  const struct nfr_device_config config = {
      .journal = nfr_flash_model_flash(model, NFR_FLASH_JOURNAL),
      .blobs = nfr_flash_model_flash(model, NFR_FLASH_BLOBS),
      .identity = identity,
      .slots = slots,
      .buffer_bytes = buffer_bytes,
  };
  const struct nfr_store_config store = {
      .journal = config.journal, .blobs = config.blobs, .slots = (uint16_t)slots, .buffer_bytes = buffer_bytes};
  if (!nfr_store_is_config(&store)) return NFR_ERR_ARGUMENT;
  return nfr_device_init(device, device_bytes, native, &config);
}
