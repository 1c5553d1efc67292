/* Mutates plans as lists of operators: takes the records out of a plan, changes their list and their parameters, and makes
 * a valid plan of them again (plan_gen.h). Then some are broken in one field, and a few are changed as mere bytes. */
#include <string.h>

#include "chain_gen.h"

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);

enum { BYTES_ONCE_IN = 12, BROKEN_ONCE_IN = 3, CHAIN_ONCE_IN = 4 };

struct op_list {
  uint8_t kind[GEN_OPS], params[GEN_OPS][GEN_PARAMS];
  unsigned count;
};

/* The operators of a plan, as far as they can be read; any bytes may come. */
static void read_ops(struct op_list *list, const uint8_t *data, size_t size) {
  list->count = 0;
  struct nfr_plan_header header;
  if (size < sizeof header) return;
  memcpy(&header, data, sizeof header);
  size_t at = header.ops_offset;
  while (list->count < GEN_OPS && list->count < header.op_count && at + sizeof(struct nfr_plan_op) <= size) {
    struct nfr_plan_op op;
    memcpy(&op, data + at, sizeof op);
    const struct nfr_op_type *type = nfr_op_type_of(op.kind);
    if (type != NULL && type->control != NULL && op.bytes >= sizeof op) { /* its members are operators like others here */
      at += op.bytes;
      continue;
    }
    if (type == NULL || at + sizeof op + type->params_bytes > size || op.bytes != sizeof op + type->params_bytes) return;
    list->kind[list->count] = op.kind;
    memcpy(list->params[list->count++], data + at + sizeof op, type->params_bytes);
    at += op.bytes;
  }
}

static void change_params(struct plan_gen *gen, uint8_t *params, uint8_t kind) {
  uint32_t bytes = nfr_op_type_of(kind)->params_bytes;
  for (unsigned n = 1 + gen_below(gen, 4); n > 0; n--) {
    uint32_t at = gen_below(gen, bytes);
    if (gen_once_in(gen, 2)) {
      params[at] = (uint8_t)(params[at] ^ 1u << gen_below(gen, 8));
    } else {
      params[at] = (uint8_t)gen_below(gen, 256);
    }
  }
}

static void add_random_op(struct plan_gen *gen, uint16_t source_op) {
  plan_gen_add(gen, plan_gen_kinds[gen_below(gen, plan_gen_kind_count)], NULL, source_op);
}

/* A plan of the list's operators: some changed, some gone, some new. */
static size_t rebuild(struct plan_gen *gen, struct op_list *list, uint8_t *data, size_t max_size) {
  uint16_t source_op = 0;
  for (unsigned i = 0; i < list->count; i++) {
    if (gen_once_in(gen, 5)) continue;
    if (gen_once_in(gen, 2)) change_params(gen, list->params[i], list->kind[i]);
    plan_gen_add(gen, list->kind[i], list->params[i], source_op++);
  }
  if (gen->op_count == 0 || (gen->op_count < 6 && gen_once_in(gen, 3))) add_random_op(gen, source_op);
  return plan_gen_finish(gen, data, max_size);
}

/* A plan of a chain, between other operators now and then. */
static size_t build_chain(struct plan_gen *gen, uint8_t *data, size_t max_size) {
  struct chain_gen chain;
  if (gen_once_in(gen, 3)) add_random_op(gen, 0);
  if (!chain_gen_members(gen, &chain, 2 + gen_below(gen, 5))) return 0;
  uint32_t rows = chain_gen_rows(gen, &chain);
  if (rows == 0 || !chain_gen_stream(gen, &chain, 1 + gen_below(gen, rows))) return 0;
  chain_gen_overlap(gen, &chain);
  if (gen_once_in(gen, 3)) add_random_op(gen, 99);
  return plan_gen_finish(gen, data, max_size);
}

