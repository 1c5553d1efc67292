#include "native_world.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "builder.h"
#include "crc32.h"
#include "plan_gen.h"

enum { MODELS = 8, SEEDS = 4000, MAX_ARENA = 1500, MAX_STATE = 300, MAX_VECTORS = 16384, CASES = 2 };

static struct {
  struct world_model models[MODELS];
  unsigned count;
  uint8_t list[8192];
  uint32_t list_bytes;
} world;

void world_fail(const char *what, int actual, int expected) {
  fprintf(stderr, "%s: %d, expected %d\n", what, actual, expected);
  abort();
}

static void ok(int err) {
  if (err) world_fail("the world cannot be made", err, 0);
}

void *world_allocate(size_t bytes) {
  void *memory = NULL;
  if (posix_memalign(&memory, 16, bytes ? bytes : 1)) abort();
  memset(memory, 0, bytes);
  return memory;
}

static uint8_t *put_inputs(struct nfr_engine *engine, uint8_t *at, uint32_t *random) {
  struct nfr_tensor_view view;
  for (unsigned i = 0; nfr_engine_input(engine, i, &view) == NFR_OK; i++)
    for (uint32_t j = 0; j < view.bytes; j++) {
      *random = *random * 1664525u + 1013904223u;
      *at++ = ((uint8_t *)view.data)[j] = (uint8_t)(*random >> 24);
    }
  return at;
}

static uint8_t *pad(uint8_t *start, uint8_t *at) {
  while ((at - start) % 4 != 0) *at++ = 0;
  return at;
}

/* One inference: its outputs to `output`, the operators' checksums to `crcs`. Returns the outputs' end. */
static uint8_t *infer(struct nfr_engine *engine, uint8_t *output, uint8_t *crcs) {
  int err = NFR_ENGINE_MORE;
  struct nfr_tensor_view view;
  ok(nfr_engine_begin(engine));
  ok(nfr_engine_stop_at_op(engine, true));
  while (err == NFR_ENGINE_MORE) {
    unsigned op = engine->op_index;
    err = nfr_engine_step(engine, UINT32_MAX);
    const void *data;
    uint32_t bytes;
    uint16_t source;
    ok(nfr_engine_op_output(engine, op, &data, &bytes, &source));
    if (crcs != NULL) put32(crcs + 4 * op, nfr_crc32(0, data, bytes));
  }
  ok(err);
  for (unsigned i = 0; nfr_engine_output(engine, i, &view) == NFR_OK; i++) {
    memcpy(output, view.data, view.bytes);
    output += view.bytes;
  }
  return output;
}

static uint32_t io_bytes(const struct nfr_engine *engine, bool outputs) {
  struct nfr_tensor_view view;
  uint32_t bytes = 0;
  for (unsigned i = 0; (outputs ? nfr_engine_output(engine, i, &view) : nfr_engine_input(engine, i, &view)) == NFR_OK; i++) bytes += view.bytes;
  return bytes;
}

/* Golden vectors (capsule/SPEC.md): cases from reset states in an arena of zeros. Returns their bytes. */
static uint32_t write_vectors(struct nfr_engine *engine, const struct world_model *model, uint8_t *arena, uint8_t *bytes) {
  uint32_t random = 7;
  uint8_t *at = bytes + 24;
  put32(bytes, 0x5652464e);
  put32(bytes + 4, 1u | CASES << 16);
  put32(bytes + 12, io_bytes(engine, false));
  put32(bytes + 16, io_bytes(engine, true));
  put32(bytes + 20, model->needs.op_count);
  for (unsigned i = 0; i < CASES; i++) {
    if (i == 0) memset(arena, 0, model->needs.arena_bytes);
    ok(nfr_engine_reset(engine));
    put32(at, 1);
    uint8_t *outputs = pad(bytes, put_inputs(engine, at + 4, &random));
    uint32_t output_room = (io_bytes(engine, true) + 3u) & ~3u;
    memset(outputs, 0, output_room);
    (void)infer(engine, outputs, outputs + output_room);
    at = outputs + output_room + 4u * model->needs.op_count;
  }
  put32(bytes + 8, (uint32_t)(at - bytes));
  return (uint32_t)(at - bytes);
}

static void write_manifest(struct world_model *model) {
  static struct sample sample;
  struct test_key publisher = toy_key(2);
  sample_small(&sample);
  uint8_t *needs = sample_find(&sample, 0x8006, 0)->value;
  put32(needs, model->needs.state_bytes);
  put32(needs + 4, model->needs.arena_bytes);
  put32(sample_find(&sample, 0x8005, 0)->value + 8, NFR_KNOWN_LAYOUTS);
  uint8_t *operators = sample_find(&sample, 0x8007, 0)->value;
  memset(operators, 0, 16);
  for (unsigned i = 0; i < plan_gen_kind_count; i++) operators[plan_gen_kinds[i] / 8] |= (uint8_t)(1u << plan_gen_kinds[i] % 8);
  sample_set_section(&sample, NFR_SECTION_MODEL, model->plan, model->plan_bytes);
  sample_append(&sample, 0x8010, 40)->value[0] = NFR_SECTION_VECTORS;
  sample_set_section(&sample, NFR_SECTION_VECTORS, model->vectors, model->vectors_bytes);
  uint8_t *bytes = malloc(4096);
  model->manifest_bytes = (uint32_t)sample_write(&sample, &publisher, bytes);
  model->manifest = bytes;
}

