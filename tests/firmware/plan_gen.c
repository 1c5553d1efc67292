#include "plan_gen.h"

#include <string.h>

const uint8_t plan_gen_kinds[] = {
    NFR_KIND_ADD,         NFR_KIND_MUL,         NFR_KIND_CONV_2D,    NFR_KIND_DEPTHWISE_CONV_2D, NFR_KIND_FULLY_CONNECTED,
    NFR_KIND_AVERAGE_POOL_2D, NFR_KIND_MAX_POOL_2D, NFR_KIND_SOFTMAX, NFR_KIND_LUT,              NFR_KIND_LOGISTIC16,
    NFR_KIND_PAD,         NFR_KIND_MEAN,        NFR_KIND_COPY,       NFR_KIND_TRANSPOSE,         NFR_KIND_QUANTIZE,
    NFR_KIND_REQUANTIZE,  NFR_KIND_DEQUANTIZE,  NFR_KIND_SVDF,       NFR_KIND_LSTM};
const unsigned plan_gen_kind_count = sizeof plan_gen_kinds;

/* splitmix64 (Steele, Lea, Flood 2014). */
static uint64_t next_random(struct plan_gen *gen) {
  uint64_t z = gen->random += 0x9e3779b97f4a7c15u;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
  z = (z ^ z >> 27) * 0x94d049bb133111ebu;
  return z ^ z >> 31;
}

uint32_t gen_below(struct plan_gen *gen, uint32_t limit) {
  return (uint32_t)(next_random(gen) >> 32) % limit;
}

bool gen_once_in(struct plan_gen *gen, uint32_t n) {
  return gen_below(gen, n) == 0;
}

static uint32_t align_up(uint32_t value, uint32_t alignment) {
  return (value + alignment - 1) & ~(alignment - 1);
}

static bool overlap(uint32_t a, uint32_t a_bytes, uint32_t b, uint32_t b_bytes) {
  return a < b + b_bytes && b < a + a_bytes;
}

static uint16_t add_tensor(struct plan_gen *gen, uint8_t region, uint32_t offset, uint32_t bytes, uint8_t type) {
  if (gen->tensor_count == GEN_TENSORS) {
    gen->full = true;
    return 0;
  }
  gen->tensors[gen->tensor_count] =
      (struct nfr_plan_tensor){.offset = offset, .bytes = bytes, .type = type, .region = region};
  return gen->tensor_count++;
}

/* A place at the arena's end, sometimes after a gap. */
static uint32_t new_place(struct plan_gen *gen, uint32_t bytes, uint32_t alignment) {
  uint32_t gap = !gen->plain && gen_once_in(gen, 4) ? gen_below(gen, 9) : 0;
  uint32_t offset = align_up(gen->arena_bytes + gap, alignment);
  gen->arena_bytes = offset + bytes;
  return offset;
}

/* Whether none of the operands so far lies there, from the one of number `first` on. */
static bool is_free(const struct plan_gen *gen, const struct nfr_plan_op *op, unsigned first, uint32_t offset, uint32_t bytes) {
  const uint16_t used[] = {op->in[0], op->in[1], op->in[2], op->scratch};
  for (unsigned i = first; i < 4; i++) {
    if (used[i] == NFR_PLAN_NONE16) continue;
    const struct nfr_plan_tensor *tensor = &gen->tensors[used[i]];
    if (tensor->region == NFR_REGION_ARENA && overlap(offset, bytes, tensor->offset, tensor->bytes)) return false;
  }
  return true;
}

uint16_t gen_output(struct plan_gen *gen, const struct nfr_plan_op *op, uint8_t type, uint32_t count) {
  uint32_t size = nfr_type_bytes(type), bytes = count * size;
  for (unsigned i = 0; i < 4 && !gen->plain && gen->arena_bytes > bytes && gen_once_in(gen, 2); i++) {
    uint32_t offset = gen_below(gen, (gen->arena_bytes - bytes) / size + 1) * size;
    if (is_free(gen, op, 0, offset, bytes)) return add_tensor(gen, NFR_REGION_ARENA, offset, bytes, type);
  }
  return add_tensor(gen, NFR_REGION_ARENA, new_place(gen, bytes, size), bytes, type);
}

uint16_t gen_output_at(struct plan_gen *gen, const struct nfr_plan_op *op, uint16_t at, uint8_t type, uint32_t count) {
  const struct nfr_plan_tensor *tensor = &gen->tensors[at];
  if (gen->plain || tensor->region != NFR_REGION_ARENA || count * nfr_type_bytes(type) > tensor->bytes ||
      gen_once_in(gen, 2))
    return gen_output(gen, op, type, count);
  return add_tensor(gen, NFR_REGION_ARENA, tensor->offset, count * nfr_type_bytes(type), type);
}

