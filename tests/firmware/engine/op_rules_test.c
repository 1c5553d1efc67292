/* Rules V40 and up: a valid plan of one operator is broken in one place, and refused by that rule with its error. Rules
 * that several operators share are broken in each field that they guard. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../plan_gen.h"
#include "../rule_hook.h"

struct one_op {
  struct nfr_plan_header *header;
  struct nfr_plan_tensor *tensors;
  struct nfr_plan_io *ios;
  struct nfr_plan_op *op;
  void *params;
  uint8_t *constants;
};

/* Parameters that are small and whose tensors are multiples of 16 bytes; plan_gen finds constants and operands. */
static const void *params_of(uint8_t kind) {
  static uint8_t params[GEN_PARAMS];
  memset(params, 0, sizeof params);
#define SET(type, ...)                                        \
  do {                                                        \
    struct nfr_plan_##type value = {__VA_ARGS__};             \
    memcpy(params, &value, sizeof value);                     \
    return params;                                            \
  } while (0)
  switch (kind) {
    case NFR_KIND_CONV_2D:
    case NFR_KIND_DEPTHWISE_CONV_2D:
      SET(conv, .batches = 1, .in_h = 4, .in_w = 4, .in_c = 4, .out_h = 4, .out_w = 4, .out_c = 4, .filter_h = 3,
          .filter_w = 3, .pad_top = 1, .pad_left = 1, .groups = 1, .stride_h = 1, .stride_w = 1, .dilation_h = 1,
          .dilation_w = 1, .q = {.bias = 1, .act_min = -100, .act_max = 100, .flags = 7});
    case NFR_KIND_FULLY_CONNECTED:
      SET(fully_connected, .batches = 2, .depth = 8, .units = 8,
          .q = {.bias = 1, .act_min = -100, .act_max = 100, .flags = 7});
    case NFR_KIND_AVERAGE_POOL_2D:
    case NFR_KIND_MAX_POOL_2D:
      SET(pool, .batches = 1, .in_h = 4, .in_w = 4, .channels = 4, .out_h = 2, .out_w = 2, .filter_h = 2, .filter_w = 2,
          .stride_h = 2, .stride_w = 2, .act_min = -100, .act_max = 100);
    case NFR_KIND_ADD: SET(add, .dims = {1, 2, 2, 4}, .left_shift = 20, .act_min = -100, .act_max = 100);
    case NFR_KIND_MUL: SET(mul, .dims = {1, 2, 2, 4}, .act_min = -100, .act_max = 100);
    case NFR_KIND_SOFTMAX: SET(softmax, .rows = 2, .depth = 8, .diff_min = -100);
    case NFR_KIND_LUT: SET(lut, .elements = 16);
    case NFR_KIND_LOGISTIC16: SET(logistic16, .elements = 16, .multiplier = 1000);
    case NFR_KIND_PAD: SET(pad, .dims = {1, 2, 2, 4}, .before = {0, 1, 1, 0}, .after = {0, 1, 1, 0});
    case NFR_KIND_MEAN: SET(mean, .dims = {1, 4, 4, 4}, .reduce = 4);
    case NFR_KIND_COPY: SET(copy, .bytes = 16);
    case NFR_KIND_TRANSPOSE: SET(transpose, .dims = {2, 8, 1, 1, 1, 1}, .rank = 2);
    case NFR_KIND_QUANTIZE:
    case NFR_KIND_DEQUANTIZE: SET(quantize, .elements = 16, .scale = 0.5f);
    case NFR_KIND_REQUANTIZE: SET(requantize, .elements = 16);
    case NFR_KIND_SVDF: SET(svdf, .batches = 1, .depth = 8, .filters = 2, .memory = 4, .rank = 2, .bias = 1);
    default:
      SET(lstm, .batches = 1, .steps = 2, .input_size = 8, .state_size = 4,
          .gates = {{.bias = 1}, {.bias = 1}, {.bias = 1}, {.bias = 1}});
  }
}