/* Changes a field of header, tables or records: a bit, a byte, or a number that is often a limit. */
static void break_field(struct plan_gen *gen, const struct nfr_plan_header *header, uint8_t *data, size_t size) {
  static const uint32_t limits[] = {0, 1, 2, 3, 4, 15, 16, 127, 128, 255, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff};
  uint32_t end = header->ops_offset + header->ops_bytes;
  uint32_t from = gen_once_in(gen, 4) ? 0 : gen_once_in(gen, 3) ? header->tensors_offset : header->ops_offset;
  uint32_t at = from + gen_below(gen, end - from);
  uint32_t limit = limits[gen_below(gen, sizeof limits / sizeof limits[0])], wide = at & ~3u;
  switch (gen_below(gen, 4)) {
    case 0: data[at] = (uint8_t)(data[at] ^ 1u << gen_below(gen, 8)); break;
    case 1: data[at] = (uint8_t)(data[at] + (gen_once_in(gen, 2) ? 1 : 255)); break;
    case 2: memcpy(data + (at & ~1u), &limit, 2); break;
    default:
      if (wide + 4 <= size) memcpy(data + wide, &limit, 4);
  }
}

/* Lets an operand be any tensor, or none. */
static void break_operand(struct plan_gen *gen, const struct nfr_plan_header *header, uint8_t *data) {
  uint32_t at = header->ops_offset;
  for (unsigned skip = gen_below(gen, header->op_count); skip > 0; skip--)
    at += ((const struct nfr_plan_op *)(const void *)(data + at))->bytes;
  struct nfr_plan_op *op = (void *)(data + at);
  uint16_t *operands[] = {&op->in[0], &op->in[1], &op->in[2], &op->out, &op->scratch};
  uint16_t index = (uint16_t)gen_below(gen, header->tensor_count);
  *operands[gen_below(gen, 5)] = gen_once_in(gen, 8) ? NFR_PLAN_NONE16 : index;
}

/* Moves a tensor: to where another lies, or by a few bytes; or says that it is of another region or type. */
static void break_tensor(struct plan_gen *gen, const struct nfr_plan_header *header, uint8_t *data) {
  struct nfr_plan_tensor *tensors = (void *)(data + header->tensors_offset);
  struct nfr_plan_tensor *tensor = &tensors[gen_below(gen, header->tensor_count)];
  switch (gen_below(gen, 4)) {
    case 0: tensor->offset = tensors[gen_below(gen, header->tensor_count)].offset; break;
    case 1: tensor->offset += gen_below(gen, 65) - 32; break;
    case 2: tensor->region = (uint8_t)gen_below(gen, 4); break;
    default: tensor->type = (uint8_t)gen_below(gen, 6);
  }
}

static void break_plan(struct plan_gen *gen, const struct nfr_plan_header *header, uint8_t *data, size_t size) {
  switch (gen_below(gen, 4)) {
    case 0: break_operand(gen, header, data); break;
    case 1: break_tensor(gen, header, data); break;
    default: break_field(gen, header, data, size);
  }
}

/* Any change of bytes, but of a length and a magic that are looked at further. */
static size_t change_bytes(uint8_t *data, size_t size, size_t max_size) {
  size = LLVMFuzzerMutate(data, size, max_size);
  size &= ~(size_t)15;
  if (size < sizeof(struct nfr_plan_header)) return size;
  struct nfr_plan_header *header = (void *)data;
  header->magic = NFR_PLAN_MAGIC;
  header->total_bytes = (uint32_t)size;
  return size;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed) {
  static struct plan_gen gen; /* too large for the stack; set up anew each time */
  static _Alignas(16) uint8_t plan[GEN_CONSTANTS + 16384];
  struct op_list list;
  plan_gen_start(&gen, seed);
  if (gen_once_in(&gen, BYTES_ONCE_IN)) return change_bytes(data, size, max_size);
  read_ops(&list, data, size);
  size_t room = max_size < sizeof plan ? max_size : sizeof plan;
  size_t made = 0;
  for (unsigned tries = gen_once_in(&gen, CHAIN_ONCE_IN) ? 4 : 0; tries > 0 && made == 0; tries--) {
    plan_gen_start(&gen, seed + tries * 7919u);
    made = build_chain(&gen, plan, room);
  }
  if (made == 0) {
    plan_gen_start(&gen, seed);
    made = rebuild(&gen, &list, plan, room);
  }
  if (made == 0) { /* too many operators for the room */
    plan_gen_start(&gen, seed);
    add_random_op(&gen, 0);
    made = plan_gen_finish(&gen, plan, room);
  }
  if (made == 0) return change_bytes(data, size, max_size);
  struct nfr_plan_header header; /* as it was: where the fields are */
  memcpy(&header, plan, sizeof header);
  if (gen_once_in(&gen, BROKEN_ONCE_IN)) break_plan(&gen, &header, plan, made);
  memcpy(data, plan, made);
  return made;
}
