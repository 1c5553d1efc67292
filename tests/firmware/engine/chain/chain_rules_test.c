/* Rules V101 and up: chains that follow from seeds are broken in one place each, and refused by that rule. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../rule_hook.h"
#include "chain_case.h"

enum { SEEDS = 900, LEAST = 5 };

static struct chain_case the_case, fresh;

/* Each breaks a plan in one place, or says that this one has no such place. */

static bool feature_without_chain(struct chain_case *c) {
  memcpy(c->plan, c->whole, c->whole_bytes);
  c->plan_bytes = c->whole_bytes;
  c->header->features = NFR_FEATURE_CHAINS;
  return true;
}

static bool output_of_the_model_is_streamed(struct chain_case *c) {
  struct nfr_plan_io *io = (void *)(c->plan + c->header->io_offset);
  io[c->header->input_count].tensor = c->members[0]->out;
  return true;
}

static struct nfr_plan_op *behind(const struct chain_case *c) {
  struct nfr_plan_op *last = c->members[c->count - 1];
  return (void *)((uint8_t *)last + last->bytes);
}

static bool stranger_reads_a_stream(struct chain_case *c) {
  behind(c)->in[0] = c->members[0]->out;
  return true;
}

static bool stranger_writes_a_stream(struct chain_case *c) {
  behind(c)->out = c->members[0]->out;
  return true;
}

/* A table of another length, all else moved. */
static bool resize(struct chain_case *c, unsigned members) {
  uint32_t room = c->header->const_offset - c->header->ops_offset;
  int32_t more = ((int32_t)members - (int32_t)c->count) * (int32_t)sizeof(struct nfr_plan_member);
  if ((int32_t)c->header->ops_bytes + more > (int32_t)room) return false;
  uint8_t *from = (uint8_t *)c->members[0];
  memmove(from + more, from, c->header->ops_bytes - (uint32_t)(from - (uint8_t *)c->record));
  c->header->ops_bytes = (uint32_t)((int32_t)c->header->ops_bytes + more);
  c->record->bytes = (uint16_t)(c->record->bytes + more);
  c->params->members = (uint16_t)members;
  return true;
}

static bool one_member(struct chain_case *c) {
  return resize(c, 1);
}

static bool no_member(struct chain_case *c) {
  return resize(c, 0);
}

static bool more_members_than_records(struct chain_case *c) {
  c->header->op_count = (uint16_t)c->count; /* with CHAIN itself, one too few */
  return true;
}

static bool kind_without_rows(struct chain_case *c) {
  for (unsigned i = 0; i < c->count; i++) {
    if (nfr_op_type_of(c->members[i]->kind)->rows != NFR_ROWS_POOL) continue;
    c->members[i]->kind = NFR_KIND_TRANSPOSE; /* as long, and with one input */
    return true;
  }
  return false;
}

static bool member_output_is_whole(struct chain_case *c) {
  case_out(c, c->count - 2)->rows = case_out(c, c->count - 2)->held_rows = 0;
  return true;
}

static bool last_output_is_streamed(struct chain_case *c) {
  case_out(c, c->count - 1)->rows = case_out(c, c->count - 1)->held_rows = (uint16_t)c->rows;
  return true;
}

static bool last_output_is_constant(struct chain_case *c) {
  struct nfr_plan_tensor *out = case_out(c, c->count - 1);
  out->region = NFR_REGION_CONST;
  out->offset = 0;
  return out->bytes <= c->header->const_bytes;
}

static bool scratch_is_streamed(struct chain_case *c) {
  for (unsigned i = 0; i < c->count; i++) {
    if (c->members[i]->scratch == NFR_PLAN_NONE16) continue;
    case_tensor(c, c->members[i]->scratch)->rows = case_tensor(c, c->members[i]->scratch)->held_rows = 1;
    return true;
  }
  return false;
}

static bool source_is_itself(struct chain_case *c) {
  for (unsigned i = 1; i < c->count; i++) {
    if (c->table[i].from[0] == NFR_PLAN_NONE8) continue;
    c->table[i].from[0] = (uint8_t)i;
    return true;
  }
  return false;
}

static bool source_is_another(struct chain_case *c) {
  for (unsigned i = 2; i < c->count; i++) {
    if (c->table[i].from[0] == NFR_PLAN_NONE8) continue;
    c->table[i].from[0] = c->table[i].from[0] == 0 ? 1 : 0;
    return true;
  }
  return false;
}

static bool source_is_unnamed(struct chain_case *c) {
  c->table[c->count - 1].from[c->table[c->count - 1].from[0] == NFR_PLAN_NONE8] = NFR_PLAN_NONE8;
  return true;
}

static bool whole_input_has_a_source(struct chain_case *c) {
  c->table[0].from[0] = 0;
  return true;
}