static void make_valid(uint8_t kind, uint8_t type, uint8_t *plan, size_t room, struct one_op *o) {
  static struct plan_gen gen;
  plan_gen_start(&gen, 7);
  gen.plain = true;
  gen.type = type;
  plan_gen_add(&gen, kind, params_of(kind), 0);
  assert_true(plan_gen_finish(&gen, plan, room) > 0);
  o->header = (void *)plan;
  o->tensors = (void *)(plan + o->header->tensors_offset);
  o->ios = (void *)(plan + o->header->io_offset);
  o->op = (void *)(plan + o->header->ops_offset);
  o->params = o->op + 1;
  o->constants = plan + o->header->const_offset;
}

/* Gives a tensor of the arena another type and size, at a place of its own. */
static void retype(struct one_op *o, uint16_t index, uint8_t type, uint32_t count) {
  struct nfr_plan_tensor *tensor = &o->tensors[index];
  tensor->type = type;
  tensor->bytes = count * nfr_type_bytes(type);
  tensor->offset = o->header->arena_bytes;
  o->header->arena_bytes += (tensor->bytes + 15u) & ~15u;
  for (unsigned i = 0; i < (unsigned)o->header->input_count + o->header->output_count; i++) {
    if (o->ios[i].tensor != index) continue;
    o->ios[i].dims[1] = count;
    if (type == NFR_TYPE_FLOAT32) o->ios[i].scale = 0, o->ios[i].zero_point = 0;
  }
}

/* The first operand at the output's place, with a quarter of its elements. */
static void broadcast_in_place(struct one_op *o, uint8_t *broadcast) {
  *broadcast = 8;
  retype(o, o->op->in[0], NFR_TYPE_INT8, 4);
  o->tensors[o->op->in[0]].offset = o->tensors[o->op->out].offset;
}

#define IN(i) o->op->in[i]
#define OUT o->op->out
#define P(type) ((struct nfr_plan_##type *)o->params)
#define END o->header->const_bytes
#define I8 NFR_TYPE_INT8
#define I16 NFR_TYPE_INT16
#define I32 NFR_TYPE_INT32
#define I64 NFR_TYPE_INT64
#define F32 NFR_TYPE_FLOAT32
#define CONSTANT(type, offset) (*(type *)(void *)(o->constants + (offset)))

/* Each convolution-like kind's requantization, of X(rule, kind, type, what breaks it) */
#define REQUANT_BREAKS(X, kind, q)                                                       \
  X(V41, kind, I8, q.multipliers = (END + 3) & ~3u)                                      \
  X(V41, kind, I8, q.multipliers += 1)                                                   \
  X(V41, kind, I8, q.shifts = END)                                                       \
  X(V41, kind, I8, q.bias = (END + 3) & ~3u)                                             \
  X(V41, kind, I8, q.bias += 2)                                                          \
  X(V41, kind, I16, q.bias += 4)                                                         \
  X(V45, kind, I8, q.flags |= 8)                                                         \
  X(V45, kind, I8, q.flags |= NFR_REQUANT_ACC64)                                         \
  X(V45, kind, I8, q.flags |= NFR_REQUANT_BIAS64)                                        \
  X(V45, kind, I16, q.flags &= ~NFR_REQUANT_BIAS64)                                      \
  X(V45, kind, I16, q.bias = NFR_PLAN_NONE32)                                            \
  X(V46, kind, I8, CONSTANT(int32_t, q.multipliers) = -1)                                \
  X(V47, kind, I8, CONSTANT(int8_t, q.shifts) = 31)                                      \
  X(V47, kind, I8, CONSTANT(int8_t, q.shifts) = -32)                                     \
  X(V47, kind, I16, CONSTANT(int8_t, q.shifts) = 8)                                      \
  X(V48, kind, I8, q.act_min = 101)                                                      \
  X(V48, kind, I8, q.act_min = -129)                                                     \
  X(V48, kind, I8, q.act_max = 128)

