/* A device's store, lifecycle and capsules behind functions that managed code can call: by P/Invoke on a host, from the nanoCLR
 * glue on a device. It joins a store (nfr_store.h, nfr_lifecycle.h) and a facade (nfr_native.h), whose rules and errors hold.
 *
 * Blobs are named by their digest (32 bytes); slots of blobs never leave this file, slots of names do. Arguments are blittable, 64-bit
 * numbers cross as low and high half. Every function returns an int, NFR_OK or more or a negative enum nfr_error, unless it says
 * otherwise; ARGUMENT also for null pointers, for pointers to structures that are not 4-byte aligned, and before mounting; PORT after the
 * journal has died. One thread at a time. Jobs are run by nfr_device_step; what is not a job and not said to be slow
 * takes a record (a program operation or two, an erase when nfr_device_prepare was not called ahead of need).
 *
 * Untrusted: all bytes of flash, manifests, key lists, names, digests, numbers. Trusted: pointers and their sizes, the flash ports, the
 * facade's context. No heap, no globals.
 */
#ifndef NFR_DEVICE_H
#define NFR_DEVICE_H

#include "nfr_native.h"
#include "port/port.h"
#include "store/nfr_lifecycle.h"

#define NFR_DEVICE_MAX_VERSIONS 4u /* open, being opened or tested at a time */
#define NFR_DEVICE_MORE 1          /* call again */

struct nfr_device; /* in the caller's memory */

/* Where a device's store lies and how large its tables are: trusted (store/nfr_store_check.h checks them where boards are made). */
struct nfr_device_config {
  const struct nfr_flash *journal, *blobs; /* stay as they are while the device is used */
  uint64_t identity;                       /* of the device: a store of another one is FOREIGN */
  uint32_t slots, buffer_bytes;            /* as in struct nfr_store_config */
};

/* A name's record with digests for slots; words and bytes, read by place (runtime/NfRuntime.Native, NativeStore.cs). */
struct nfr_device_version {
  uint32_t state, reason, strikes, attempts, counter; /* enum nfr_state, enum nfr_reason */
  uint32_t is_complete; /* 1: its manifest and all attached sections are COMPLETE blobs */
  uint8_t manifest[32]; /* zeros when the blob is gone */
};
struct nfr_device_name {
  uint32_t length, failures, floor;
  uint32_t rejected_reason, rejected_detail; /* reason 0: none was */
  uint8_t rejected[32];                      /* digest of its manifest */
  struct nfr_device_version versions[3];     /* by enum nfr_place */
  char text[NFR_NAME_MAX_BYTES];
};

/* struct nfr_store_usage in words; bytes but for the slots. */
struct nfr_device_usage {
  uint32_t bytes, used, garbage, free, largest, slots_used, slots, was_damaged;
};

/* What a device knows of the world outside. */
struct nfr_device_settings {
  uint32_t generation_low, generation_high, time_low, time_high;
};

/* ---- memory ---- */

/* Bytes that a device takes with `slots` slots and a program buffer of `buffer_bytes`, a multiple of 8. ARGUMENT: out of range. */
int nfr_device_size(uint32_t slots, uint32_t buffer_bytes);

/* device: nfr_device_size bytes, 8-byte aligned. native: initialized; used by this device alone, for as long. Nothing is mounted yet. */
NFR_CHECK_RESULT int nfr_device_init(struct nfr_device *device, uint32_t device_bytes, struct nfr_native *native,
                                     const struct nfr_device_config *config);

/* Closes all versions and takes the key list from the facade: afterwards neither needs the device's memory. */
void nfr_device_end(struct nfr_device *device);

/* ---- start ---- */

/* nfr_store_mount and nfr_store_format. Versions are closed first, and the facade has no key list of this device's any more. */
NFR_CHECK_RESULT int nfr_device_mount(struct nfr_device *device);
NFR_CHECK_RESULT int nfr_device_format(struct nfr_device *device);

