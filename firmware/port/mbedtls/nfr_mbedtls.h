/* The crypto port on mbedTLS 2.28 or 3.6. SHA-256 allocates nothing; p256_verify uses mbedTLS's own heap (numbers of the
 * curve, about 3 KB, freed before it returns). */
#ifndef NFR_MBEDTLS_H
#define NFR_MBEDTLS_H

#include "port/port.h"

/* Immutable, shared by all; needs no context. */
const struct nfr_crypto *nfr_mbedtls_crypto(void);

#endif