#define CONV_BREAKS(X, kind)                                                             \
  REQUANT_BREAKS(X, kind, P(conv)->q)                                                    \
  X(V40, kind, I8, P(conv)->in_h = 0)                                                    \
  X(V40, kind, I8, P(conv)->out_w = 0)                                                   \
  X(V40, kind, I8, P(conv)->filter_h = 0)                                                \
  X(V40, kind, I8, P(conv)->batches = 65535; P(conv)->in_h = 65535)                      \
  X(V40, kind, I8, P(conv)->out_h = 65535; P(conv)->out_w = 65535)                       \
  X(V41, kind, I8, P(conv)->weights = END - 3 * 3 * 4 + 1)                               \
  X(V41, kind, I8, P(conv)->weights = NFR_PLAN_NONE32)                                   \
  X(V42, kind, I8, P(conv)->in_h = 5)                                                    \
  X(V42, kind, I8, P(conv)->out_w = 3)                                                   \
  X(V42, kind, I8, retype(o, IN(0), I16, 64))                                            \
  X(V43, kind, I8, retype(o, IN(0), I32, 64); retype(o, OUT, I32, 64))                   \
  X(V51, kind, I8, P(conv)->reserved = 1)                                                \
  X(V52, kind, I8, P(conv)->stride_h = 0)                                                \
  X(V52, kind, I8, P(conv)->stride_w = 0)                                                \
  X(V52, kind, I8, P(conv)->dilation_h = 0)                                              \
  X(V52, kind, I8, P(conv)->dilation_w = 0)

#define POOL_BREAKS(X, kind)                                                             \
  X(V40, kind, I8, P(pool)->in_h = 0)                                                    \
  X(V40, kind, I8, P(pool)->out_h = 0)                                                   \
  X(V42, kind, I8, P(pool)->in_w = 5)                                                    \
  X(V42, kind, I8, P(pool)->out_h = 1)                                                   \
  X(V42, kind, I8, retype(o, IN(0), I16, 64))                                            \
  X(V43, kind, I8, retype(o, IN(0), I32, 64); retype(o, OUT, I32, 16))                   \
  X(V48, kind, I8, P(pool)->act_min = 101)                                               \
  X(V48, kind, I8, P(pool)->act_max = 128)                                               \
  X(V51, kind, I8, P(pool)->reserved = 1)                                                \
  X(V57, kind, I8, P(pool)->stride_h = 0)                                                \
  X(V57, kind, I8, P(pool)->stride_w = 0)                                                \
  X(V58, kind, I8, P(pool)->pad_top = 2)                                                 \
  X(V58, kind, I8, P(pool)->pad_left = 2)                                                \
  X(V58, kind, I8, P(pool)->filter_h = 0)                                                \
  X(V58, kind, I8, P(pool)->stride_h = 4)                                                \
  X(V58, kind, I8, P(pool)->stride_w = 4)

#define BINARY_BREAKS(X, kind, type)                                                     \
  X(V40, kind, I8, P(type)->dims[2] = 0)                                                 \
  X(V40, kind, I8, P(type)->dims[0] = 0x80000000u)                                       \
  X(V42, kind, I8, P(type)->dims[3] = 5)                                                 \
  X(V42, kind, I8, P(type)->broadcast0 = 1 << 3)                                         \
  X(V42, kind, I8, P(type)->broadcast1 = 1 << 2)                                         \
  X(V42, kind, I8, retype(o, IN(0), I16, 16))                                            \
  X(V42, kind, I8, retype(o, IN(1), I16, 16))                                            \
  X(V42, kind, I8, retype(o, OUT, I16, 16))                                              \
  X(V43, kind, I8, retype(o, OUT, I32, 16); retype(o, IN(0), I32, 16); retype(o, IN(1), I32, 16)) \
  X(V48, kind, I8, P(type)->act_min = 101)                                               \
  X(V48, kind, I8, P(type)->act_max = 128)                                               \
  X(V53, kind, I8, P(type)->broadcast0 = 16)                                             \
  X(V53, kind, I8, P(type)->broadcast1 = 128)                                            \
  X(V54, kind, I8, broadcast_in_place(o, &P(type)->broadcast0))

#define MOVE_BREAKS(X, kind)                                                             \
  X(V42, kind, I8, retype(o, IN(0), I16, 16))                                            \
  X(V42, kind, I8, retype(o, OUT, I8, 15))                                               \
  X(V44, kind, I8, retype(o, IN(0), I64, 16); retype(o, OUT, I64, 16))

#define ELEMENT_BREAKS(X, kind, name)                                                    \
  X(V40, kind, I16, P(name)->elements = 0)                                               \
  X(V40, kind, I16, P(name)->elements = 0x80000000u)                                     \
  X(V42, kind, I16, P(name)->elements = 15)                                              \
  X(V42, kind, I16, retype(o, OUT, o->tensors[OUT].type, 15))

