/* A device whose flash is a model: the store with its port, and an agent that installs capsules through it. */
#ifndef STORE_BENCH_DEVICE_H
#define STORE_BENCH_DEVICE_H

#include "nfr_flash_model.h"
#include "capsule/nfr_capsule.h"
#include "nfr_lifecycle.h"
#include "nfr_store.h"

#define DEVICE_BUFFER 1024u
#define DEVICE_SLOTS 1025u
#define DEVICE_ID UINT64_C(0x5eed)

struct device {
  struct nfr_flash_model *model;
  struct nfr_store store;
  struct nfr_store_config config;
  struct nfr_crypto crypto;
  uint16_t index[DEVICE_SLOTS];
  uint64_t buffer[DEVICE_BUFFER / 8];
  uint64_t payload;    /* bytes of blobs that were written for somebody */
  uint32_t rooms;      /* calls of nfr_store_room */
  uint32_t serial;     /* of the next blob */
  uint32_t random;
};

/* What one version of a capsule takes; its sections are as long as these say. */
struct version_bytes { uint32_t manifest, model, vectors; };

/* Every failure ends the program with its line: a benchmark has nothing to recover. */
void must(int result, const char *what, int line);
#define MUST(call) must((call), #call, __LINE__)

/* A formatted store of this chip; slots: of the index. */
void device_open(struct device *device, const struct nfr_flash_model_config *chip, uint16_t slots);
void device_close(struct device *device);

/* Uniform in from … to. */
uint32_t device_draw(struct device *device, uint32_t from, uint32_t to);

/* Fetches a new version of capsule `number` and takes it to a state from STAGED to CONFIRMED. Its slot, or NFR_STORE_NONE: not even
 * compaction made room for it, and it was withdrawn. */
uint16_t device_fetch(struct device *device, uint32_t number, const struct version_bytes *bytes, enum nfr_state state);

/* Until it is confirmed; then what was the previous version is freed. False: there was no room. */
bool device_install(struct device *device, uint32_t number, const struct version_bytes *bytes);

void device_event(struct device *device, uint16_t slot, enum nfr_event event);

/* Both regions. */
uint64_t device_programmed(const struct device *device);
uint64_t device_busy_us(const struct device *device);

#endif
