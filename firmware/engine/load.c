/* Proves a plan safe: tables, records and aliasing, rules V13 to V39 of SPEC.md §5 (the header's are in header.c, the
 * operators' in ops/). One pass, in which nothing is read before the rule that makes reading it safe. */
#include <string.h>

#include "bind.h"
#include "rule.h"

static bool is_aligned(const void *pointer, uint32_t alignment) {
  return ((uintptr_t)pointer & (alignment - 1u)) == 0;
}

/* A fill value is for state that has integers of 8 or 16 bits; it fits the type. */
static bool fill_is_valid(const struct nfr_plan_tensor *tensor) {
  if (tensor->region != NFR_REGION_STATE) return false;
  if (tensor->type == NFR_TYPE_INT8) return tensor->fill >= INT8_MIN && tensor->fill <= INT8_MAX;
  return tensor->type == NFR_TYPE_INT16;
}

/* room: bytes of the regions, by enum nfr_region. chains: null in a plan without them. */
static int check_tensor(const uint32_t room[3], const struct nfr_control *chains, const struct nfr_plan_tensor *tensor) {
  if (!NFR_RULE(V16, tensor->type <= NFR_TYPE_FLOAT32)) return NFR_ERR_CORRUPT;
  if (!NFR_RULE(V17, tensor->region <= NFR_REGION_CONST)) return NFR_ERR_CORRUPT;
  uint32_t offset = tensor->offset, bytes = tensor->bytes, most = room[tensor->region];
  if (!NFR_RULE(V18, bytes > 0 && ((bytes | offset) & (nfr_type_bytes(tensor->type) - 1u)) == 0)) return NFR_ERR_CORRUPT;
  if (!NFR_RULE(V19, bytes <= most && offset <= most - bytes)) return NFR_ERR_CORRUPT;
  if (!NFR_RULE(V20, tensor->fill == 0 || fill_is_valid(tensor))) return NFR_ERR_CORRUPT;
  if (!NFR_RULE(V21, (tensor->rows | tensor->held_rows) == 0 || (chains != NULL && chains->stream_is_valid(tensor)))) return NFR_ERR_CORRUPT;
  return NFR_OK;
}

/* The shape is that of the tensor: dims beyond the rank are 1, and the product is the number of elements. */
static bool shape_fits(const struct nfr_plan_io *io, const struct nfr_plan_tensor *tensor) {
  if (io->rank > NFR_PLAN_MAX_RANK || io->reserved != 0) return false;
  uint32_t elements = 1;
  unsigned i = 0;
  for (; i < io->rank; i++) elements = nfr_product(elements, io->dims[i]);
  for (; i < NFR_PLAN_MAX_RANK; i++)
    if (io->dims[i] != 1) return false;
  return elements == tensor->bytes >> nfr_type_shift(tensor->type); /* not 0, and whole elements (rule V18) */
}

/* Integers of 8 and 16 bits are quantized: scale positive and finite, zero point in the type's range. Wider integers may
 * be (scale >= 0, finite), float32 is not. The scale is read by its bits: a signalling NaN must not pass an FPU. */
static bool quantization_is_valid(const struct nfr_plan_io *io, uint8_t type) {
  uint32_t scale;
  memcpy(&scale, &io->scale, sizeof scale);
  bool is_finite = scale < 0x7f800000u; /* sign clear, exponent below that of infinity */
  if (type == NFR_TYPE_FLOAT32) return scale == 0 && io->zero_point == 0;
  if (type == NFR_TYPE_INT8) return is_finite && scale != 0 && io->zero_point >= INT8_MIN && io->zero_point <= INT8_MAX;
  if (type == NFR_TYPE_INT16) return is_finite && scale != 0 && io->zero_point >= INT16_MIN && io->zero_point <= INT16_MAX;
  return is_finite;
}

static int check_io(const struct nfr_plan_header *header, const struct nfr_plan_tensor *tensors,
                    const struct nfr_plan_io *io) {
  if (!NFR_RULE(V22, io->tensor < header->tensor_count)) return NFR_ERR_CORRUPT;
  const struct nfr_plan_tensor *tensor = &tensors[io->tensor];
  if (!NFR_RULE(V23, tensor->region == NFR_REGION_ARENA)) return NFR_ERR_CORRUPT;
  if (!NFR_RULE(V102, tensor->rows == 0)) return NFR_ERR_CORRUPT;
  if (!NFR_RULE(V24, shape_fits(io, tensor))) return NFR_ERR_CORRUPT;
  if (!NFR_RULE(V25, quantization_is_valid(io, tensor->type))) return NFR_ERR_CORRUPT;
  return NFR_OK;
}

