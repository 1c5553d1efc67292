/* The plan format, as structures. SPEC.md beside this file is the text; the two change together.
 *
 * A plan is one blob: header, tensor table, I/O table, operator records, constants. All fields are little-endian and
 * naturally aligned; the blob starts at a 16-byte boundary in memory, so the structures are read in place from flash.
 */
#ifndef NFR_PLAN_H
#define NFR_PLAN_H

#include <assert.h>
#include <stdint.h>

#define NFR_PLAN_MAGIC 0x5052464eu /* "NFRP" */
#define NFR_PLAN_MAJOR 1u
#define NFR_PLAN_MINOR 0u

#define NFR_PLAN_ALIGN 16u         /* of the blob, of its sections, of arena and state */
#define NFR_PLAN_MAX_TENSORS 1024u
#define NFR_PLAN_MAX_OPS 512u
#define NFR_PLAN_MAX_IO 8u         /* inputs; the same for outputs */
#define NFR_PLAN_MAX_RANK 6u
#define NFR_PLAN_MAX_MEMBERS 32u   /* of a chain */
#define NFR_PLAN_NONE8 0xffu       /* no member of the chain */
#define NFR_PLAN_NONE16 0xffffu    /* operand absent */
#define NFR_PLAN_NONE32 0xffffffffu /* constant absent */

enum nfr_type { NFR_TYPE_INT8 = 0, NFR_TYPE_INT16 = 1, NFR_TYPE_INT32 = 2, NFR_TYPE_INT64 = 3, NFR_TYPE_FLOAT32 = 4 };

enum nfr_region { NFR_REGION_ARENA = 0, NFR_REGION_STATE = 1, NFR_REGION_CONST = 2 };

/* Operator kinds. Permanent numbers; a retired one is not used again. */
enum nfr_kind {
  NFR_KIND_ADD = 1,
  NFR_KIND_MUL = 2,
  NFR_KIND_CONV_2D = 3,
  NFR_KIND_DEPTHWISE_CONV_2D = 4,
  NFR_KIND_FULLY_CONNECTED = 5,
  NFR_KIND_AVERAGE_POOL_2D = 6,
  NFR_KIND_MAX_POOL_2D = 7,
  NFR_KIND_SOFTMAX = 8,
  NFR_KIND_LUT = 9, /* int8 to int8 by a table of 256: LOGISTIC, requantizing QUANTIZE, RELU, TANH, … */
  NFR_KIND_LOGISTIC16 = 10,
  NFR_KIND_PAD = 11,
  NFR_KIND_MEAN = 12,
  NFR_KIND_COPY = 13, /* RESHAPE where it is not eliminated */
  NFR_KIND_TRANSPOSE = 14,
  NFR_KIND_QUANTIZE = 15,   /* float32 to int8 or int16 */
  NFR_KIND_REQUANTIZE = 16, /* integer to integer */
  NFR_KIND_DEQUANTIZE = 17,
  NFR_KIND_SVDF = 18,
  NFR_KIND_LSTM = 19,
  NFR_KIND_CHAIN = 20, /* governs the records behind it, its members: SPEC.md section 7 */
};

/* Extensions that change how known fields are read: bits of nfr_plan_header.features. */
#define NFR_FEATURE_CHAINS 2u /* there is a CHAIN */

/* Layout ids: how a constant operand's bytes are arranged. Permanent; bit n of nfr_plan_header.layouts = id n is used. */
enum nfr_layout {
  NFR_LAYOUT_PLAIN = 0, /* as in the .tflite: OHWI convolution, 1HW(C*M) depthwise, [units, depth] fully connected */
  NFR_LAYOUT_SMLAD = 1, /* LSTM: the gates' weights together. CONV_2D, FULLY_CONNECTED: pairs of output channels; bias with the offset folded in (SPEC.md section 6) */
  NFR_LAYOUT_PLANES = 2, /* DEPTHWISE_CONV_2D: weights plain; scratch for strips of rows, a channel a plane (SPEC.md section 6) */
};

struct nfr_plan_header { /* 64 bytes */
  uint32_t magic;
  uint8_t major, minor;
  uint16_t header_bytes;   /* 64 */
  uint32_t total_bytes;    /* of the blob; a multiple of 16 */
  uint32_t features;       /* NFR_FEATURE_…: bits that a reader must know */
  uint32_t state_bytes;    /* kept between inferences; a multiple of 16 */
  uint32_t arena_bytes;    /* transient: activations, inputs, outputs and scratch; a multiple of 16 */
  uint16_t tensor_count, op_count;
  uint8_t input_count, output_count;
  uint16_t reserved0;      /* 0 */
  uint32_t tensors_offset; /* nfr_plan_tensor[tensor_count] */
  uint32_t io_offset;      /* nfr_plan_io[input_count + output_count], inputs first */
  uint32_t ops_offset, ops_bytes;
  uint32_t const_offset, const_bytes; /* const_offset is a multiple of 16; const_offset + const_bytes <= total_bytes */
  uint32_t layouts;        /* bit set of the layout ids used */
  uint32_t reserved1;      /* 0 */
};