uint16_t gen_output_over(struct plan_gen *gen, const struct nfr_plan_op *op, uint8_t type, uint32_t count,
                         const struct nfr_rows *rows) {
  const struct nfr_plan_tensor *in = &gen->tensors[op->in[0]];
  uint32_t size = nfr_type_bytes(type), bytes = count * size;
  bool can_overlap = !gen->plain && rows->batches == 1 && in->region == NFR_REGION_ARENA && !gen_once_in(gen, 4);
  for (unsigned i = 0; i < 8 && can_overlap; i++) {
    /* An offset of the first byte from in's end downwards, to where the output ends at in's start. */
    uint32_t back = gen_below(gen, (in->bytes + bytes) / size) * size;
    if (back > in->offset + in->bytes) continue;
    uint32_t offset = in->offset + in->bytes - back;
    struct nfr_op bound = {.in[0] = {.data = (uint8_t *)(uintptr_t)(in->offset + 16), .bytes = in->bytes},
                           .out = {.data = (uint8_t *)(uintptr_t)(offset + 16), .bytes = bytes}};
    if (!is_free(gen, op, 1, offset, bytes) || nfr_check_overlap(&bound, rows)) continue;
    if (offset + bytes > gen->arena_bytes) gen->arena_bytes = offset + bytes;
    return add_tensor(gen, NFR_REGION_ARENA, offset, bytes, type);
  }
  return gen_output(gen, op, type, count);
}

uint16_t gen_scratch(struct plan_gen *gen, uint8_t type, uint32_t count) {
  uint32_t bytes = count * nfr_type_bytes(type);
  return add_tensor(gen, NFR_REGION_ARENA, new_place(gen, bytes, 4), bytes, type);
}

uint16_t gen_tensor(struct plan_gen *gen, uint32_t bytes, uint8_t type, uint32_t alignment) {
  return add_tensor(gen, NFR_REGION_ARENA, new_place(gen, bytes, alignment), bytes, type);
}

uint16_t gen_state(struct plan_gen *gen, uint8_t type, uint32_t count) {
  uint32_t size = nfr_type_bytes(type), offset = align_up(gen->state_bytes, size);
  gen->state_bytes = offset + count * size;
  uint16_t index = add_tensor(gen, NFR_REGION_STATE, offset, count * size, type);
  gen->tensors[index].fill = (int16_t)(type == NFR_TYPE_INT8 ? (int8_t)gen_below(gen, 256) : (int16_t)gen_below(gen, 65536));
  return index;
}

uint32_t gen_constants(struct plan_gen *gen, uint32_t count, uint32_t size) {
  uint32_t offset = align_up(gen->constant_bytes, size);
  if (offset + count * size > GEN_CONSTANTS) {
    gen->full = true;
    return NFR_PLAN_NONE32;
  }
  gen->constant_bytes = offset + count * size;
  for (uint32_t i = 0; i < count * size; i++) gen->constants[offset + i] = (uint8_t)next_random(gen);
  return offset;
}

/* A tensor that is there and fits, mostly the newest. */
static bool find_tensor(struct plan_gen *gen, uint8_t type, uint32_t bytes, uint16_t *found) {
  for (uint16_t i = gen->tensor_count; i-- > 0;) {
    const struct nfr_plan_tensor *tensor = &gen->tensors[i];
    if (tensor->type != type || tensor->bytes != bytes || gen_once_in(gen, 6)) continue;
    *found = i;
    return true;
  }
  return false;
}

/* The tensor that this operator has to read; the plan is given up when it has another type or size. */
static uint16_t fed_input(struct plan_gen *gen, uint8_t type, uint32_t bytes) {
  uint16_t index = gen->feed[0];
  gen->feed[0] = gen->feed[1];
  gen->feeds--;
  if (gen->tensors[index].type != type || gen->tensors[index].bytes != bytes) gen->full = true;
  return index;
}

uint16_t gen_input(struct plan_gen *gen, uint8_t type, uint32_t count) {
  uint32_t size = nfr_type_bytes(type), bytes = count * size;
  uint16_t index;
  if (gen->feeds > 0) return fed_input(gen, type, bytes);
  if (!gen->plain && !gen_once_in(gen, 5) && find_tensor(gen, type, bytes, &index)) return index;
  if (!gen->plain && gen_once_in(gen, 8)) {
    uint32_t offset = gen_constants(gen, count, size);
    return gen->full ? 0 : add_tensor(gen, NFR_REGION_CONST, offset, bytes, type);
  }
  index = add_tensor(gen, NFR_REGION_ARENA, new_place(gen, bytes, size), bytes, type);
  if (!gen->full && gen->input_count < NFR_PLAN_MAX_IO) gen->inputs[gen->input_count++] = index;
  return index;
}