/* Inputs are written one after the other before anything runs: none may destroy another. */
static bool inputs_are_disjoint(const struct nfr_plan_tensor *tensors, const struct nfr_plan_io *ios, unsigned count) {
  for (unsigned i = 1; i < count; i++) {
    const struct nfr_plan_tensor *a = &tensors[ios[i].tensor];
    for (unsigned j = 0; j < i; j++) {
      const struct nfr_plan_tensor *b = &tensors[ios[j].tensor];
      if (a->offset < b->offset + b->bytes && b->offset < a->offset + a->bytes) return false;
    }
  }
  return true;
}

static int check_tables(const uint8_t *plan, const struct nfr_control *chains) {
  const struct nfr_plan_header *header = nfr_plan_header_of(plan);
  const struct nfr_plan_tensor *tensors = nfr_plan_tensors(plan);
  const struct nfr_plan_io *ios = nfr_plan_ios(plan);
  const uint32_t room[3] = {header->arena_bytes, header->state_bytes, header->const_bytes};
  const struct nfr_plan_tensor *end = tensors + header->tensor_count;
  for (const struct nfr_plan_tensor *tensor = tensors; tensor < end; tensor++) {
    int err = check_tensor(room, chains, tensor);
    if (err) return err;
  }
  unsigned count = (unsigned)header->input_count + header->output_count;
  for (unsigned i = 0; i < count; i++) {
    int err = check_io(header, tensors, &ios[i]);
    if (err) return err;
  }
  if (!NFR_RULE(V26, inputs_are_disjoint(tensors, ios, header->input_count))) return NFR_ERR_CORRUPT;
  return NFR_OK;
}

static bool layout_is_known(const struct nfr_plan_header *header, const struct nfr_op_type *type, uint8_t layout) {
  return layout < 32 && ((header->layouts & type->layouts) >> layout & 1u) != 0;
}

/* Frame of the record at `offset` of the plan: length, kind, layout, operands, which it binds. */
static int check_frame(const struct nfr_engine *engine, const struct nfr_plan_header *header, const struct nfr_plan_op *record,
                       uint32_t room, const struct nfr_op_type **found, struct nfr_op *op) {
  if (!NFR_RULE(V27, room >= sizeof *record && room >= record->bytes)) return NFR_ERR_CORRUPT;
  const struct nfr_op_type *type = nfr_op_type_of(record->kind);
  if (!NFR_RULE(V28, type != NULL)) return NFR_ERR_UNSUPPORTED;
  uint32_t bytes = (uint32_t)sizeof *record + type->params_bytes;
  if (type->control != NULL && record->bytes >= bytes)
    bytes += type->control->members(record) * (uint32_t)sizeof(struct nfr_plan_member);
  if (!NFR_RULE(V29, record->bytes == bytes)) return NFR_ERR_CORRUPT;
  if (!NFR_RULE(V30, layout_is_known(header, type, record->layout))) return NFR_ERR_UNSUPPORTED;
  if (!NFR_RULE(V31, nfr_bind_record(engine, record, type, header->tensor_count, op))) return NFR_ERR_CORRUPT;
  *found = type;
  return NFR_OK;
}

/* Output and input share a place as the kind allows: same start, and no output element reaches beyond its input element. */
static bool is_in_place(const struct nfr_op *op, const struct nfr_op_type *type, unsigned i) {
  return (type->in_place >> i & 1u) != 0 && op->in[i].data == op->out.data &&
         nfr_type_shift(op->out.type) <= nfr_type_shift(op->in[i].type);
}

/* An absent operand, without bytes, is disjoint from everything. */
static bool is_apart(const struct nfr_operand *operand, const struct nfr_op *op) {
  return nfr_is_disjoint(operand, &op->in[0]) && nfr_is_disjoint(operand, &op->in[1]) && nfr_is_disjoint(operand, &op->in[2]);
}

