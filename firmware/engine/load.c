/* Proves a plan safe: tables, records and aliasing, rules V13 to V39 of SPEC.md §5 (the header's are in header.c, the
 * operators' in ops/). One pass, in which nothing is read before the rule that makes reading it safe. */
#include <string.h>

#include "bind.h"
#include "rule.h"

static bool is_aligned(const void *pointer, uint32_t alignment) {
  return ((uintptr_t)pointer & (alignment - 1u)) == 0;
}

static uint32_t region_bytes(const struct nfr_plan_header *header, uint8_t region) {
  if (region == NFR_REGION_ARENA) return header->arena_bytes;
  if (region == NFR_REGION_STATE) return header->state_bytes;
  return header->const_bytes;
}

/* A fill value is for state that has integers of 8 or 16 bits; it fits the type. */
static bool fill_is_valid(const struct nfr_plan_tensor *tensor) {
  if (tensor->fill == 0) return true;
  if (tensor->region != NFR_REGION_STATE) return false;
  if (tensor->type == NFR_TYPE_INT8) return tensor->fill >= INT8_MIN && tensor->fill <= INT8_MAX;
  return tensor->type == NFR_TYPE_INT16;
}

static int check_tensor(const struct nfr_plan_header *header, const struct nfr_plan_tensor *tensor) {
  if (!NFR_RULE(V16, tensor->type <= NFR_TYPE_FLOAT32)) return NFR_ERR_CORRUPT;
  if (!NFR_RULE(V17, tensor->region <= NFR_REGION_CONST)) return NFR_ERR_CORRUPT;
  uint32_t size = nfr_type_bytes(tensor->type);
  if (!NFR_RULE(V18, tensor->bytes > 0 && ((tensor->bytes | tensor->offset) & (size - 1u)) == 0)) return NFR_ERR_CORRUPT;
  if (!NFR_RULE(V19, (uint64_t)tensor->offset + tensor->bytes <= region_bytes(header, tensor->region)))
    return NFR_ERR_CORRUPT;
  if (!NFR_RULE(V20, fill_is_valid(tensor))) return NFR_ERR_CORRUPT;
  if (!NFR_RULE(V21, tensor->rows == 0 && tensor->held_rows == 0)) return NFR_ERR_CORRUPT;
  return NFR_OK;
}