static bool absent_input_has_a_source(struct chain_case *c) {
  for (unsigned i = 1; i < c->count; i++) {
    if (c->members[i]->in[1] != NFR_PLAN_NONE16) continue;
    c->table[i].from[1] = 0;
    return true;
  }
  return false;
}

static bool input_has_other_rows(struct chain_case *c) {
  for (unsigned i = 1; i < c->count; i++) {
    struct nfr_plan_conv *p = (void *)(c->members[i] + 1);
    if (nfr_op_type_of(c->members[i]->kind)->rows != NFR_ROWS_CONV || c->table[i].from[0] == NFR_PLAN_NONE8 || p->in_w % 2 != 0 ||
        c->members[i]->layout == NFR_LAYOUT_PLANES) /* whose scratch depends on it */
      continue;
    p->in_w /= 2;
    p->in_h = (uint16_t)(p->in_h * 2);
    return true;
  }
  return false;
}

static bool output_has_other_rows(struct chain_case *c) {
  struct nfr_plan_conv *p = (void *)(c->members[0] + 1);
  if (nfr_op_type_of(c->members[0]->kind)->rows != NFR_ROWS_CONV || p->out_h % 2 != 0 || c->members[0]->scratch != NFR_PLAN_NONE16)
    return false;
  p->out_h /= 2;
  p->out_w = (uint16_t)(p->out_w * 2);
  return true;
}

static bool two_batches(struct chain_case *c) {
  struct nfr_plan_conv *p = (void *)(c->members[0] + 1);
  if (nfr_op_type_of(c->members[0]->kind)->rows != NFR_ROWS_CONV || p->out_h % 2 != 0 || p->in_h % 2 != 0) return false;
  if (c->members[0]->scratch != NFR_PLAN_NONE16) return false;
  p->batches = 2;
  p->in_h /= 2;
  p->out_h /= 2;
  return true;
}

static bool pool_of_two_batches(struct chain_case *c) {
  struct nfr_plan_pool *p = (void *)(c->members[0] + 1);
  if (nfr_op_type_of(c->members[0]->kind)->rows != NFR_ROWS_POOL || p->out_h % 2 != 0 || p->in_h % 2 != 0) return false;
  if ((p->out_h / 2 - 1) * p->stride_h >= p->in_h / 2 + p->pad_top) return false;
  p->batches = 2;
  p->in_h /= 2;
  p->out_h /= 2;
  return true;
}

static bool broadcast(struct chain_case *c) {
  for (unsigned i = 0; i < c->count; i++) {
    if (nfr_op_type_of(c->members[i]->kind)->rows != NFR_ROWS_DIMS) continue;
    ((struct nfr_plan_add *)(void *)(c->members[i] + 1))->broadcast1 = 1; /* of a dimension of one */
    return true;
  }
  return false;
}

static bool window_beyond_padding(struct chain_case *c) {
  if (nfr_op_type_of(c->members[0]->kind)->rows != NFR_ROWS_CONV) return false;
  ((struct nfr_plan_conv *)(void *)(c->members[0] + 1))->pad_top = (uint16_t)case_rows(c, 0).reach;
  return true;
}

static bool window_behind_input(struct chain_case *c) {
  struct nfr_plan_conv *p = (void *)(c->members[0] + 1);
  if (nfr_op_type_of(c->members[0]->kind)->rows != NFR_ROWS_CONV || p->out_h < 2) return false;
  if (c->members[0]->layout == NFR_LAYOUT_PLANES) return false; /* its scratch depends on it */
  p->stride_h = 255;
  return (p->out_h - 1) * 255 >= p->in_h + p->pad_top;
}

static bool no_pace(struct chain_case *c) {
  for (unsigned i = 0; i < c->count; i++) c->table[i].step = 0;
  return true;
}

static bool another_pace(struct chain_case *c) {
  c->table[0].step--;
  return c->table[0].step > 0;
}

static bool pace_beyond_15_bits(struct chain_case *c) {
  for (unsigned i = 0; i < c->count; i++) {
    uint32_t step = c->table[i].step / c->height * 32768u;
    if (step > UINT16_MAX) return false;
    c->table[i].step = (uint16_t)step;
  }
  return true;
}

static bool begins_done(struct chain_case *c) {
  c->table[0].end = 1;
  return true;
}

static bool source_is_late(struct chain_case *c) {
  c->table[0].end--;
  c->table[0].start--;
  return true;
}

static bool source_drops_too_much(struct chain_case *c) {
  c->table[0].start++;
  return true;
}

static bool last_keeps_rows(struct chain_case *c) {
  c->table[c->count - 1].start--;
  return true;
}