void plan_gen_start(struct plan_gen *gen, uint64_t seed) {
  memset(gen, 0, sizeof *gen);
  gen->random = seed;
  gen->type = GEN_ANY_TYPE;
}

void plan_gen_add(struct plan_gen *gen, uint8_t kind, const void *params, uint16_t source_op) {
  const struct nfr_op_type *type = nfr_op_type_of(kind);
  if (type == NULL || gen->op_count == GEN_OPS || gen->ops_bytes + 16 + GEN_PARAMS > GEN_OP_BYTES) gen->full = true;
  if (gen->full) return;
  struct nfr_plan_op *op = (struct nfr_plan_op *)(void *)(gen->ops + gen->ops_bytes);
  *op = (struct nfr_plan_op){.kind = kind,
                             .bytes = (uint16_t)(sizeof *op + type->params_bytes),
                             .source_op = source_op,
                             .in = {NFR_PLAN_NONE16, NFR_PLAN_NONE16, NFR_PLAN_NONE16},
                             .out = NFR_PLAN_NONE16,
                             .scratch = NFR_PLAN_NONE16};
  uint8_t *own = (uint8_t *)(op + 1);
  for (unsigned i = 0; i < type->params_bytes; i++)
    own[i] = params != NULL ? ((const uint8_t *)params)[i] : (uint8_t)next_random(gen);
  gen_fix(gen, kind, own, op);
  gen->outputs[gen->op_count++] = op->out;
  gen->ops_bytes += op->bytes;
}

static void put_io(const struct plan_gen *gen, struct nfr_plan_io *io, uint16_t index) {
  const struct nfr_plan_tensor *tensor = &gen->tensors[index];
  bool is_float = tensor->type == NFR_TYPE_FLOAT32;
  *io = (struct nfr_plan_io){.tensor = index,
                             .rank = 2,
                             .dims = {1, tensor->bytes / nfr_type_bytes(tensor->type), 1, 1, 1, 1},
                             .scale = is_float ? 0.0f : 0.0625f,
                             .zero_point = is_float ? 0 : -3};
}

/* A model has an input, also one that reads nothing but constants and state. */
static void need_input(struct plan_gen *gen) {
  if (gen->input_count > 0) return;
  gen->inputs[0] = add_tensor(gen, NFR_REGION_ARENA, new_place(gen, 16, 4), 16, NFR_TYPE_INT8);
  gen->input_count = 1;
}

size_t plan_gen_finish(struct plan_gen *gen, uint8_t *plan, size_t room) {
  need_input(gen);
  unsigned output_count = gen->op_count > 1 && !gen->plain && gen->outputs[gen->op_count - 2u] != NFR_PLAN_NONE16 ? 1 + gen_below(gen, 2) : 1;
  struct nfr_plan_header h = {.magic = NFR_PLAN_MAGIC,
                              .major = NFR_PLAN_MAJOR,
                              .header_bytes = sizeof h,
                              .features = gen->features,
                              .state_bytes = align_up(gen->state_bytes, 16),
                              .arena_bytes = align_up(gen->arena_bytes, 16),
                              .tensor_count = gen->tensor_count,
                              .op_count = gen->op_count,
                              .input_count = gen->input_count,
                              .output_count = (uint8_t)output_count,
                              .tensors_offset = sizeof h,
                              .ops_bytes = gen->ops_bytes,
                              .const_bytes = gen->constant_bytes,
                              .layouts = NFR_KNOWN_LAYOUTS};
  h.io_offset = h.tensors_offset + h.tensor_count * (uint32_t)sizeof(struct nfr_plan_tensor);
  h.ops_offset = h.io_offset + (uint32_t)(h.input_count + h.output_count) * (uint32_t)sizeof(struct nfr_plan_io);
  h.const_offset = align_up(h.ops_offset + h.ops_bytes, 16);
  h.total_bytes = align_up(h.const_offset + h.const_bytes, 16);
  if (gen->full || gen->op_count == 0 || h.total_bytes > room) return 0;

  memset(plan, 0, h.total_bytes);
  memcpy(plan, &h, sizeof h);
  memcpy(plan + h.tensors_offset, gen->tensors, h.tensor_count * sizeof gen->tensors[0]);
  for (unsigned i = 0; i < (unsigned)h.input_count + h.output_count; i++) {
    struct nfr_plan_io io;
    put_io(gen, &io, i < h.input_count ? gen->inputs[i] : gen->outputs[gen->op_count - 1u - (i - h.input_count)]);
    memcpy(plan + h.io_offset + i * sizeof io, &io, sizeof io);
  }
  memcpy(plan + h.ops_offset, gen->ops, gen->ops_bytes);
  memcpy(plan + h.const_offset, gen->constants, gen->constant_bytes);
  return h.total_bytes;
}