struct nfr_plan_tensor { /* 16 bytes */
  uint32_t offset; /* from the region's start (arena, state, or the blob's constants) */
  uint32_t bytes;  /* that it takes there; of a streamed tensor: held_rows rows */
  uint8_t type;    /* enum nfr_type */
  uint8_t region;  /* enum nfr_region */
  int16_t fill;    /* state: value of every element after a reset (int8 and int16 state only); else 0 */
  uint16_t rows;      /* 0: the whole tensor is there. Else it is streamed through a chain, and has so many rows in all */
  uint16_t held_rows; /* of them at a time; 0 when it is not streamed */
};

struct nfr_plan_io { /* 36 bytes */
  uint16_t tensor; /* in the arena */
  uint8_t rank;
  uint8_t reserved; /* 0 */
  uint32_t dims[NFR_PLAN_MAX_RANK]; /* dims beyond rank are 1 */
  float scale;      /* > 0 and finite for a quantized type, 0 for float32 */
  int32_t zero_point;
};

struct nfr_plan_op { /* 16 bytes, then the kind's parameters */
  uint8_t kind, layout;
  uint16_t bytes;     /* of the record with its parameters: exactly sizeof for the kind; a multiple of 4 */
  uint16_t source_op; /* index of the operator in the .tflite: the name used in messages and self-tests */
  uint16_t in[3];     /* tensor indices */
  uint16_t out;
  uint16_t scratch;   /* a tensor of the arena that lives during this operator only */
};

/* Requantization of an accumulator: bias, per-channel multiplier and shift, offsets, clamp.
 * result = clamp(MultiplyByQuantizedMultiplier(acc + bias, multiplier, shift) + output_offset).
 * Offsets are from the start of the constants. channels = output channels, or 1 without NFR_REQUANT_PER_CHANNEL. */
struct nfr_plan_requant { /* 24 bytes */
  uint32_t bias;        /* int32[output channels], or int64 with NFR_REQUANT_BIAS64; NONE32: no bias */
  uint32_t multipliers; /* int32[channels], each >= 0 */
  uint32_t shifts;      /* int8[channels], each -31 … 30 (ACC64: -31 … 7), positive = left */
  int16_t input_offset; /* minus the input's zero point */
  int16_t output_offset;
  int16_t act_min, act_max;
  uint32_t flags;
};
#define NFR_REQUANT_PER_CHANNEL 1u
#define NFR_REQUANT_BIAS64 2u /* bias is int64; set exactly when there is a bias and ACC64 */
#define NFR_REQUANT_ACC64 4u  /* int16 activations: 64-bit accumulator, 16-bit multiplier, one rounding */

/* CONV_2D, DEPTHWISE_CONV_2D and the pools. Units are parts of one row of the output; those of its r-th row come r-th, or, descending,
 * those of row out_h - 1 - r. What a kernel may do at once when its output overlaps its input: SPEC.md section 3. */
#define NFR_WINDOW_ROWS_DESCENDING 1u
#define NFR_WINDOW_TILE 4u /* rows of one element's width that a kernel may compute together */

struct nfr_plan_conv { /* CONV_2D, DEPTHWISE_CONV_2D: 60 bytes; in[0] NHWC, out NHWC */
  uint16_t batches, in_h, in_w, in_c, out_h, out_w, out_c;
  uint16_t filter_h, filter_w;
  uint16_t pad_top, pad_left;
  uint16_t groups; /* CONV_2D: groups. DEPTHWISE: channel multiplier */
  uint8_t stride_h, stride_w, dilation_h, dilation_w;
  uint32_t weights; /* int8 */
  uint32_t flags;   /* NFR_WINDOW_… */
  struct nfr_plan_requant q;
};

struct nfr_plan_fully_connected { /* 40 bytes; in[0] [batches, depth], out [batches, units] */
  uint32_t batches, depth, units;
  uint32_t weights; /* int8[units][depth] in NFR_LAYOUT_PLAIN */
  struct nfr_plan_requant q;
};

