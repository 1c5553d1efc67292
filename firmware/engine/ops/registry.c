#include "types.h"

#ifndef NFR_REGISTRY
#error "NFR_REGISTRY comes from CMake: NFR_OP(add) NFR_OP(mul) …, the operators that are built in"
#endif

#define NFR_OP(name) &nfr_op_##name,
static const struct nfr_op_type *const types[] = {NFR_REGISTRY};
#undef NFR_OP

const struct nfr_op_type *nfr_op_type_of(uint8_t kind) {
  unsigned place = kind - 1u; /* where it is when all kinds are built in */
  if (place < sizeof types / sizeof types[0] && types[place]->kind == kind) return types[place];
  for (unsigned i = 0; i < sizeof types / sizeof types[0]; i++)
    if (types[i]->kind == kind) return types[i];
  return 0;
}
