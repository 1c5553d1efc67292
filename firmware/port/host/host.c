#include "host.h"

#include "nfr_engine.h"

size_t nfr_host_engine_bytes(void) {
  return sizeof(struct nfr_engine);
}
