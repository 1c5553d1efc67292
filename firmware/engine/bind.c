#include "bind.h"

static_assert(sizeof(void *) > 4 || sizeof(struct nfr_engine) <= 128, "an idle capsule is small");

static uint8_t *region_base(const struct nfr_engine *engine, uint8_t region) {
  if (region == NFR_REGION_ARENA) return engine->arena;
  if (region == NFR_REGION_STATE) return engine->state;
  /* Constants are only read: no operand that is written may lie in them (rules V32 to V34). */
  return (uint8_t *)(uintptr_t)(engine->plan + nfr_plan_header_of(engine->plan)->const_offset);
}

struct nfr_operand nfr_bind_tensor(const struct nfr_engine *engine, uint16_t index) {
  const struct nfr_plan_tensor *tensor = &nfr_plan_tensors(engine->plan)[index];
  return (struct nfr_operand){
      .data = region_base(engine, tensor->region) + tensor->offset,
      .bytes = tensor->bytes,
      .type = tensor->type,
      .region = tensor->region,
  };
}

void nfr_bind_op(const struct nfr_engine *engine, const struct nfr_plan_op *record, const struct nfr_op_type *type,
                 struct nfr_op *op) {
  const struct nfr_plan_header *header = nfr_plan_header_of(engine->plan);
  const struct nfr_operand absent = {0};
  op->record = record;
  op->params = record + 1;
  op->constants = engine->plan + header->const_offset;
  op->constant_bytes = header->const_bytes;
  for (unsigned i = 0; i < 3; i++)
    op->in[i] = (type->operands & (NFR_USES_IN0 << i)) ? nfr_bind_tensor(engine, record->in[i]) : absent;
  op->out = nfr_bind_tensor(engine, record->out);
  op->scratch = nfr_op_uses_scratch(type, record->layout) ? nfr_bind_tensor(engine, record->scratch) : absent;
}