struct nfr_plan_pool { /* AVERAGE_POOL_2D, MAX_POOL_2D: 32 bytes */
  uint16_t batches, in_h, in_w, channels, out_h, out_w;
  uint16_t filter_h, filter_w;
  uint16_t pad_top, pad_left;
  uint16_t stride_h, stride_w;
  int16_t act_min, act_max;
  uint32_t flags; /* NFR_WINDOW_… */
};

struct nfr_plan_add { /* 44 bytes; in[0], in[1], out. Dims outermost first, broadcast already merged to rank 4 */
  uint32_t dims[4];            /* of the output */
  uint8_t broadcast0, broadcast1; /* bit d: operand's dimension d is 1 where the output's is dims[d] */
  uint8_t left_shift;          /* 20 for int8, 15 for int16 */
  int8_t shift0, shift1, shift_out; /* -31 … 0 */
  int16_t act_min;
  int32_t multiplier0, multiplier1, multiplier_out;
  int16_t act_max, offset0, offset1, offset_out; /* offsets: minus zero point of the inputs, plus zero point of the output */
};

struct nfr_plan_mul { /* 36 bytes */
  uint32_t dims[4];
  uint8_t broadcast0, broadcast1;
  int8_t shift;
  uint8_t reserved;
  int32_t multiplier;
  int16_t act_min, act_max, offset0, offset1, offset_out;
  uint16_t reserved1;
};

struct nfr_plan_softmax { /* 28 bytes */
  uint32_t rows, depth; /* depth <= 4095 with int8 input: the sum of exponentials is Q12.19 */
  int32_t multiplier; /* of beta x input scale */
  int32_t diff_min;   /* int8 input: differences below are zero */
  int8_t shift;       /* int8 input: 0 … 30; int16 input: -31 … 30 */
  uint8_t reserved[3];
  uint32_t exp_table;         /* int16 input: int16[513], else NONE32 */
  uint32_t reciprocal_table;  /* int16 input: int16[513], else NONE32 */
};

struct nfr_plan_lut { /* 8 bytes */
  uint32_t elements;
  uint32_t table; /* int8[256], indexed by q + 128 */
};

struct nfr_plan_logistic16 { /* 16 bytes */
  uint32_t elements;
  int32_t multiplier; /* 0 … 32767; 0 is the power-of-two path, 3 x 2^shift */
  int32_t shift;      /* right shift 0 … 31; with multiplier 0 left shift 0 … 13 */
  uint32_t table;     /* uint16[256]: the sigmoid table of Reference/SPEC.md section 4 */
};

struct nfr_plan_pad { /* 52 bytes; adjacent unpadded dimensions are merged, dims outermost first */
  uint32_t dims[4]; /* of the input */
  uint32_t before[4], after[4];
  int16_t fill;
  uint16_t reserved;
};

struct nfr_plan_mean { /* 36 bytes */
  uint32_t dims[4]; /* of the input; adjacent dimensions of one sort are merged */
  uint8_t reduce;   /* bit d: dimension d is averaged away */
  uint8_t reserved[3];
  int32_t multiplier; /* with 1/n folded in, SPEC */
  int32_t shift;      /* -31 … 30 */
  int16_t input_zero_point, output_zero_point;
  uint32_t reserved1;
};

struct nfr_plan_copy { /* 4 bytes */
  uint32_t bytes;
};

struct nfr_plan_transpose { /* 32 bytes; output dimension i = input dimension permutation[i] */
  uint32_t dims[6]; /* of the input; beyond rank 1 */
  uint8_t permutation[6]; /* a permutation of 0…5, the identity beyond rank */
  uint8_t rank;
  uint8_t reserved;
};

struct nfr_plan_quantize { /* QUANTIZE and DEQUANTIZE: 12 bytes */
  uint32_t elements;
  float scale;
  int32_t zero_point;
};

struct nfr_plan_requantize { /* 20 bytes */
  uint32_t elements;
  int32_t multiplier, shift;
  int32_t input_zero_point, output_zero_point;
};

struct nfr_plan_svdf { /* 48 bytes; in[0] [batches, depth], in[2] state [batches, filters, memory], out [batches, units]; no scratch */
  uint32_t batches, depth, filters, memory; /* units = filters / rank */
  uint16_t rank;
  int16_t state_zero_point;
  int32_t multiplier1, multiplier2;
  int8_t shift1, shift2; /* -31 … 30 */
  int16_t input_zero_point, output_zero_point;
  uint16_t reserved;
  uint32_t weights_feature; /* int8[filters][depth] */
  uint32_t weights_time;    /* int16[filters][memory], int8 when the state is int8 */
  uint32_t bias;            /* int32[units] or NONE32 */
};

