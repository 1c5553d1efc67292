/* The engine with the kernels of the other backend (CMakeLists.txt), its symbols prefixed, in the same program. */
#ifndef NFR_OTHER_ENGINE_H
#define NFR_OTHER_ENGINE_H

#include "nfr_engine.h"

NFR_CHECK_RESULT int other_nfr_engine_load(struct nfr_engine *engine, const void *plan, size_t plan_bytes, void *arena,
                                           size_t arena_bytes, void *state, size_t state_bytes, uint32_t max_slice);
NFR_CHECK_RESULT int other_nfr_engine_step(struct nfr_engine *engine, uint32_t budget);
NFR_CHECK_RESULT int other_nfr_engine_stop_at_op(struct nfr_engine *engine, bool stop);

#endif
