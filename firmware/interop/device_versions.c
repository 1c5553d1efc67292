/* Versions in place, by number. */
#include "device.h"

void nfr_device_close_versions(struct nfr_device *device) {
  for (unsigned i = 0; i < NFR_DEVICE_MAX_VERSIONS; i++) nfr_native_version_close(&device->versions[i]);
}

typedef int version_start(struct nfr_native_version *, struct nfr_native *, struct nfr_store *, uint16_t, enum nfr_place);

static int start(struct nfr_device *device, uint32_t slot, uint32_t place, version_start *begin) {
  int err = nfr_device_check(device);
  if (err) return err;
  if (slot >= device->config.slots || place > NFR_PLACE_PREVIOUS) return NFR_ERR_ARGUMENT;
  unsigned i = 0;
  while (i < NFR_DEVICE_MAX_VERSIONS && nfr_native_version_is_used(&device->versions[i])) i++;
  if (i == NFR_DEVICE_MAX_VERSIONS) return NFR_ERR_NO_MEMORY;
  err = begin(&device->versions[i], device->native, &device->store, (uint16_t)slot, (enum nfr_place)place);
  return err == NFR_NATIVE_MORE ? (int)i : err;
}

int nfr_device_version_open(struct nfr_device *device, uint32_t slot, uint32_t place) {
  return start(device, slot, place, nfr_native_version_open);
}

int nfr_device_version_test(struct nfr_device *device, uint32_t slot, uint32_t place) {
  return start(device, slot, place, nfr_native_version_test);
}

static int check_version(const struct nfr_device *device, uint32_t version) {
  int err = nfr_device_check(device);
  if (err == NFR_ERR_ARGUMENT) return err;
  return version < NFR_DEVICE_MAX_VERSIONS ? err : NFR_ERR_ARGUMENT;
}

int nfr_device_version_step(struct nfr_device *device, uint32_t version, uint32_t budget, struct nfr_native_report *report) {
  if (!nfr_native_is_words(report)) return NFR_ERR_ARGUMENT;
  *report = (struct nfr_native_report){.source_op = -1};
  int err = check_version(device, version);
  if (err == NFR_ERR_PORT) nfr_native_version_close(&device->versions[version]);
  return err ? err : nfr_native_version_step(&device->versions[version], budget, report);
}

/* Inferences need no store: they go on when its journal has died. */
int nfr_device_version_handle(struct nfr_device *device, uint32_t version) {
  int err = check_version(device, version);
  return err && err != NFR_ERR_PORT ? err : nfr_native_version_handle(&device->versions[version]);
}

int nfr_device_version_close(struct nfr_device *device, uint32_t version) {
  int err = check_version(device, version);
  if (err && err != NFR_ERR_PORT) return err;
  nfr_native_version_close(&device->versions[version]);
  return NFR_OK;
}