/* Takes a plan when it is small, and adds to the variety: every second one has state, every third several inputs,
 * the first neither. */
static bool add_model(const uint8_t *plan, uint32_t bytes) {
  struct world_model *model = &world.models[world.count];
  struct nfr_engine engine;
  static uint8_t vectors[MAX_VECTORS];
  if (nfr_plan_needs(plan, bytes, &model->needs) || model->needs.arena_bytes > MAX_ARENA || model->needs.state_bytes > MAX_STATE) return false;
  if ((model->needs.state_bytes > 0) != (world.count % 2 == 1) || (model->needs.input_count > 1) != (world.count % 3 == 1)) return false;
  uint8_t *own = world_allocate(bytes), *arena = world_allocate(model->needs.arena_bytes), *state = world_allocate(model->needs.state_bytes);
  memcpy(own, plan, bytes);
  model->plan = own;
  model->plan_bytes = bytes;
  bool is_good = nfr_engine_load(&engine, own, bytes, arena, model->needs.arena_bytes, state, model->needs.state_bytes, 0) == NFR_OK &&
                 (io_bytes(&engine, false) + io_bytes(&engine, true) + 4u * model->needs.op_count + 64u) * CASES < MAX_VECTORS;
  if (is_good) {
    model->vectors_bytes = write_vectors(&engine, model, arena, vectors);
    model->vectors = memcpy(world_allocate(model->vectors_bytes), vectors, model->vectors_bytes);
    write_manifest(model);
    world.count++;
  } else {
    free(own);
  }
  free(arena);
  free(state);
  return is_good;
}

/* A plan that copies to its output what nobody wrote: it must not be what another capsule left. */
static size_t write_curious_plan(struct plan_gen *gen, unsigned seed, uint8_t *plan, size_t room) {
  const struct nfr_plan_copy params[GEN_PARAMS / sizeof(struct nfr_plan_copy)] = {{.bytes = 400}};
  plan_gen_start(gen, seed);
  gen->type = NFR_TYPE_INT8;
  uint16_t unwritten = gen_scratch(gen, NFR_TYPE_INT8, params[0].bytes);
  plan_gen_add(gen, NFR_KIND_COPY, params, 0);
  const struct nfr_plan_op *op = (const void *)gen->ops;
  return op->in[0] == unwritten ? plan_gen_finish(gen, plan, room) : 0;
}

void world_make(void) {
  static struct plan_gen gen;
  static _Alignas(16) uint8_t plan[81920];
  for (unsigned seed = 1; seed <= SEEDS && world.count == 0; seed++) {
    size_t bytes = write_curious_plan(&gen, seed, plan, sizeof plan);
    if (bytes > 0) (void)add_model(plan, (uint32_t)bytes);
  }
  for (unsigned seed = 1; seed <= SEEDS && world.count < MODELS; seed++) {
    plan_gen_start(&gen, seed);
    for (uint16_t op = 0; op < 1 + seed % 4; op++) plan_gen_add(&gen, plan_gen_kinds[gen_below(&gen, plan_gen_kind_count)], NULL, op);
    size_t bytes = plan_gen_finish(&gen, plan, sizeof plan);
    if (bytes > 0 && bytes < 8192) (void)add_model(plan, (uint32_t)bytes);
  }
  if (world.count < MODELS) world_fail("too few plans", (int)world.count, MODELS);
  struct test_key root = toy_key(1), publisher = toy_key(2);
  struct list_sample list = {.version = 1};
  list_add(&list, &publisher, "house/");
  world.list_bytes = (uint32_t)list_write(&list, &root, world.list);
}

const struct world_model *world_model(uint32_t number) {
  return &world.models[number % MODELS];
}

struct nfr_native *world_context(bool is_signed, void *arena, uint32_t arena_bytes, void *pool, uint32_t pool_bytes) {
  struct test_key root = toy_key(1);
  struct nfr_native *native = malloc((size_t)nfr_native_size());
  ok(nfr_native_init_with(native, (uint32_t)nfr_native_size(), arena, arena_bytes, pool, pool_bytes,
                          is_signed ? root.public_key : NULL, &toy_crypto));
  if (is_signed) ok(nfr_native_set_key_list(native, world.list, world.list_bytes, 0));
  return native;
}

int world_open(struct nfr_native *native, const struct world_model *model, const uint8_t *plan) {
  int handle = nfr_native_open_model(native, plan, model->plan_bytes);
  if (handle != NFR_ERR_SIGNATURE) return handle; /* a bare model in a tool's context */
  return nfr_native_open(native, model->manifest, model->manifest_bytes, plan, model->plan_bytes, NULL, 0, 0);
}

void world_quantize(const struct nfr_tensor_view *view, uint32_t first, const float *values, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    if (view->type == NFR_TYPE_FLOAT32) {
      memcpy((float *)view->data + first + i, values + i, sizeof *values);
      continue;
    }
    double most = view->type == NFR_TYPE_INT8 ? 127 : 32767, least = -most - 1, value = (double)(values[i] / view->io->scale);
    double q = isnan(value) ? view->io->zero_point : isinf(value) ? (value > 0 ? most : least) : round(value) + view->io->zero_point;
    q = q > most ? most : q < least ? least : q;
    if (view->type == NFR_TYPE_INT8)
      ((int8_t *)view->data)[first + i] = (int8_t)q;
    else
      ((int16_t *)view->data)[first + i] = (int16_t)q;
  }
}