/* A state operand is disjoint from the other inputs (from output and scratch: rules V35, V36). */
static bool state_is_apart(const struct nfr_op *op, unsigned i) {
  for (unsigned j = 0; j < 3; j++)
    if (j != i && !nfr_is_disjoint(&op->in[i], &op->in[j])) return false;
  return true;
}

static int check_scratch(const struct nfr_op *op) {
  if (!NFR_RULE(V32, op->scratch.region == NFR_REGION_ARENA && is_aligned(op->scratch.data, 4))) return NFR_ERR_CORRUPT;
  if (!NFR_RULE(V36, nfr_is_disjoint(&op->scratch, &op->out) && is_apart(&op->scratch, op))) return NFR_ERR_CORRUPT;
  return NFR_OK;
}

static int check_state(const struct nfr_op *op, const struct nfr_op_type *type) {
  for (unsigned i = 0; i < 3; i++) {
    if ((type->state >> i & 1u) == 0) continue;
    if (!NFR_RULE(V34, op->in[i].region == NFR_REGION_STATE)) return NFR_ERR_CORRUPT;
    if (!NFR_RULE(V37, state_is_apart(op, i))) return NFR_ERR_CORRUPT;
  }
  return NFR_OK;
}

/* Input i, which is used, and the output. */
static int check_input(const struct nfr_op *op, const struct nfr_op_type *type, unsigned i) {
  if (!NFR_RULE(V35, nfr_is_disjoint(&op->in[i], &op->out) || is_in_place(op, type, i) || (type->overlap >> i & 1u) != 0))
    return NFR_ERR_CORRUPT;
  return NFR_OK;
}

/* What a kernel writes (output, scratch, state operands) lies where it may, disjoint from all else that it touches. */
static int check_aliasing(const struct nfr_op *op, const struct nfr_op_type *type) {
  if (!NFR_RULE(V33, op->out.region == NFR_REGION_ARENA)) return NFR_ERR_CORRUPT;
  int err = NFR_OK;
  for (unsigned i = 0, used = type->operands & NFR_USES_INPUTS; used != 0 && !err; i++, used >>= 1)
    if ((used & 1u) != 0) err = check_input(op, type, i);
  if (!err && op->scratch.data != NULL) err = check_scratch(op);
  if (!err && type->state != 0) err = check_state(op, type);
  return err;
}

int nfr_check_slice(const struct nfr_engine *engine, uint32_t cost) {
  if (!NFR_RULE(V38, cost <= engine->max_slice || engine->max_slice == 0)) return NFR_ERR_BUDGET;
  return NFR_OK;
}

static int check_op(const struct nfr_engine *engine, const struct nfr_op *op, const struct nfr_op_type *type) {
  int err = check_aliasing(op, type);
  if (err) return err;
  err = type->check(op);
  if (err) return err;
  struct nfr_units units;
  type->units(op, &units);
  return nfr_check_slice(engine, units.cost);
}

static int check_ops(const struct nfr_engine *engine, const struct nfr_control *chains) {
  const struct nfr_plan_header *header = nfr_plan_header_of(engine->plan);
  const uint8_t *record = engine->plan + header->ops_offset, *end = record + header->ops_bytes;
  struct nfr_governed governed = {.control = NULL};
  struct nfr_op op;
  op.constant_bytes = header->const_bytes;
  for (unsigned left = engine->op_count; left > 0; left--) {
    const struct nfr_op_type *type;
    int err = check_frame(engine, header, (const struct nfr_plan_op *)(const void *)record, (uint32_t)(end - record), &type, &op);
    if (err) return err;
    record += op.record->bytes;
    const struct nfr_control *control = governed.control != NULL ? governed.control : type->control;
    if (control != NULL) {
      err = control->check(engine, &governed, op.record, type, left);
    } else {
      if (!NFR_RULE(V103, chains == NULL || !chains->has_streams(engine, op.record))) return NFR_ERR_CORRUPT;
      err = check_op(engine, &op, type);
    }
    if (err) return err;
  }
  if (!NFR_RULE(V39, record == end)) return NFR_ERR_CORRUPT;
  if (!NFR_RULE(V101, (governed.by != NULL) == (chains != NULL))) return NFR_ERR_CORRUPT;
  return NFR_OK;
}