struct nfr_plan_lstm_gate { /* 24 bytes; order of the gates: input, forget, cell, output. NFR_LAYOUT_SMLAD: the first gate's constants are those of all four, the others' NONE32 */
  uint32_t weights_input;     /* int8[state][input] */
  uint32_t weights_recurrent; /* int8[state][state] */
  uint32_t bias;              /* int32[state] (int64 with int16 activations), or NONE32 */
  int32_t multiplier_input, multiplier_recurrent;
  int8_t shift_input, shift_recurrent; /* -31 … 30; -31 … 7 with int16 activations (64-bit accumulator) */
  uint16_t reserved;
};

struct nfr_plan_lstm { /* 144 bytes; in[0] input, in[1] hidden state, in[2] cell state (int16), out; scratch: state_size elements of the input's type (NFR_LAYOUT_SMLAD: SPEC.md section 6) */
  uint32_t batches, steps, input_size, state_size;
  uint8_t time_major;
  int8_t tanh_shift; /* 12 + log2(cell scale), -31 … 14: table input = 3 x cell x 2^tanh_shift, rounded half up to the right */
  int8_t shift_forget, shift_input, shift_hidden; /* -31 … 30 */
  uint8_t reserved;
  int16_t cell_clip; /* 0: none */
  int16_t input_offset, hidden_offset; /* minus zero point */
  int16_t output_zero_point;           /* of the hidden state and the output */
  uint16_t reserved1;
  int32_t multiplier_forget, multiplier_input, multiplier_hidden; /* cell x forget, input x cell gate, output gate x tanh(cell) */
  uint32_t table; /* uint16[256], the logistic table of SPEC */
  struct nfr_plan_lstm_gate gates[4];
};

/* CHAIN: 4 bytes, then nfr_plan_member[members], then the members' own records. No inputs; out: the chain's working memory. */
struct nfr_plan_chain {
  uint16_t members; /* 2 … NFR_PLAN_MAX_MEMBERS */
  uint16_t stripes; /* runs of all members in turn */
};

/* Progress of a member, in rows of its output: from stripe k to the next, rows up to step x (k + 1) + end are computed, and those
 * of its streamed output from step x k + start on are held; both clamped to what there is. */
struct nfr_plan_member { /* 8 bytes */
  uint16_t step;   /* rows a stripe, 1 … 32767 */
  int16_t end;     /* <= 0 */
  int16_t start;   /* <= end; the last member's: = end */
  uint8_t from[2]; /* index of the member whose streamed output is in[0], in[1]; NFR_PLAN_NONE8: it is whole, or absent */
};

static_assert(sizeof(struct nfr_plan_header) == 64, "plan header");
static_assert(sizeof(struct nfr_plan_tensor) == 16, "plan tensor");
static_assert(sizeof(struct nfr_plan_io) == 36, "plan io");
static_assert(sizeof(struct nfr_plan_op) == 16, "plan op");
static_assert(sizeof(struct nfr_plan_requant) == 24, "requant");
static_assert(sizeof(struct nfr_plan_conv) == 60, "conv");
static_assert(sizeof(struct nfr_plan_fully_connected) == 40, "fully connected");
static_assert(sizeof(struct nfr_plan_pool) == 32, "pool");
static_assert(sizeof(struct nfr_plan_add) == 44, "add");
static_assert(sizeof(struct nfr_plan_mul) == 36, "mul");
static_assert(sizeof(struct nfr_plan_softmax) == 28, "softmax");
static_assert(sizeof(struct nfr_plan_lut) == 8, "lut");
static_assert(sizeof(struct nfr_plan_logistic16) == 16, "logistic16");
static_assert(sizeof(struct nfr_plan_pad) == 52, "pad");
static_assert(sizeof(struct nfr_plan_mean) == 36, "mean");
static_assert(sizeof(struct nfr_plan_transpose) == 32, "transpose");
static_assert(sizeof(struct nfr_plan_quantize) == 12, "quantize");
static_assert(sizeof(struct nfr_plan_requantize) == 20, "requantize");
static_assert(sizeof(struct nfr_plan_svdf) == 48, "svdf");
static_assert(sizeof(struct nfr_plan_lstm_gate) == 24, "lstm gate");
static_assert(sizeof(struct nfr_plan_lstm) == 144, "lstm");
static_assert(sizeof(struct nfr_plan_chain) == 4, "chain");
static_assert(sizeof(struct nfr_plan_member) == 8, "member");

#endif
