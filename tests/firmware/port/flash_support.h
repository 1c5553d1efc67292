/* Shared by the flash model's tests. */
#ifndef FLASH_SUPPORT_H
#define FLASH_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "nfr_flash_model.h"

/* The standard chip of this name. */
static inline struct nfr_flash_model_config chip(const char *name) {
  for (unsigned i = 0; i < NFR_FLASH_STANDARDS; i++)
    if (strcmp(nfr_flash_standards[i].name, name) == 0) return nfr_flash_model_standard(&nfr_flash_standards[i]);
  fail_msg("no chip is named %s", name);
  return nfr_flash_model_standard(&nfr_flash_standards[0]);
}

static inline struct nfr_flash_model *make(const struct nfr_flash_model_config *config) {
  struct nfr_flash_model *model;
  assert_int_equal(nfr_flash_model_new(config, &model), NFR_OK);
  return model;
}

static inline int program(const struct nfr_flash *flash, uint32_t offset, const void *data, uint32_t bytes) {
  return flash->program(flash->context, offset, data, bytes);
}

static inline int erase(const struct nfr_flash *flash, uint32_t block) { return flash->erase(flash->context, block); }

static inline int read_back(const struct nfr_flash *flash, uint32_t offset, void *data, uint32_t bytes) {
  return flash->read(flash->context, offset, data, bytes);
}

static inline void pattern(uint8_t *data, size_t bytes, uint8_t seed) {
  for (size_t i = 0; i < bytes; i++) data[i] = (uint8_t)(i * 7u + seed);
}

#endif
