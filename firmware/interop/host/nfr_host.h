/* What libnfr has on a host beside the facade and the device: their memory on the flash model (port/host/nfr_flash_model.h) instead of
 * chips. For virtual devices and tests. Returns and errors as everywhere; one thread at a time for one chip. */
#ifndef NFR_HOST_H
#define NFR_HOST_H

#include "interop/nfr_device.h"
#include "port/host/nfr_flash_model.h"

/* Of one region, in words; see struct nfr_flash_geometry. */
struct nfr_host_region {
  uint32_t blocks, block_bytes, unit_bytes, page_bytes;
  uint32_t rewrites; /* 0 or 1, as all others that are not numbers */
  uint32_t program_page_us, erase_block_us;
};

/* Read by place (runtime/NfRuntime.Native, NativeFlash.cs). */
struct nfr_host_flash {
  struct nfr_host_region journal, blobs;
  uint32_t seed_low, seed_high;
  uint32_t noise, mapped, fenced, two_chips;
};

/* Of one region: those of struct nfr_flash_counts, in this order. */
#define NFR_HOST_COUNTS 6u /* operations, programs, erases, bytes programmed, busy us, bytes read */

/* A chip, erased or as the file is; file: UTF-8, terminated, or null: in memory. ARGUMENT, NO_MEMORY;
 * of the file BUSY (a chip is on it already), NO_SPACE, PORT. */
NFR_CHECK_RESULT int nfr_host_flash_new(const struct nfr_host_flash *config, const char *file, struct nfr_flash_model **model);
void nfr_host_flash_delete(struct nfr_flash_model *model);

/* The n-th operation from now on is cut, as kind (enum nfr_flash_cut) says; from there all calls of the chip fail with PORT, until
 * power_on. */
NFR_CHECK_RESULT int nfr_host_flash_cut(struct nfr_flash_model *model, uint64_t n, uint32_t kind);
void nfr_host_flash_power_on(struct nfr_flash_model *model, uint64_t seed);
int nfr_host_flash_is_on(const struct nfr_flash_model *model);

/* Flips a bit, as retention loss does. region: enum nfr_flash_region. */
NFR_CHECK_RESULT int nfr_host_flash_flip(struct nfr_flash_model *model, uint32_t region, uint32_t offset, uint32_t bit);

/* counts: NFR_HOST_COUNTS. */
NFR_CHECK_RESULT int nfr_host_flash_counts(const struct nfr_flash_model *model, uint32_t region, uint64_t *counts);

/* Breaches of the port's contract, of both regions; the first one in words, terminated, cut to capacity (> 0) - 1 bytes. */
uint64_t nfr_host_flash_violations(const struct nfr_flash_model *model, char *text, uint32_t capacity);

/* nfr_device_init on a chip with both regions; crypto is the facade's. ARGUMENT: a configuration that no board may have
 * (nfr_store_is_config). */
NFR_CHECK_RESULT int nfr_host_device_init(struct nfr_device *device, uint32_t device_bytes, struct nfr_native *native,
                                          const struct nfr_flash_model *model, uint64_t identity, uint32_t slots, uint32_t buffer_bytes);

#endif