/* nfr_lifecycle_boot, once after mounting; then verifies the key list in force and gives it to the facade. Slow (a signature).
 * cause: enum nfr_reset. An error says what could not be done (a record, the key list: nfr_device_key_list_version is 0 then and
 * nfr_device_use_key_list is to be called); the device goes on all the same. */
NFR_CHECK_RESULT int nfr_device_boot(struct nfr_device *device, int cause, const uint8_t firmware[16]);

/* ---- jobs, blobs ---- */

NFR_CHECK_RESULT int nfr_device_step(struct nfr_device *device, uint32_t bytes);
NFR_CHECK_RESULT int nfr_device_cancel(struct nfr_device *device);

/* enum nfr_blob_state; NOT_FOUND. */
NFR_CHECK_RESULT int nfr_device_blob_state(struct nfr_device *device, const uint8_t digest[32]);

NFR_CHECK_RESULT int nfr_device_begin(struct nfr_device *device, const uint8_t digest[32], uint32_t bytes, uint32_t chunk_log2);

/* Of the blob that is being written; 0 without one. */
NFR_CHECK_RESULT int nfr_device_chunk_log2(struct nfr_device *device);
NFR_CHECK_RESULT int nfr_device_chunk_count(struct nfr_device *device);

NFR_CHECK_RESULT int nfr_device_missing(struct nfr_device *device, uint32_t chunk);

/* `count` bytes at data + offset. */
NFR_CHECK_RESULT int nfr_device_write(struct nfr_device *device, uint32_t chunk, const uint8_t *data, uint32_t offset, uint32_t count);
NFR_CHECK_RESULT int nfr_device_sync(struct nfr_device *device);
NFR_CHECK_RESULT int nfr_device_finish(struct nfr_device *device);

/* `count` bytes at `offset` of a COMPLETE blob, to data + at. */
NFR_CHECK_RESULT int nfr_device_read(struct nfr_device *device, const uint8_t digest[32], uint32_t offset, uint8_t *data, uint32_t at,
                                     uint32_t count);
NFR_CHECK_RESULT int nfr_device_room(struct nfr_device *device, uint32_t bytes, uint32_t slots);
NFR_CHECK_RESULT int nfr_device_prepare(struct nfr_device *device, uint32_t records);
NFR_CHECK_RESULT int nfr_device_scrub(struct nfr_device *device, uint32_t bytes);
NFR_CHECK_RESULT int nfr_device_usage(struct nfr_device *device, struct nfr_device_usage *usage);

/* ---- trust ---- */

/* Verifies a key list (K01 to K17, the floor is the version in force), keeps it as a blob, and puts it in force, now and after each
 * boot. The list that is in force writes nothing. The blob that is being written stays so. Slow (two signatures, an
 * erase, 4 KB programmed and hashed), and no job: between inferences. Refused lists change nothing. BUSY while a job
 * runs; NO_SPACE: nfr_device_room first. */
NFR_CHECK_RESULT int nfr_device_use_key_list(struct nfr_device *device, const uint8_t *bytes, uint32_t count);

/* Of the list in force; 0 without one. Versions are 1 … 2^31 - 1 here: a larger one gives the largest. */
NFR_CHECK_RESULT int nfr_device_key_list_version(struct nfr_device *device);

/* nfr_native_verify with the keys in force. summary is always written; its error is the result. It fits when the arena and the whole
 * pool are enough: what is open gives way to it, the version that it replaces first (nfr_device_version_open then compares with what is free). */
NFR_CHECK_RESULT int nfr_device_verify(struct nfr_device *device, const uint8_t *manifest, uint32_t count,
                                       struct nfr_native_summary *summary);

/* Bytes of a section (enum nfr_section_kind) that a manifest names, and its digest; NOT_FOUND: it has none of this kind. Of the manifest that
 * nfr_device_verify accepted last this is a hash; of others slow (a signature). */