static bool buffer_is_too_small(struct chain_case *c) {
  struct nfr_plan_tensor *t = case_out(c, 0);
  if (t->held_rows != c->table[0].step + c->table[0].end - c->table[0].start || t->held_rows == 1 || t->held_rows == t->rows) return false;
  t->bytes -= t->bytes / t->held_rows;
  t->held_rows--;
  return true;
}

static bool no_stripe(struct chain_case *c) {
  c->params->stripes = 0;
  return true;
}

static bool a_stripe_less(struct chain_case *c) {
  c->params->stripes--;
  return true;
}

static bool a_stripe_more(struct chain_case *c) {
  c->params->stripes++;
  return true;
}

static bool stream_below_memory(struct chain_case *c) {
  case_out(c, 0)->offset = case_tensor(c, c->record->out)->offset - 16;
  return true;
}

static bool streams_overlap(struct chain_case *c) {
  if (c->count < 3) return false;
  uint32_t size = nfr_type_bytes(case_out(c, 1)->type);
  case_out(c, 1)->offset = (case_out(c, 0)->offset + case_out(c, 0)->bytes - 1) & ~(size - 1);
  return true;
}

static bool streams_turned_round(struct chain_case *c) {
  if (c->count < 3) return false;
  struct nfr_plan_tensor *a = case_out(c, 0), *b = case_out(c, 1);
  a->offset = b->offset + ((b->bytes + 7) & ~7u);
  return a->offset + a->bytes <= c->header->arena_bytes && a->offset % 8 == 0;
}

static bool stream_beyond_memory(struct chain_case *c) {
  struct nfr_plan_tensor *memory = case_tensor(c, c->record->out), *t = case_out(c, c->count - 2);
  for (unsigned i = 0; i < c->count; i++)
    if (c->members[i]->scratch != NFR_PLAN_NONE16) return false; /* it would be beyond as well */
  memory->bytes = t->offset + t->bytes - memory->offset - 1;
  return memory->bytes > 0;
}

static bool input_in_memory(struct chain_case *c) {
  struct nfr_plan_tensor *in = case_tensor(c, c->members[0]->in[0]), *memory = case_tensor(c, c->record->out);
  if (in->region != NFR_REGION_ARENA) return false;
  in->offset = (memory->offset + memory->bytes - 1) & ~(nfr_type_bytes(in->type) - 1u);
  return in->offset + in->bytes <= c->header->arena_bytes;
}

static bool output_in_memory(struct chain_case *c) {
  struct nfr_plan_tensor *out = case_out(c, c->count - 1), *memory = case_tensor(c, c->record->out);
  out->offset = memory->offset + 8 - out->bytes % 8 - out->bytes;
  return out->offset < memory->offset + memory->bytes;
}

static bool output_over_what_is_read(struct chain_case *c) {
  struct nfr_plan_tensor *out = case_out(c, c->count - 1);
  const struct nfr_plan_tensor *in = case_tensor(c, c->members[0]->in[0]);
  uint32_t size = nfr_type_bytes(out->type);
  out->offset = (in->offset + in->bytes - 1) & ~(size - 1);
  return in->region == NFR_REGION_ARENA && out->offset + out->bytes <= case_tensor(c, c->record->out)->offset &&
         !case_output_is_harmless(c);
}

static bool scratch_before_streams(struct chain_case *c) {
  for (unsigned i = 0; i < c->count; i++) {
    if (c->members[i]->scratch == NFR_PLAN_NONE16) continue;
    case_tensor(c, c->members[i]->scratch)->offset = case_tensor(c, c->record->out)->offset;
    return true;
  }
  return false;
}

static bool scratch_not_aligned(struct chain_case *c) {
  for (unsigned i = 0; i < c->count; i++) {
    if (c->members[i]->scratch == NFR_PLAN_NONE16) continue;
    struct nfr_plan_tensor *scratch = case_tensor(c, c->members[i]->scratch), *memory = case_tensor(c, c->record->out);
    if (nfr_type_bytes(scratch->type) > 2 || scratch->offset + scratch->bytes + 2 > memory->offset + memory->bytes) return false;
    scratch->offset += 2;
    return true;
  }
  return false;
}

static bool scratch_beyond_memory(struct chain_case *c) {
  for (unsigned i = 0; i < c->count; i++) {
    if (c->members[i]->scratch == NFR_PLAN_NONE16) continue;
    const struct nfr_plan_tensor *scratch = case_tensor(c, c->members[i]->scratch);
    case_tensor(c, c->record->out)->bytes = scratch->offset + scratch->bytes - 1 - case_tensor(c, c->record->out)->offset;
    return true;
  }
  return false;
}

