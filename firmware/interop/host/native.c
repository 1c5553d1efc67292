/* The facade's context on a host: crypto by mbedTLS. */
#include "interop/nfr_native.h"
#include "nfr_mbedtls.h"

int nfr_native_init(struct nfr_native *context, uint32_t context_bytes, void *arena, uint32_t arena_bytes, void *pool,
                    uint32_t pool_bytes, const uint8_t *root_key) {
  return nfr_native_init_with(context, context_bytes, arena, arena_bytes, pool, pool_bytes, root_key, nfr_mbedtls_crypto());
}