static int check_memory(const struct nfr_plan_header *header, const void *arena, size_t arena_bytes, const void *state,
                        size_t state_bytes) {
  if (!NFR_RULE(V13, arena != NULL && is_aligned(arena, NFR_PLAN_ALIGN))) return NFR_ERR_ARGUMENT;
  if (!NFR_RULE(V14, (state != NULL || header->state_bytes == 0) && is_aligned(state, NFR_PLAN_ALIGN)))
    return NFR_ERR_ARGUMENT;
  if (!NFR_RULE(V15, arena_bytes >= header->arena_bytes && state_bytes >= header->state_bytes)) return NFR_ERR_NO_MEMORY;
  return NFR_OK;
}

/* Half-words of the pattern are equal, and its bytes too where `to` is odd. Two words at a time: STRD. */
static void fill(uint8_t *to, uint64_t pattern, uint32_t bytes) {
  for (; bytes > 0 && !is_aligned(to, 8); bytes--, pattern = pattern >> 8 | pattern << 56) *to++ = (uint8_t)pattern;
  uint64_t *pairs = (uint64_t *)(void *)to;
  for (; bytes >= 64; bytes -= 64, pairs += 8)
    pairs[0] = pairs[1] = pairs[2] = pairs[3] = pairs[4] = pairs[5] = pairs[6] = pairs[7] = pattern;
  for (; bytes >= 8; bytes -= 8) *pairs++ = pattern;
  for (to = (uint8_t *)pairs; bytes > 0; bytes--, pattern >>= 8) *to++ = (uint8_t)pattern;
}

static void fill_state(uint8_t *data, const struct nfr_plan_tensor *tensor) {
  uint32_t half = (uint16_t)tensor->fill;
  if (tensor->type != NFR_TYPE_INT16) half = (half & 0xffu) * 0x0101u; /* int8, or a wider type whose fill is 0 (rule V20) */
  half |= half << 16;
  fill(data + tensor->offset, (uint64_t)half << 32 | half, tensor->bytes);
}

static void reset(const struct nfr_engine *engine) {
  const struct nfr_plan_header *header = nfr_plan_header_of(engine->plan);
  if (header->state_bytes == 0) return;
  for (unsigned i = 0; i < header->tensor_count; i++)
    if (engine->tensors[i].region == NFR_REGION_STATE) fill_state(engine->regions[NFR_REGION_STATE], &engine->tensors[i]);
}

static int load(struct nfr_engine *engine, const void *plan, size_t plan_bytes, void *arena, size_t arena_bytes,
                void *state, size_t state_bytes, uint32_t max_slice) {
  int err = nfr_plan_check_header(plan, plan_bytes);
  if (!err) err = check_memory((const struct nfr_plan_header *)plan, arena, arena_bytes, state, state_bytes);
  if (err) return err;
  const struct nfr_control *chains = nfr_plan_header_of(plan)->features == 0 ? NULL : nfr_op_type_of(NFR_KIND_CHAIN)->control; /* V07 */
  err = check_tables(plan, chains);
  if (err) return err;
  engine->plan = plan;
  engine->regions[NFR_REGION_ARENA] = arena;
  engine->regions[NFR_REGION_STATE] = state;
  /* Constants are only read: no operand that is written may lie in them (rules V32 to V34). */
  engine->regions[NFR_REGION_CONST] = (uint8_t *)(uintptr_t)(engine->plan + nfr_plan_header_of(plan)->const_offset);
  engine->tensors = nfr_plan_tensors(plan);
  engine->max_slice = max_slice;
  engine->op_count = nfr_plan_header_of(plan)->op_count;
  engine->op_index = engine->op_count;
  engine->stop_at_op = 0;
  return check_ops(engine, chains);
}

int nfr_engine_load(struct nfr_engine *engine, const void *plan, size_t plan_bytes, void *arena, size_t arena_bytes,
                    void *state, size_t state_bytes, uint32_t max_slice) {
  if (engine == NULL) return NFR_ERR_ARGUMENT;
  engine->loaded = 0;
  engine->op_index = engine->op_count = 0;
  int err = load(engine, plan, plan_bytes, arena, arena_bytes, state, state_bytes, max_slice);
  if (err) return err;
  reset(engine);
  engine->loaded = 1;
  return NFR_OK;
}

int nfr_engine_reset(struct nfr_engine *engine) {
  if (engine == NULL || !engine->loaded) return NFR_ERR_ARGUMENT;
  reset(engine);
  return NFR_OK;
}