NFR_CHECK_RESULT int nfr_device_section(struct nfr_device *device, const uint8_t *manifest, uint32_t count, uint32_t kind,
                                        uint8_t digest[32]);

/* SHA-256 of `count` bytes at data + offset. */
NFR_CHECK_RESULT int nfr_device_hash(struct nfr_device *device, const uint8_t *data, uint32_t offset, uint32_t count, uint8_t digest[32]);

/* CRC-32 (zlib) that continues `start`; no error. */
uint32_t nfr_device_crc32(uint32_t start, const uint8_t *data, uint32_t offset, uint32_t count);

/* ---- lifecycle; slot: of a name ---- */

/* The next name behind `slot` (0 at first): its slot; NOT_FOUND. */
NFR_CHECK_RESULT int nfr_device_next_name(struct nfr_device *device, uint32_t slot, struct nfr_device_name *name);

/* The slot of a name; NOT_FOUND. */
NFR_CHECK_RESULT int nfr_device_find_name(struct nfr_device *device, const uint8_t *text, uint32_t length, struct nfr_device_name *name);

/* 0, or why not: enum nfr_reason. */
NFR_CHECK_RESULT int nfr_device_may_fetch(struct nfr_device *device, const uint8_t *text, uint32_t length, const uint8_t manifest[32],
                                          uint32_t counter);

/* The name's slot. */
NFR_CHECK_RESULT int nfr_device_fetch(struct nfr_device *device, const uint8_t *text, uint32_t length, uint32_t counter,
                                      const uint8_t manifest[32]);
NFR_CHECK_RESULT int nfr_device_attach(struct nfr_device *device, uint32_t slot, uint32_t kind, const uint8_t digest[32]);
/* Reasons: enum nfr_reason, or to 255 the caller's own, which are kept as they are. */
NFR_CHECK_RESULT int nfr_device_apply(struct nfr_device *device, uint32_t slot, uint32_t event, uint32_t reason, uint32_t detail,
                                      uint32_t place);

/* The place that serves; NOT_FOUND. */
NFR_CHECK_RESULT int nfr_device_serving(struct nfr_device *device, uint32_t slot);

/* slot * 4 + place; NOT_FOUND. */
NFR_CHECK_RESULT int nfr_device_unchecked(struct nfr_device *device);
NFR_CHECK_RESULT int nfr_device_tend(struct nfr_device *device);
NFR_CHECK_RESULT int nfr_device_plan_restart(struct nfr_device *device);
NFR_CHECK_RESULT int nfr_device_settings(struct nfr_device *device, struct nfr_device_settings *settings);
NFR_CHECK_RESULT int nfr_device_set_generation(struct nfr_device *device, uint32_t low, uint32_t high);
NFR_CHECK_RESULT int nfr_device_set_time(struct nfr_device *device, uint32_t low, uint32_t high);

/* ---- versions in place ---- */

/* nfr_native_version_open and _test: the version's number 0 … 3, for those below; NO_MEMORY also when all numbers are taken. */
NFR_CHECK_RESULT int nfr_device_version_open(struct nfr_device *device, uint32_t slot, uint32_t place);
NFR_CHECK_RESULT int nfr_device_version_test(struct nfr_device *device, uint32_t slot, uint32_t place);

/* nfr_native_version_step. After an error other than BUSY it is closed and its number free. report is always written. */
NFR_CHECK_RESULT int nfr_device_version_step(struct nfr_device *device, uint32_t version, uint32_t budget, struct nfr_native_report *report);

/* The facade's handle (> 0) of a version that is open, for nfr_native_begin and all others; 0: it is not, or not yet. */
NFR_CHECK_RESULT int nfr_device_version_handle(struct nfr_device *device, uint32_t version);

/* Nothing when it is closed already. */
NFR_CHECK_RESULT int nfr_device_version_close(struct nfr_device *device, uint32_t version);

#endif