#define SCALED_BREAKS(X, kind, operand)                                                  \
  ELEMENT_BREAKS(X, kind, quantize)                                                      \
  X(V42, kind, I8, retype(o, kind == NFR_KIND_QUANTIZE ? IN(0) : OUT, I32, 16))          \
  X(V43, kind, I8, retype(o, operand, I32, 16))                                          \
  X(V50, kind, I8, P(quantize)->zero_point = 128)                                        \
  X(V50, kind, I8, P(quantize)->zero_point = -129)                                       \
  X(V50, kind, I16, P(quantize)->zero_point = 32768)                                     \
  X(V65, kind, I8, P(quantize)->scale = 0)                                               \
  X(V65, kind, I8, P(quantize)->scale = -1)                                              \
  X(V65, kind, I8, P(quantize)->scale = INFINITY)                                        \
  X(V65, kind, I8, P(quantize)->scale = NAN)

#define GATE_BREAKS(X, i)                                                                \
  X(V41, NFR_KIND_LSTM, I8, P(lstm)->gates[i].weights_input = END)                       \
  X(V41, NFR_KIND_LSTM, I8, P(lstm)->gates[i].weights_recurrent = END - 15)              \
  X(V41, NFR_KIND_LSTM, I8, P(lstm)->gates[i].bias = (END + 3) & ~3u)                    \
  X(V41, NFR_KIND_LSTM, I16, P(lstm)->gates[i].bias += 4)                                \
  X(V49, NFR_KIND_LSTM, I8, P(lstm)->gates[i].multiplier_input = -1)                     \
  X(V49, NFR_KIND_LSTM, I8, P(lstm)->gates[i].multiplier_recurrent = -1)                 \
  X(V49, NFR_KIND_LSTM, I8, P(lstm)->gates[i].shift_input = 31)                          \
  X(V49, NFR_KIND_LSTM, I16, P(lstm)->gates[i].shift_recurrent = 8)                      \
  X(V51, NFR_KIND_LSTM, I8, P(lstm)->gates[i].reserved = 1)

