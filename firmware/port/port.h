/* What the firmware asks of a board. Every callback gets the port's own context first; none may allocate, but
 * p256_verify may use the heap of the crypto library while it runs.
 * One thread at a time. */
#ifndef NFR_PORT_H
#define NFR_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../nfr.h"

#define NFR_SHA256_CONTEXT_BYTES 256u /* enough for mbedTLS 2.28 and 3.6 and for hardware engines */

/* Working memory of one hash, supplied by the caller; 8-byte aligned. */
struct nfr_sha256 { uint64_t opaque[NFR_SHA256_CONTEXT_BYTES / 8]; };

struct nfr_crypto {
  void *context; /* handed to each callback; may be null */
  NFR_CHECK_RESULT int (*sha256_begin)(void *context, struct nfr_sha256 *hash);
  NFR_CHECK_RESULT int (*sha256_update)(void *context, struct nfr_sha256 *hash, const void *data, size_t bytes);
  NFR_CHECK_RESULT int (*sha256_finish)(void *context, struct nfr_sha256 *hash, uint8_t digest[32]); /* also frees what begin took */
  /* ECDSA over P-256: key x‖y, signature r‖s, big-endian. NFR_OK, NFR_ERR_SIGNATURE, or NFR_ERR_PORT. */
  NFR_CHECK_RESULT int (*p256_verify)(void *context, const uint8_t key[64], const uint8_t digest[32], const uint8_t signature[64]);
};

/* One region of flash with uniform erase blocks: a part of a chip that nobody else writes. Two regions may lie on one chip.
 *
 * What the store takes for granted, and nothing else: a program or erase call that returned NFR_OK is complete and its bytes are stable;
 * bytes outside the units of a program call that was cut, or outside the block of an erase call that was cut, did not change;
 * a call that was cut in the middle of several units has completed none, some or all of them. A unit whose
 * programming was cut may read old, new, mixed, differently each time, or fail. A block whose erase was cut is
 * still what it was as a whole, and stays so, or is broken: it may look blank and is not.
 * Nothing is said of what erased flash reads like (with flash encryption it is noise).
 */
struct nfr_flash {
  void *context;            /* handed to each callback; may be null */
  uint32_t bytes;           /* of the region: a multiple of block_bytes, 2 … 65,535 blocks, at most 2^31 */
  uint32_t block_bytes;     /* erased as one: a power of two, 1 KiB … 256 KiB */
  uint16_t unit_bytes;      /* programmed as one: 1, 2, 4, 8, 16 or 32 */
  bool rewrites;            /* a unit may be programmed again with the very bytes of the first time (NOR without ECC and encryption);
                               false: once an erase */
  const uint8_t *mapped;    /* where the region can be read by the CPU, 32-byte aligned; null: nowhere */
  uint32_t program_stall_us; /* longest time that programming 256 bytes stops execution from this flash */
  uint32_t erase_stall_us;  /* the same for one block; 0: it stops nothing */
  /* offset + bytes <= the region's. NFR_OK, or NFR_ERR_PORT (an ECC error, say): data are undefined then. */
  NFR_CHECK_RESULT int (*read)(void *context, uint32_t offset, void *data, uint32_t bytes);
  /* offset and bytes are multiples of unit_bytes. NFR_OK when all is programmed, else NFR_ERR_PORT. */
  NFR_CHECK_RESULT int (*program)(void *context, uint32_t offset, const void *data, uint32_t bytes);
  /* block: index. NFR_OK when all of it is erased, else NFR_ERR_PORT: a bad block. */
  NFR_CHECK_RESULT int (*erase)(void *context, uint32_t block);
};

/* Why the device started. Numbers are permanent: they appear in telemetry. */
enum nfr_reset {
  NFR_RESET_UNKNOWN = 0,
  NFR_RESET_POWER_ON = 1,
  NFR_RESET_PIN = 2,
  NFR_RESET_SOFTWARE = 3,
  NFR_RESET_WATCHDOG = 4,
  NFR_RESET_PANIC = 5,
  NFR_RESET_BROWN_OUT = 6,
  NFR_RESET_DEEP_SLEEP = 7, /* woken */
};

#endif