/* The shape is that of the tensor: dims beyond the rank are 1, and the product is the number of elements. */
static bool shape_fits(const struct nfr_plan_io *io, const struct nfr_plan_tensor *tensor) {
  if (io->rank > NFR_PLAN_MAX_RANK || io->reserved != 0) return false;
  uint64_t elements = 1;
  for (unsigned i = 0; i < NFR_PLAN_MAX_RANK; i++) {
    if (io->dims[i] == 0 || (i >= io->rank && io->dims[i] != 1)) return false;
    elements *= io->dims[i];
    if (elements > tensor->bytes) return false;
  }
  return elements * nfr_type_bytes(tensor->type) == tensor->bytes;
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

static int check_tables(const uint8_t *plan) {
  const struct nfr_plan_header *header = nfr_plan_header_of(plan);
  const struct nfr_plan_tensor *tensors = nfr_plan_tensors(plan);
  const struct nfr_plan_io *ios = nfr_plan_ios(plan);
  for (unsigned i = 0; i < header->tensor_count; i++) {
    int err = check_tensor(header, &tensors[i]);
    if (err) return err;
  }
  for (unsigned i = 0; i < (unsigned)header->input_count + header->output_count; i++) {
    int err = check_io(header, tensors, &ios[i]);
    if (err) return err;
  }
  if (!NFR_RULE(V26, inputs_are_disjoint(tensors, ios, header->input_count))) return NFR_ERR_CORRUPT;
  return NFR_OK;
}

/* The operand is there exactly when the kind uses it. */
static bool operand_is_valid(uint16_t index, bool used, uint16_t tensor_count) {
  return used ? index < tensor_count : index == NFR_PLAN_NONE16;
}

static bool operands_are_valid(const struct nfr_plan_op *record, const struct nfr_op_type *type, uint16_t tensor_count) {
  for (unsigned i = 0; i < 3; i++)
    if (!operand_is_valid(record->in[i], (type->operands & (NFR_USES_IN0 << i)) != 0, tensor_count)) return false;
  return operand_is_valid(record->out, true, tensor_count) &&
         operand_is_valid(record->scratch, nfr_op_uses_scratch(type, record->layout), tensor_count);
}

static bool layout_is_known(const struct nfr_plan_header *header, const struct nfr_op_type *type, uint8_t layout) {
  return layout < 32 && ((header->layouts & type->layouts) >> layout & 1u) != 0;
}

/* Frame of the record at `offset` of the plan: length, kind, layout, operand indices. */
static int check_frame(const struct nfr_plan_header *header, const struct nfr_plan_op *record, uint32_t room,
                       const struct nfr_op_type **found) {
  if (!NFR_RULE(V27, room >= sizeof *record && room >= record->bytes)) return NFR_ERR_CORRUPT;
  const struct nfr_op_type *type = nfr_op_type_of(record->kind);
  if (!NFR_RULE(V28, type != NULL)) return NFR_ERR_UNSUPPORTED;
  if (!NFR_RULE(V29, record->bytes == sizeof *record + type->params_bytes)) return NFR_ERR_CORRUPT;
  if (!NFR_RULE(V30, layout_is_known(header, type, record->layout))) return NFR_ERR_UNSUPPORTED;
  if (!NFR_RULE(V31, operands_are_valid(record, type, header->tensor_count))) return NFR_ERR_CORRUPT;
  *found = type;
  return NFR_OK;
}

/* Output and input share a place as the kind allows: same start, and no output element reaches beyond its input element. */
static bool is_in_place(const struct nfr_op *op, const struct nfr_op_type *type, unsigned i) {
  return (type->in_place & (NFR_USES_IN0 << i)) != 0 && op->in[i].data == op->out.data &&
         nfr_type_bytes(op->out.type) <= nfr_type_bytes(op->in[i].type);
}

/* Scratch is disjoint from everything else. */
static bool scratch_is_apart(const struct nfr_op *op) {
  return nfr_is_disjoint(&op->scratch, &op->out) && nfr_is_disjoint(&op->scratch, &op->in[0]) && nfr_is_disjoint(&op->scratch, &op->in[1]) &&
         nfr_is_disjoint(&op->scratch, &op->in[2]);
}

/* A state operand is disjoint from the other inputs (from output and scratch: rules V35, V36). */
static bool state_is_apart(const struct nfr_op *op, unsigned i) {
  for (unsigned j = 0; j < 3; j++)
    if (j != i && !nfr_is_disjoint(&op->in[i], &op->in[j])) return false;
  return true;
}

/* What a kernel writes (output, scratch, state operands) lies where it may, disjoint from all else that it touches. */
static int check_aliasing(const struct nfr_op *op, const struct nfr_op_type *type) {
  if (!NFR_RULE(V32, op->scratch.data == NULL || (op->scratch.region == NFR_REGION_ARENA && is_aligned(op->scratch.data, 4))))
    return NFR_ERR_CORRUPT;
  if (!NFR_RULE(V33, op->out.region == NFR_REGION_ARENA)) return NFR_ERR_CORRUPT;
  if (!NFR_RULE(V36, scratch_is_apart(op))) return NFR_ERR_CORRUPT;
  for (unsigned i = 0; i < 3; i++) {
    bool is_state = (type->state & (NFR_USES_IN0 << i)) != 0;
    if (!NFR_RULE(V34, !is_state || op->in[i].region == NFR_REGION_STATE)) return NFR_ERR_CORRUPT;
    if (!NFR_RULE(V35, nfr_is_disjoint(&op->in[i], &op->out) || is_in_place(op, type, i) || (type->overlap >> i & 1u) != 0))
      return NFR_ERR_CORRUPT;
    if (!NFR_RULE(V37, !is_state || state_is_apart(op, i))) return NFR_ERR_CORRUPT;
  }
  return NFR_OK;
}

static int check_op(const struct nfr_engine *engine, const struct nfr_plan_op *record, const struct nfr_op_type *type) {
  struct nfr_op op;
  nfr_bind_op(engine, record, type, &op);
  int err = check_aliasing(&op, type);
  if (err) return err;
  err = type->check(&op);
  if (err) return err;
  struct nfr_units units;
  type->units(&op, &units);
  if (!NFR_RULE(V38, engine->max_slice == 0 || units.cost <= engine->max_slice)) return NFR_ERR_BUDGET;
  return NFR_OK;
}

static int check_ops(const struct nfr_engine *engine) {
  const struct nfr_plan_header *header = nfr_plan_header_of(engine->plan);
  uint32_t offset = header->ops_offset, end = header->ops_offset + header->ops_bytes;
  for (unsigned i = 0; i < header->op_count; i++) {
    const struct nfr_plan_op *record = nfr_plan_op_at(engine->plan, offset);
    const struct nfr_op_type *type;
    int err = check_frame(header, record, end - offset, &type);
    if (!err) err = check_op(engine, record, type);
    if (err) return err;
    offset += record->bytes;
  }
  if (!NFR_RULE(V39, offset == end)) return NFR_ERR_CORRUPT;
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

static void fill_state(const struct nfr_engine *engine, const struct nfr_plan_tensor *tensor) {
  uint8_t *data = engine->state + tensor->offset;
  if (tensor->type == NFR_TYPE_INT16) {
    for (uint32_t i = 0; i < tensor->bytes / 2u; i++) ((int16_t *)(void *)data)[i] = tensor->fill;
  } else {
    memset(data, tensor->fill & 0xff, tensor->bytes); /* int8, or a wider type whose fill is 0 (rule V20) */
  }
}

int nfr_engine_load(struct nfr_engine *engine, const void *plan, size_t plan_bytes, void *arena, size_t arena_bytes,
                    void *state, size_t state_bytes, uint32_t max_slice) {
  if (engine == NULL) return NFR_ERR_ARGUMENT;
  memset(engine, 0, sizeof *engine);
  int err = nfr_plan_check_header(plan, plan_bytes);
  if (!err) err = check_memory((const struct nfr_plan_header *)plan, arena, arena_bytes, state, state_bytes);
  if (!err) err = check_tables(plan);
  if (err) return err;

  struct nfr_engine bound = {.plan = plan, .arena = arena, .state = state, .max_slice = max_slice};
  err = check_ops(&bound);
  if (err) return err;
  bound.loaded = 1;
  *engine = bound;
  return nfr_engine_reset(engine);
}

int nfr_engine_reset(struct nfr_engine *engine) {
  if (engine == NULL || !engine->loaded) return NFR_ERR_ARGUMENT;
  const struct nfr_plan_tensor *tensors = nfr_plan_tensors(engine->plan);
  for (unsigned i = 0; i < nfr_plan_header_of(engine->plan)->tensor_count; i++)
    if (tensors[i].region == NFR_REGION_STATE) fill_state(engine, &tensors[i]);
  return NFR_OK;
}