#define BREAKS(X)                           \
  X(V101, feature_without_chain)            \
  X(V102, output_of_the_model_is_streamed)  \
  X(V103, stranger_reads_a_stream)          \
  X(V103, stranger_writes_a_stream)         \
  X(V104, one_member)                       \
  X(V104, no_member)                        \
  X(V104, more_members_than_records)        \
  X(V105, kind_without_rows)                \
  X(V106, member_output_is_whole)           \
  X(V106, last_output_is_streamed)          \
  X(V106, last_output_is_constant)          \
  X(V106, scratch_is_streamed)              \
  X(V107, source_is_itself)                 \
  X(V107, source_is_another)                \
  X(V107, source_is_unnamed)                \
  X(V107, whole_input_has_a_source)         \
  X(V107, absent_input_has_a_source)        \
  X(V108, input_has_other_rows)             \
  X(V108, output_has_other_rows)            \
  X(V108, two_batches)                      \
  X(V108, pool_of_two_batches)              \
  X(V108, broadcast)                        \
  X(V109, window_beyond_padding)            \
  X(V109, window_behind_input)              \
  X(V110, no_pace)                          \
  X(V110, another_pace)                     \
  X(V110, pace_beyond_15_bits)              \
  X(V111, begins_done)                      \
  X(V111, source_is_late)                   \
  X(V112, source_drops_too_much)            \
  X(V112, last_keeps_rows)                  \
  X(V113, buffer_is_too_small)              \
  X(V114, no_stripe)                        \
  X(V114, a_stripe_less)                    \
  X(V114, a_stripe_more)                    \
  X(V115, stream_below_memory)              \
  X(V115, streams_overlap)                  \
  X(V115, streams_turned_round)             \
  X(V115, stream_beyond_memory)             \
  X(V116, input_in_memory)                  \
  X(V116, output_in_memory)                 \
  X(V117, output_over_what_is_read)         \
  X(V118, scratch_before_streams)           \
  X(V118, scratch_not_aligned)              \
  X(V118, scratch_beyond_memory)

static const struct {
  const char *rule, *name;
  bool (*change)(struct chain_case *c);
} breaks[] = {
#define ROW(rule, name) {#rule, #name, name},
    BREAKS(ROW)};

enum { BREAK_COUNT = sizeof breaks / sizeof breaks[0] };

/* Points a copy at its own bytes. */
static void copy_fresh(void) {
  memcpy(&the_case, &fresh, sizeof fresh);
  intptr_t by = (uint8_t *)&the_case - (uint8_t *)&fresh;
  the_case.header = (void *)((uint8_t *)fresh.header + by);
  the_case.tensors = (void *)((uint8_t *)fresh.tensors + by);
  the_case.record = (void *)((uint8_t *)fresh.record + by);
  the_case.params = (void *)((uint8_t *)fresh.params + by);
  the_case.table = (void *)((uint8_t *)fresh.table + by);
  for (unsigned i = 0; i < fresh.count; i++) the_case.members[i] = (void *)((uint8_t *)fresh.members[i] + by);
}

static void each_rule_refuses_what_breaks_it(void **state) {
  (void)state;
  unsigned tried[BREAK_COUNT] = {0}, wrong = 0;
  for (uint32_t seed = 0; seed < SEEDS; seed++) {
    if (!chain_case_make(&fresh, seed, 0, true)) continue;
    for (unsigned i = 0; i < BREAK_COUNT; i++) {
      copy_fresh();
      if (!breaks[i].change(&the_case)) continue;
      struct nfr_engine engine;
      rule_hook_clear();
      int err = case_load(&engine, the_case.plan, the_case.plan_bytes, 0);
      if (err == NFR_OK) case_unload(&engine);
      tried[i]++;
      if (err == NFR_ERR_CORRUPT && strcmp(rule_hook_first(), breaks[i].rule) == 0) continue;
      if (wrong++ < 20) print_error("%s %s, seed %u: error %d of rule '%s'\n", breaks[i].rule, breaks[i].name, seed, err, rule_hook_first());
    }
  }
  for (unsigned i = 0; i < BREAK_COUNT; i++)
    if (tried[i] < LEAST) print_error("%s %s: tried %u times\n", breaks[i].rule, breaks[i].name, tried[i]), wrong++;
  assert_int_equal(wrong, 0);
}

/* V38 knows of the units of a stripe and of the rows that are moved. */
static void a_unit_is_within_a_slice(void **state) {
  (void)state;
  unsigned refused = 0;
  for (uint32_t seed = 0; seed < 100; seed++) {
    struct nfr_engine engine;
    if (!chain_case_make(&fresh, seed, 0, false)) continue;
    rule_hook_clear();
    assert_int_equal(case_load(&engine, fresh.plan, fresh.plan_bytes, 1), NFR_ERR_BUDGET);
    assert_string_equal(rule_hook_first(), "V38");
    refused++;
  }
  assert_true(refused > 20);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_rule_refuses_what_breaks_it),
      cmocka_unit_test(a_unit_is_within_a_slice),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