#define BREAKS(X)                                                                        \
  CONV_BREAKS(X, NFR_KIND_CONV_2D)                                                       \
  X(V40, NFR_KIND_CONV_2D, I8, P(conv)->out_c = 0)                                       \
  X(V55, NFR_KIND_CONV_2D, I8, P(conv)->groups = 0)                                      \
  X(V55, NFR_KIND_CONV_2D, I8, P(conv)->groups = 3)                                      \
  X(V55, NFR_KIND_CONV_2D, I8, P(conv)->groups = 2; P(conv)->in_c = 5)                   \
  CONV_BREAKS(X, NFR_KIND_DEPTHWISE_CONV_2D)                                             \
  X(V56, NFR_KIND_DEPTHWISE_CONV_2D, I8, P(conv)->groups = 2)                            \
  X(V56, NFR_KIND_DEPTHWISE_CONV_2D, I8, P(conv)->groups = 0)                            \
  REQUANT_BREAKS(X, NFR_KIND_FULLY_CONNECTED, P(fully_connected)->q)                     \
  X(V40, NFR_KIND_FULLY_CONNECTED, I8, P(fully_connected)->depth = 0)                    \
  X(V40, NFR_KIND_FULLY_CONNECTED, I8, P(fully_connected)->units = 0)                    \
  X(V40, NFR_KIND_FULLY_CONNECTED, I8, P(fully_connected)->batches = 0x80000001u)        \
  X(V41, NFR_KIND_FULLY_CONNECTED, I8, P(fully_connected)->weights = END - 63)           \
  X(V42, NFR_KIND_FULLY_CONNECTED, I8, P(fully_connected)->batches = 1)                  \
  X(V42, NFR_KIND_FULLY_CONNECTED, I8, P(fully_connected)->units = 4)                    \
  X(V42, NFR_KIND_FULLY_CONNECTED, I8, retype(o, IN(0), I16, 16))                        \
  X(V43, NFR_KIND_FULLY_CONNECTED, I8, retype(o, IN(0), I32, 16); retype(o, OUT, I32, 16)) \
  POOL_BREAKS(X, NFR_KIND_AVERAGE_POOL_2D)                                               \
  POOL_BREAKS(X, NFR_KIND_MAX_POOL_2D)                                                   \
  BINARY_BREAKS(X, NFR_KIND_ADD, add)                                                    \
  X(V49, NFR_KIND_ADD, I8, P(add)->multiplier0 = -1)                                     \
  X(V49, NFR_KIND_ADD, I8, P(add)->multiplier1 = -1)                                     \
  X(V49, NFR_KIND_ADD, I8, P(add)->multiplier_out = -1)                                  \
  X(V49, NFR_KIND_ADD, I8, P(add)->shift0 = 1)                                           \
  X(V49, NFR_KIND_ADD, I8, P(add)->shift1 = -32)                                         \
  X(V49, NFR_KIND_ADD, I8, P(add)->shift_out = 1)                                        \
  X(V59, NFR_KIND_ADD, I8, P(add)->left_shift = 31)                                      \
  BINARY_BREAKS(X, NFR_KIND_MUL, mul)                                                    \
  X(V49, NFR_KIND_MUL, I8, P(mul)->multiplier = -1)                                      \
  X(V49, NFR_KIND_MUL, I8, P(mul)->shift = 31)                                           \
  X(V51, NFR_KIND_MUL, I8, P(mul)->reserved = 1)                                         \
  X(V51, NFR_KIND_MUL, I8, P(mul)->reserved1 = 1)                                        \
  X(V40, NFR_KIND_SOFTMAX, I8, P(softmax)->rows = 0)                                     \
  X(V40, NFR_KIND_SOFTMAX, I8, P(softmax)->depth = 0)                                    \
  X(V41, NFR_KIND_SOFTMAX, I16, P(softmax)->exp_table = END - 1024)                      \
  X(V41, NFR_KIND_SOFTMAX, I16, P(softmax)->reciprocal_table += 1)                       \
  X(V42, NFR_KIND_SOFTMAX, I8, P(softmax)->rows = 1)                                     \
  X(V42, NFR_KIND_SOFTMAX, I8, retype(o, OUT, I8, 15))                                   \
  X(V43, NFR_KIND_SOFTMAX, I8, retype(o, IN(0), I32, 16))                                \
  X(V43, NFR_KIND_SOFTMAX, I8, retype(o, OUT, I32, 16))                                  \
  X(V49, NFR_KIND_SOFTMAX, I8, P(softmax)->multiplier = -1)                              \
  X(V49, NFR_KIND_SOFTMAX, I8, P(softmax)->shift = -1)                                   \
  X(V49, NFR_KIND_SOFTMAX, I16, P(softmax)->shift = 31)                                  \
  X(V51, NFR_KIND_SOFTMAX, I8, P(softmax)->reserved[2] = 1)                              \
  X(V60, NFR_KIND_SOFTMAX, I8, P(softmax)->depth = 4096)                                 \
  X(V61, NFR_KIND_SOFTMAX, I8, P(softmax)->diff_min = 1)                                 \
  X(V62, NFR_KIND_SOFTMAX, I8, P(softmax)->exp_table = 0)                                \
  X(V62, NFR_KIND_SOFTMAX, I8, P(softmax)->reciprocal_table = 0)                         \
  X(V63, NFR_KIND_SOFTMAX, I16, retype(o, OUT, I8, 16))                                  \
  ELEMENT_BREAKS(X, NFR_KIND_LUT, lut)                                                   \
  X(V41, NFR_KIND_LUT, I8, P(lut)->table = END - 255)                                    \
  X(V42, NFR_KIND_LUT, I8, retype(o, IN(0), I16, 16))                                    \
  X(V42, NFR_KIND_LUT, I8, retype(o, OUT, I16, 16))                                      \
  ELEMENT_BREAKS(X, NFR_KIND_LOGISTIC16, logistic16)                                     \
  X(V41, NFR_KIND_LOGISTIC16, I16, P(logistic16)->table = END - 510)                     \
  X(V41, NFR_KIND_LOGISTIC16, I16, P(logistic16)->table += 1)                            \
  X(V42, NFR_KIND_LOGISTIC16, I16, retype(o, IN(0), I32, 16))                            \
  X(V64, NFR_KIND_LOGISTIC16, I16, P(logistic16)->multiplier = -1)                       \
  X(V64, NFR_KIND_LOGISTIC16, I16, P(logistic16)->multiplier = 32768)                    \
  X(V64, NFR_KIND_LOGISTIC16, I16, P(logistic16)->shift = 32)                            \
  X(V64, NFR_KIND_LOGISTIC16, I16, P(logistic16)->shift = -1)                            \
  X(V64, NFR_KIND_LOGISTIC16, I16, P(logistic16)->multiplier = 0; P(logistic16)->shift = 14) \
  MOVE_BREAKS(X, NFR_KIND_PAD)                                                           \
  X(V40, NFR_KIND_PAD, I8, P(pad)->dims[1] = 0)                                          \
  X(V40, NFR_KIND_PAD, I8, P(pad)->before[0] = 0x7fffffff)                               \
  X(V40, NFR_KIND_PAD, I8, P(pad)->before[0] = 0xffffffff; P(pad)->after[0] = 1)         \
  X(V42, NFR_KIND_PAD, I8, P(pad)->after[1] = 2)                                         \
  X(V50, NFR_KIND_PAD, I8, P(pad)->fill = 128)                                           \
  X(V51, NFR_KIND_PAD, I8, P(pad)->reserved = 1)                                         \
  X(V40, NFR_KIND_MEAN, I8, P(mean)->dims[2] = 0)                                        \
  X(V42, NFR_KIND_MEAN, I8, P(mean)->dims[2] = 3)                                        \
  X(V42, NFR_KIND_MEAN, I8, P(mean)->reduce = 6)                                         \
  X(V43, NFR_KIND_MEAN, I8, retype(o, IN(0), I32, 64); retype(o, OUT, I32, 16))          \
  X(V49, NFR_KIND_MEAN, I8, P(mean)->multiplier = -1)                                    \
  X(V49, NFR_KIND_MEAN, I8, P(mean)->shift = 31)                                         \
  X(V49, NFR_KIND_MEAN, I8, P(mean)->shift = INT32_MIN)                                  \
  X(V51, NFR_KIND_MEAN, I8, P(mean)->reserved[0] = 1)                                    \
  X(V51, NFR_KIND_MEAN, I8, P(mean)->reserved1 = 1)                                      \
  X(V67, NFR_KIND_MEAN, I8, P(mean)->reduce = 16)                                        \
  MOVE_BREAKS(X, NFR_KIND_COPY)                                                          \
  X(V40, NFR_KIND_COPY, I8, P(copy)->bytes = 0)                                          \
  X(V42, NFR_KIND_COPY, I8, P(copy)->bytes = 15)                                         \
  X(V73, NFR_KIND_COPY, I16, P(copy)->bytes = 17)                                        \
  MOVE_BREAKS(X, NFR_KIND_TRANSPOSE)                                                     \
  X(V40, NFR_KIND_TRANSPOSE, I8, P(transpose)->dims[0] = 0)                              \
  X(V42, NFR_KIND_TRANSPOSE, I8, P(transpose)->dims[0] = 3)                              \
  X(V51, NFR_KIND_TRANSPOSE, I8, P(transpose)->reserved = 1)                             \
  X(V68, NFR_KIND_TRANSPOSE, I8, P(transpose)->rank = 0)                                 \
  X(V68, NFR_KIND_TRANSPOSE, I8, P(transpose)->rank = 7)                                 \
  X(V69, NFR_KIND_TRANSPOSE, I8, P(transpose)->permutation[0] = 1; P(transpose)->permutation[1] = 1) \
  X(V69, NFR_KIND_TRANSPOSE, I8, P(transpose)->permutation[0] = 6)                       \
  X(V69, NFR_KIND_TRANSPOSE, I8, P(transpose)->permutation[2] = 3; P(transpose)->permutation[3] = 2) \
  X(V69, NFR_KIND_TRANSPOSE, I8, P(transpose)->rank = 1)                                 \
  SCALED_BREAKS(X, NFR_KIND_QUANTIZE, OUT)                                               \
  SCALED_BREAKS(X, NFR_KIND_DEQUANTIZE, IN(0))                                           \
  ELEMENT_BREAKS(X, NFR_KIND_REQUANTIZE, requantize)                                     \
  X(V43, NFR_KIND_REQUANTIZE, I8, retype(o, IN(0), I32, 16))                             \
  X(V49, NFR_KIND_REQUANTIZE, I8, P(requantize)->multiplier = -1)                        \
  X(V49, NFR_KIND_REQUANTIZE, I8, P(requantize)->shift = -32)                            \
  X(V50, NFR_KIND_REQUANTIZE, I8, P(requantize)->input_zero_point = 128)                 \
  X(V50, NFR_KIND_REQUANTIZE, I8, P(requantize)->output_zero_point = -129)               \
  X(V66, NFR_KIND_REQUANTIZE, I8, retype(o, OUT, F32, 16))                               \
  X(V66, NFR_KIND_REQUANTIZE, I8, retype(o, OUT, I64, 16))                               \
  X(V40, NFR_KIND_SVDF, I8, P(svdf)->depth = 0)                                          \
  X(V40, NFR_KIND_SVDF, I8, P(svdf)->memory = 0)                                         \
  X(V41, NFR_KIND_SVDF, I8, P(svdf)->weights_feature = END - 31)                         \
  X(V41, NFR_KIND_SVDF, I8, P(svdf)->weights_time = END)                                 \
  X(V41, NFR_KIND_SVDF, I16, P(svdf)->weights_time += 1)                                 \
  X(V41, NFR_KIND_SVDF, I8, P(svdf)->bias = (END + 3) & ~3u)                             \
  X(V42, NFR_KIND_SVDF, I8, P(svdf)->depth = 7)                                          \
  X(V42, NFR_KIND_SVDF, I8, P(svdf)->memory = 3)                                         \
  X(V42, NFR_KIND_SVDF, I8, P(svdf)->rank = 1)                                           \
  X(V42, NFR_KIND_SVDF, I8, retype(o, IN(0), I16, 8))                                    \
  X(V42, NFR_KIND_SVDF, I8, retype(o, OUT, I16, 2))                                      \
  X(V43, NFR_KIND_SVDF, I16, o->tensors[IN(2)].type = I32; o->tensors[IN(2)].fill = 0)   \
  X(V49, NFR_KIND_SVDF, I8, P(svdf)->multiplier1 = -1)                                   \
  X(V49, NFR_KIND_SVDF, I8, P(svdf)->shift2 = 31)                                        \
  X(V50, NFR_KIND_SVDF, I8, P(svdf)->state_zero_point = 128)                             \
  X(V51, NFR_KIND_SVDF, I8, P(svdf)->reserved = 1)                                       \
  X(V70, NFR_KIND_SVDF, I8, P(svdf)->rank = 0)                                           \
  X(V70, NFR_KIND_SVDF, I8, P(svdf)->rank = 3)                                           \
  GATE_BREAKS(X, 0)                                                                      \
  GATE_BREAKS(X, 1)                                                                      \
  GATE_BREAKS(X, 2)                                                                      \
  GATE_BREAKS(X, 3)                                                                      \
  X(V40, NFR_KIND_LSTM, I8, P(lstm)->steps = 0)                                          \
  X(V40, NFR_KIND_LSTM, I8, P(lstm)->state_size = 0)                                     \
  X(V41, NFR_KIND_LSTM, I8, P(lstm)->table = END - 510)                                  \
  X(V42, NFR_KIND_LSTM, I8, P(lstm)->steps = 3)                                          \
  X(V42, NFR_KIND_LSTM, I8, P(lstm)->input_size = 4)                                     \
  X(V42, NFR_KIND_LSTM, I8, retype(o, OUT, I16, 8))                                      \
  X(V42, NFR_KIND_LSTM, I8, retype(o, OUT, I8, 7))                                       \
  X(V42, NFR_KIND_LSTM, I8, retype(o, o->op->scratch, I8, 3))                            \
  X(V42, NFR_KIND_LSTM, I8, retype(o, o->op->scratch, I16, 4))                           \
  X(V42, NFR_KIND_LSTM, I8, o->tensors[IN(1)].bytes -= 1)                                \
  X(V42, NFR_KIND_LSTM, I8, o->tensors[IN(2)].bytes -= 2)                                \
  X(V42, NFR_KIND_LSTM, I16, o->tensors[IN(1)].type = I8; o->tensors[IN(1)].fill = 0)    \
  X(V43, NFR_KIND_LSTM, I8, retype(o, IN(0), I32, 16))                                   \
  X(V49, NFR_KIND_LSTM, I8, P(lstm)->multiplier_forget = -1)                             \
  X(V49, NFR_KIND_LSTM, I8, P(lstm)->shift_input = 31)                                   \
  X(V49, NFR_KIND_LSTM, I8, P(lstm)->shift_hidden = -32)                                 \
  X(V50, NFR_KIND_LSTM, I8, P(lstm)->output_zero_point = 128)                            \
  X(V51, NFR_KIND_LSTM, I8, P(lstm)->reserved = 1)                                       \
  X(V51, NFR_KIND_LSTM, I8, P(lstm)->reserved1 = 1)                                      \
  X(V71, NFR_KIND_LSTM, I8, P(lstm)->tanh_shift = 15)                                    \
  X(V71, NFR_KIND_LSTM, I8, P(lstm)->tanh_shift = -32)                                   \
  X(V72, NFR_KIND_LSTM, I8, P(lstm)->time_major = 2)                                     \
  X(V72, NFR_KIND_LSTM, I8, P(lstm)->cell_clip = -1)

