#include "chain_case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void find_parts(struct chain_case *c) {
  c->header = (void *)c->plan;
  c->tensors = (void *)(c->plan + c->header->tensors_offset);
  c->record = (void *)(c->plan + c->header->ops_offset);
  c->params = (void *)(c->record + 1);
  c->table = (void *)(c->params + 1);
  c->count = c->params->members;
  struct nfr_plan_op *op = (void *)(c->table + c->count);
  for (unsigned i = 0; i < c->count; i++, op = (void *)((uint8_t *)op + op->bytes)) c->members[i] = op;
}

bool chain_case_make(struct chain_case *c, uint64_t seed, uint32_t height, bool has_more) {
  plan_gen_start(&c->gen, seed);
  c->gen.arena_bytes = CASE_BELOW;
  c->gen.plain = true;
  if (!chain_gen_members(&c->gen, &c->chain, 2 + gen_below(&c->gen, 7))) return false;
  if (has_more) plan_gen_add(&c->gen, NFR_KIND_LUT, NULL, 99);
  c->rows = chain_gen_rows(&c->gen, &c->chain);
  if (c->rows == 0) return false;
  c->height = height != 0 ? height : 1 + gen_below(&c->gen, c->rows);
  c->whole_bytes = plan_gen_finish(&c->gen, c->whole, sizeof c->whole);
  if (c->whole_bytes == 0 || !chain_gen_stream(&c->gen, &c->chain, c->height)) return false;
  c->plan_bytes = plan_gen_finish(&c->gen, c->plan, sizeof c->plan);
  if (c->plan_bytes == 0) return false;
  find_parts(c);
  return true;
}

struct nfr_member_rows case_rows(const struct chain_case *c, unsigned member) {
  const struct nfr_plan_op *op = c->members[member];
  const uint16_t tensors[] = {op->out, op->in[0], op->in[1]};
  uint32_t rows = 0;
  for (unsigned i = 0; i < 3; i++)
    if (rows == 0 && tensors[i] != NFR_PLAN_NONE16) rows = c->tensors[tensors[i]].rows;
  return nfr_member_rows_of(nfr_op_type_of(op->kind), op + 1, rows);
}

static bool overlap(const struct nfr_plan_tensor *a, const struct nfr_plan_tensor *b) {
  return a->region == b->region && a->offset < b->offset + b->bytes && b->offset < a->offset + a->bytes;
}

static int64_t done_of(const struct chain_case *c, unsigned member, unsigned n) {
  int64_t rows = case_rows(c, member).out_h, done = (int64_t)c->table[member].step * n + c->table[member].end;
  return done < 0 ? 0 : done > rows ? rows : done;
}

static bool is_harmless(const struct chain_case *c, unsigned member, const struct nfr_plan_tensor *x) {
  unsigned last = c->count - 1;
  const struct nfr_plan_tensor *out = &c->tensors[c->members[last]->out];
  struct nfr_member_rows r = case_rows(c, member);
  bool is_elementwise = nfr_op_type_of(c->members[member]->kind)->rows >= NFR_ROWS_DIMS;
  if (member == last) return is_elementwise && x->offset == out->offset && x->type == out->type;
  int64_t out_row = out->bytes / case_rows(c, last).out_h, in_row = x->bytes / r.in_h;
  for (unsigned n = 1; n <= c->params->stripes; n++) {
    int64_t written = done_of(c, last, n), done = done_of(c, member, n), start = done * r.stride - r.pad;
    if (written == 0 || done == r.out_h) continue;
    if (start < 0) start = 0;
    if (start > r.in_h) start = r.in_h;
    if (out->offset + written * out_row > x->offset + start * in_row) return false;
  }
  return true;
}

bool case_output_is_harmless(const struct chain_case *c) {
  const struct nfr_plan_tensor *out = &c->tensors[c->members[c->count - 1]->out];
  for (unsigned i = 0; i < c->count; i++)
    for (unsigned x = 0; x < 2; x++) {
      uint16_t in = c->members[i]->in[x];
      if (in == NFR_PLAN_NONE16 || c->tensors[in].rows != 0) continue;
      if (overlap(&c->tensors[in], out) && !is_harmless(c, i, &c->tensors[in])) return false;
    }
  return true;
}

static void *exactly(size_t bytes) {
  void *memory = NULL;
  assert_int_equal(posix_memalign(&memory, 16, bytes), 0);
  return memory;
}

int case_load(struct nfr_engine *engine, const uint8_t *plan, size_t bytes, uint32_t max_slice) {
  const struct nfr_plan_header *h = (const void *)plan;
  uint8_t *copy = exactly(bytes), *arena = exactly(h->arena_bytes);
  memcpy(copy, plan, bytes);
  int err = nfr_engine_load(engine, copy, bytes, arena, h->arena_bytes, NULL, 0, max_slice);
  if (err) {
    free(copy);
    free(arena);
  }
  return err;
}

void case_unload(struct nfr_engine *engine) {
  free((void *)(uintptr_t)engine->plan);
  free(engine->regions[NFR_REGION_ARENA]);
}

static uint8_t next(uint32_t *seed) {
  *seed = *seed * 1664525u + 1013904223u;
  return (uint8_t)(*seed >> 24);
}

uint8_t *case_infer(struct nfr_engine *engine, uint32_t seed, uint32_t budget, uint32_t *bytes) {
  struct nfr_tensor_view view;
  memset(engine->regions[NFR_REGION_ARENA], (int)(seed & 0xff), nfr_plan_header_of(engine->plan)->arena_bytes);
  for (unsigned i = 0; nfr_engine_input(engine, i, &view) == NFR_OK; i++)
    for (uint32_t b = 0; b < view.bytes; b++) ((uint8_t *)view.data)[b] = next(&seed);
  assert_int_equal(nfr_engine_begin(engine), NFR_OK);
  int err;
  while ((err = nfr_engine_step(engine, budget)) == NFR_ENGINE_MORE) continue;
  assert_int_equal(err, NFR_OK);
  assert_int_equal(nfr_engine_output(engine, 0, &view), NFR_OK);
  uint8_t *copy = exactly(view.bytes);
  memcpy(copy, view.data, view.bytes);
  *bytes = view.bytes;
  return copy;
}
