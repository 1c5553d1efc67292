/* Inside a device: its memory. */
#ifndef NFR_DEVICE_INTERNAL_H
#define NFR_DEVICE_INTERNAL_H

#include "native.h"
#include "nfr_device.h"
#include "nfr_native_store.h"

/* What the manifest that was accepted last says of its sections: asking for them costs no signature each. */
struct nfr_device_sections {
  uint8_t manifest[32]; /* digest */
  uint8_t is_known;     /* 0: of none, or the keys have changed */
  uint32_t bytes[6];    /* by enum nfr_section_kind; 0: absent */
  uint8_t digests[6][32];
};

#define NFR_DEVICE_MAGIC UINT64_C(0x314563697665444e)

struct nfr_device {
  uint64_t magic; /* the above once initialized */
  struct nfr_native *native;
  struct nfr_store_config config;
  struct nfr_store store;
  uint8_t is_mounted; /* and store.config is null: its journal has died */
  struct nfr_native_version versions[NFR_DEVICE_MAX_VERSIONS];
  struct nfr_device_sections sections;
  uint8_t key_list[NFR_KEY_LIST_MAX_BYTES]; /* the facade's list points here */
  /* then the program buffer, 8-byte aligned, and the index */
};

/* Whether the store can be asked: NFR_OK, ARGUMENT (no device, not mounted) or PORT (its journal has died). */
static inline int nfr_device_check(const struct nfr_device *device) {
  if (device == NULL || device->magic != NFR_DEVICE_MAGIC || !device->is_mounted) return NFR_ERR_ARGUMENT;
  return device->store.config == NULL ? NFR_ERR_PORT : NFR_OK;
}

/* The slot of a blob: an error of nfr_device_check, ARGUMENT (null) or NOT_FOUND. */
NFR_CHECK_RESULT int nfr_device_find(const struct nfr_device *device, const uint8_t *digest, uint16_t *slot);

/* The facade forgets a list that lies in the device's buffer. */
void nfr_device_drop_keys(struct nfr_device *device);

/* Reads and verifies the list that the settings name, if any. */
NFR_CHECK_RESULT int nfr_device_load_keys(struct nfr_device *device);

void nfr_device_close_versions(struct nfr_device *device);

#endif
