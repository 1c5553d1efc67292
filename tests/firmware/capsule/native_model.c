#include "native_model.h"

#include <assert.h>
#include <string.h>

#include "builder.h"
#include "crc32.h"

enum { FILTERS = 4, MEMORY = 3 };

struct layout { /* the plan, section after section */
  struct nfr_plan_header header;
  struct nfr_plan_tensor tensors[5]; /* the last: of a second input */
  struct nfr_plan_io io[3];
  struct nfr_plan_op lut;
  struct nfr_plan_lut lut_params;
  struct nfr_plan_op svdf;
  struct nfr_plan_svdf svdf_params;
  _Alignas(16) struct {
    int8_t table[256], feature[FILTERS * MODEL_ELEMENTS];
    int16_t time[FILTERS * MEMORY];
  } constants;
};

static void fill(void *bytes, size_t count, uint32_t random) {
  uint8_t *at = bytes;
  for (size_t i = 0; i < count; i++) at[i] = (uint8_t)((random = random * 1664525u + 1013904223u) >> 24);
}

struct nfr_plan_header *model_header(struct model *model) {
  return (struct nfr_plan_header *)(void *)model->bytes;
}

void model_write(struct model *model, uint8_t seed) {
  struct layout *p = (struct layout *)(void *)model->bytes;
  const uint16_t none = NFR_PLAN_NONE16;
  memset(model->bytes, 0, sizeof model->bytes);
  model->count = sizeof *p;
  p->header = (struct nfr_plan_header){
      .magic = NFR_PLAN_MAGIC,
      .major = NFR_PLAN_MAJOR,
      .header_bytes = sizeof p->header,
      .total_bytes = sizeof *p,
      .state_bytes = MODEL_STATE,
      .arena_bytes = MODEL_ARENA,
      .tensor_count = 4,
      .op_count = MODEL_OPS,
      .input_count = 1,
      .output_count = 1,
      .tensors_offset = offsetof(struct layout, tensors),
      .io_offset = offsetof(struct layout, io),
      .ops_offset = offsetof(struct layout, lut),
      .ops_bytes = sizeof p->lut + sizeof p->lut_params + sizeof p->svdf + sizeof p->svdf_params,
      .const_offset = offsetof(struct layout, constants),
      .const_bytes = sizeof p->constants,
      .layouts = 1u << NFR_LAYOUT_PLAIN};
  p->tensors[0] = (struct nfr_plan_tensor){.offset = 16, .bytes = MODEL_ELEMENTS};
  p->tensors[1] = p->tensors[0];
  p->tensors[2] = (struct nfr_plan_tensor){.offset = 48, .bytes = MODEL_CLASSES};
  p->tensors[3] = (struct nfr_plan_tensor){.bytes = 2 * FILTERS * MEMORY, .type = NFR_TYPE_INT16, .region = NFR_REGION_STATE};
  p->io[0] = (struct nfr_plan_io){.tensor = 0, .rank = 2, .dims = {1, MODEL_ELEMENTS, 1, 1, 1, 1}, .scale = 0.125f, .zero_point = -5};
  p->io[1] = (struct nfr_plan_io){.tensor = 2, .rank = 2, .dims = {1, MODEL_CLASSES, 1, 1, 1, 1}, .scale = 0.5f, .zero_point = 3};
  p->lut = (struct nfr_plan_op){.kind = NFR_KIND_LUT, .bytes = sizeof p->lut + sizeof p->lut_params, .source_op = 10,
                                .in = {0, none, none}, .out = 1, .scratch = none};
  p->lut_params = (struct nfr_plan_lut){.elements = MODEL_ELEMENTS, .table = 0};
  p->svdf = (struct nfr_plan_op){.kind = NFR_KIND_SVDF, .bytes = sizeof p->svdf + sizeof p->svdf_params, .source_op = 20,
                                 .in = {1, none, 3}, .out = 2, .scratch = none};
  p->svdf_params = (struct nfr_plan_svdf){
      .batches = 1, .depth = MODEL_ELEMENTS, .filters = FILTERS, .memory = MEMORY, .rank = 1,
      .multiplier1 = 0x40000000, .multiplier2 = 0x40000000, .shift1 = -2, .shift2 = -17, .output_zero_point = 3,
      .weights_feature = 256, .weights_time = 256 + FILTERS * MODEL_ELEMENTS, .bias = NFR_PLAN_NONE32};
  fill(&p->constants, sizeof p->constants, seed);
}

