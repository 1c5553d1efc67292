/* What the firmware asks of a board. Every callback gets the port's own context first; none may allocate, but
 * p256_verify may use the heap of the crypto library while it runs.
 * This is the whole port: flash, clock, log and reset causes join it with the store. */
#ifndef NFR_PORT_H
#define NFR_PORT_H

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

#endif