enum {
#define COUNT(rule, kind, type, ...) +1
  BREAK_COUNT = 0 BREAKS(COUNT)
};

/* Breaks the plan as the n-th row says. */
static void break_plan(unsigned n, struct one_op *o) {
  unsigned row = 0;
#define BREAK(rule, kind, type, ...)  \
  if (row++ == n) {                   \
    __VA_ARGS__;                      \
  }
  BREAKS(BREAK)
}

static const struct {
  const char *rule, *change;
  uint8_t kind, type;
} breaks[] = {
#define ROW(rule, kind, type, ...) {#rule, #__VA_ARGS__, kind, type},
    BREAKS(ROW)};

static int load(const uint8_t *plan) {
  const struct nfr_plan_header *header = (const void *)plan;
  void *blob = NULL, *arena = NULL, *state = NULL;
  assert_int_equal(posix_memalign(&blob, 16, header->total_bytes), 0);
  assert_int_equal(posix_memalign(&arena, 16, header->arena_bytes), 0);
  assert_int_equal(posix_memalign(&state, 16, header->state_bytes + 16), 0);
  memcpy(blob, plan, header->total_bytes);
  struct nfr_engine engine;
  rule_hook_clear();
  int err = nfr_engine_load(&engine, blob, header->total_bytes, arena, header->arena_bytes, state, header->state_bytes, 0);
  free(blob);
  free(arena);
  free(state);
  return err;
}