void model_add_input(struct model *model) {
  struct layout *p = (struct layout *)(void *)model->bytes;
  p->header.tensor_count = 5;
  p->header.input_count = 2;
  p->tensors[4] = (struct nfr_plan_tensor){.offset = 32, .bytes = MODEL_ELEMENTS};
  p->io[2] = p->io[1];
  p->io[1] = p->io[0];
  p->io[1].tensor = 4;
}

void peer_open(struct peer *peer, const struct model *model) {
  int err = nfr_engine_load(&peer->engine, model->bytes, model->count, peer->arena, sizeof peer->arena, peer->state,
                            sizeof peer->state, 0);
  assert(err == NFR_OK);
  (void)err;
}

void peer_run(struct peer *peer, const int8_t input[MODEL_ELEMENTS], int8_t output[MODEL_CLASSES], uint32_t crcs[MODEL_OPS]) {
  struct nfr_tensor_view view;
  int err = nfr_engine_input(&peer->engine, 0, &view);
  memcpy(view.data, input, MODEL_ELEMENTS);
  if (!err) err = nfr_engine_stop_at_op(&peer->engine, true);
  if (!err) err = nfr_engine_begin(&peer->engine);
  for (unsigned op = 0; op < MODEL_OPS; op++) {
    const void *data;
    uint32_t bytes;
    uint16_t source_op;
    err = nfr_engine_step(&peer->engine, UINT32_MAX);
    assert(err == (op + 1 < MODEL_OPS ? NFR_ENGINE_MORE : NFR_OK));
    err = nfr_engine_op_output(&peer->engine, op, &data, &bytes, &source_op);
    assert(err == NFR_OK);
    if (crcs != NULL) crcs[op] = nfr_crc32(0, data, bytes);
  }
  err = nfr_engine_output(&peer->engine, 0, &view);
  assert(err == NFR_OK);
  (void)err;
  memcpy(output, view.data, MODEL_CLASSES);
}

size_t vectors_write(const struct model *model, unsigned cases, uint8_t *bytes) {
  struct peer peer;
  uint8_t *at = bytes + 24;
  peer_open(&peer, model);
  memset(bytes, 0, 24);
  put32(bytes, 0x5652464e);
  bytes[4] = 1;
  put16(bytes + 6, cases);
  put32(bytes + 12, MODEL_ELEMENTS);
  put32(bytes + 16, MODEL_CLASSES);
  put16(bytes + 20, MODEL_OPS);
  for (unsigned i = 0; i < cases; i++) {
    int8_t input[MODEL_ELEMENTS], output[MODEL_CLASSES];
    uint32_t crcs[MODEL_OPS];
    bool reset = i == 2; /* the cases before go on from each other's state */
    fill(input, sizeof input, i + 100);
    int err = reset ? nfr_engine_reset(&peer.engine) : NFR_OK;
    assert(err == NFR_OK);
    (void)err;
    peer_run(&peer, input, output, crcs);
    put32(at, reset);
    memcpy(at + 4, input, MODEL_ELEMENTS);
    memcpy(at + 12, output, MODEL_CLASSES);
    for (unsigned op = 0; op < MODEL_OPS; op++) put32(at + 16 + 4 * op, crcs[op]);
    at += 24;
  }
  put32(bytes + 8, (uint32_t)(at - bytes));
  return (size_t)(at - bytes);
}