static _Alignas(16) uint8_t plan[65536];

static void unbroken_plans_load(void **unused) {
  (void)unused;
  for (unsigned i = 0; i < plan_gen_kind_count; i++)
    for (uint8_t type = I8; type <= I16; type++) {
      struct one_op o;
      make_valid(plan_gen_kinds[i], type, plan, sizeof plan, &o);
      int err = load(plan);
      if (err) print_error("kind %u, type %u: error %d of rule '%s'\n", plan_gen_kinds[i], type, err, rule_hook_first());
      assert_int_equal(err, NFR_OK);
    }
}

static void each_rule_refuses_what_breaks_it(void **unused) {
  (void)unused;
  unsigned wrong = 0;
  for (unsigned i = 0; i < BREAK_COUNT; i++) {
    struct one_op o;
    make_valid(breaks[i].kind, breaks[i].type, plan, sizeof plan, &o);
    break_plan(i, &o);
    int err = load(plan);
    if (err == NFR_ERR_CORRUPT && strcmp(rule_hook_first(), breaks[i].rule) == 0) continue;
    print_error("%s of kind %u, '%s': error %d of rule '%s'\n", breaks[i].rule, breaks[i].kind, breaks[i].change, err,
                rule_hook_first());
    wrong++;
  }
  print_message("%u plans, each broken in one place\n", (unsigned)BREAK_COUNT);
  assert_int_equal(wrong, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(unbroken_plans_load),
      cmocka_unit_test(each_rule_refuses_what_breaks_it),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
