/* CHAIN: proves that its members, a few rows each in turn, compute what they would compute whole: rules V106 to V118.
 *
 * In stripe k a consumer j computes rows up to done(k + 1), and their windows end at done(k + 1) x stride + reach - stride -
 * pad of its input. A producer i of the same pace (V110) that is as far (V111) has computed these, before j's turn. The first
 * row that j still needs is done(k) x stride - pad; i holds it (V112). From there to where i gets in stripe k it is no more
 * than step + end - start rows (V113). All of it is linear in k, and clamping both sides at 0 and at the last row keeps it
 * true as long as every window meets its input (V109): so nothing has to be looked at stripe by stripe. */
#include <stddef.h>

#include "chain.h"
#include "rule.h"
#include "types.h"

struct chain {
  const struct nfr_engine *engine;
  const struct nfr_plan_tensor *tensors;
  const struct nfr_plan_member *progress;
  const struct nfr_plan_op *first, *last; /* records */
  uint32_t members, stripes;
  struct nfr_operand memory, out;      /* the working memory; the last member's output */
  const uint8_t *streams_end;          /* of the last streamed tensor */
  uint32_t overlaps;                   /* bit i: what member i reads whole, the output */
  uint16_t outs[NFR_PLAN_MAX_MEMBERS]; /* tensors */
};

/* A member, bound; what streams through it has the bytes that it has as a whole. */
struct member {
  const struct nfr_plan_op *record;
  const struct nfr_op_type *type;
  const struct nfr_plan_member *progress;
  struct nfr_member_rows rows;
  struct nfr_op op;
  unsigned inputs; /* 1 or 2 */
  bool is_last;
};

static void open_chain(const struct nfr_engine *engine, const struct nfr_plan_op *record, struct chain *c) {
  const struct nfr_plan_chain *p = nfr_chain_params(record);
  c->engine = engine;
  c->overlaps = 0;
  c->tensors = engine->tensors;
  c->progress = nfr_chain_members(record);
  c->members = p->members;
  c->stripes = p->stripes;
  nfr_bind_tensor(engine, record->out, &c->memory);
  c->first = c->last = (const struct nfr_plan_op *)(const void *)(c->progress + p->members);
  for (unsigned i = 0; i < p->members; i++) {
    if (i > 0) c->last = nfr_chain_next(c->last);
    c->outs[i] = c->last->out;
  }
  struct nfr_operand stream;
  nfr_bind_tensor(engine, c->outs[p->members - 2u], &stream);
  c->streams_end = stream.data + stream.bytes;
  nfr_bind_tensor(engine, c->last->out, &c->out);
}

static bool is_streamed(const struct chain *c, uint16_t index) {
  return c->tensors[index].rows != 0;
}

static void widen(const struct chain *c, uint16_t index, struct nfr_operand *operand) {
  const struct nfr_plan_tensor *tensor = &c->tensors[index];
  if (tensor->rows != 0) operand->bytes = tensor->bytes / tensor->held_rows * tensor->rows; /* below 2^31: V21 */
}

static void bind_member(const struct chain *c, const struct nfr_plan_op *record, unsigned index, struct member *m) {
  m->record = record;
  m->type = nfr_op_type_of(record->kind);
  m->progress = &c->progress[index];
  m->is_last = index + 1u == c->members;
  nfr_bind_op(c->engine, record, m->type, &m->op);
  m->op.constant_bytes = nfr_plan_header_of(c->engine->plan)->const_bytes;
  m->inputs = (m->type->operands & NFR_USES_IN1) != 0 ? 2 : 1;
  for (unsigned i = 0; i < m->inputs; i++) widen(c, record->in[i], &m->op.in[i]);
  widen(c, record->out, &m->op.out);
  uint32_t height = m->type->rows >= NFR_ROWS_DIMS ? nfr_member_height(c->engine, record, m->type) : 0;
  m->rows = nfr_member_rows_of(m->type, record + 1, height);
}

/* Its own rules. Where the output lies is the chain's business. */
static int check_alone(struct member *m) {
  uint8_t *out = m->op.out.data;
  m->op.out.data = (uint8_t *)((uintptr_t)m->op.in[0].data + m->op.in[0].bytes); /* apart; compared, never read */
  int err = m->type->check(&m->op);
  m->op.out.data = out;
  return err;
}

/* Streamed are the outputs but the last, which lies in the arena. */
static bool streams_are_valid(const struct chain *c, const struct member *m) {
  return is_streamed(c, m->record->out) != m->is_last && m->op.out.region == NFR_REGION_ARENA &&
         (m->op.scratch.data == NULL || !is_streamed(c, m->record->scratch));
}

static bool sources_are_valid(const struct chain *c, const struct member *m) {
  for (unsigned i = 0; i < 2; i++) {
    uint8_t from = m->progress->from[i];
    bool streamed = i < m->inputs && is_streamed(c, m->record->in[i]);
    if (streamed ? from >= m->progress - c->progress || c->outs[from] != m->record->in[i] : from != NFR_PLAN_NONE8) return false;
  }
  return true;
}

/* One batch, no broadcast, and rows as the streamed operands have them. */
static bool rows_are_valid(const struct chain *c, const struct member *m) {
  const struct nfr_plan_conv *conv = m->op.params;
  const struct nfr_plan_pool *pool = m->op.params;
  const struct nfr_plan_add *add = m->op.params;
  bool is_simple = m->type->rows == NFR_ROWS_CONV   ? conv->batches == 1
                   : m->type->rows == NFR_ROWS_POOL ? pool->batches == 1
                   : m->type->rows == NFR_ROWS_DIMS ? (add->broadcast0 | add->broadcast1) == 0
                                                    : true;
  if (!is_simple || m->rows.out_h == 0) return false;
  for (unsigned i = 0; i < m->inputs; i++)
    if (m->progress->from[i] != NFR_PLAN_NONE8 && c->tensors[m->record->in[i]].rows != m->rows.in_h) return false;
  return m->is_last || c->tensors[m->record->out].rows == m->rows.out_h;
}

static_assert(offsetof(struct nfr_plan_add, broadcast0) == offsetof(struct nfr_plan_mul, broadcast0) &&
                  offsetof(struct nfr_plan_add, broadcast1) == offsetof(struct nfr_plan_mul, broadcast1),
              "NFR_ROWS_DIMS");

static bool windows_meet(const struct nfr_member_rows *r) {
  return r->pad < r->reach && (r->out_h - 1u) * r->stride < r->in_h + (uint32_t)r->pad;
}

/* A member's own progress, and against those that feed it. */
static int check_progress(const struct chain *c, const struct member *m) {
  const struct nfr_plan_member *own = m->progress;
  const struct nfr_member_rows *r = &m->rows;
  int64_t next = (int64_t)own->end * r->stride - r->pad; /* the row that it needs next, not clamped */
  bool steady = own->step >= 1 && own->step <= INT16_MAX, fed = own->end <= 0;
  bool held = own->start <= own->end && (!m->is_last || own->start == own->end);
  for (unsigned i = 0; i < m->inputs; i++) {
    if (own->from[i] == NFR_PLAN_NONE8) continue;
    const struct nfr_plan_member *source = &c->progress[own->from[i]];
    steady = steady && source->step == own->step * r->stride;
    fed = fed && source->end >= next + r->reach - r->stride;
    held = held && source->start <= next;
  }
  if (!NFR_RULE(V110, steady)) return NFR_ERR_CORRUPT;
  if (!NFR_RULE(V111, fed)) return NFR_ERR_CORRUPT;
  if (!NFR_RULE(V112, held)) return NFR_ERR_CORRUPT;
  return NFR_OK;
}

/* The buffer of a streamed output: its size, and its place behind the one before. */
static int check_buffer(const struct chain *c, const struct member *m, unsigned index) {
  const struct nfr_plan_tensor *tensor = &c->tensors[m->record->out];
  int32_t most = m->progress->step + m->progress->end - m->progress->start;
  const uint8_t *behind = c->memory.data;
  if (index > 0) {
    const struct nfr_plan_tensor *before = &c->tensors[c->outs[index - 1u]]; /* in the arena: V106 */
    behind = c->engine->regions[NFR_REGION_ARENA] + before->offset + before->bytes;
  }
  if (!NFR_RULE(V113, tensor->held_rows >= most || tensor->held_rows == tensor->rows)) return NFR_ERR_CORRUPT;
  if (!NFR_RULE(V115, m->op.out.data >= behind && m->op.out.data + tensor->bytes <= c->memory.data + c->memory.bytes))
    return NFR_ERR_CORRUPT;
  return NFR_OK;
}

/* Scratch is behind the streamed tensors; what is whole is not in the working memory. */
static int check_places(struct chain *c, const struct member *m) {
  const struct nfr_operand *scratch = &m->op.scratch;
  bool is_behind = scratch->data == NULL || (scratch->data >= c->streams_end && ((uintptr_t)scratch->data & 3u) == 0 &&
                                             scratch->data + scratch->bytes <= c->memory.data + c->memory.bytes);
  bool is_apart = !m->is_last || nfr_is_disjoint(&m->op.out, &c->memory);
  for (unsigned i = 0; i < m->inputs; i++)
    if (m->progress->from[i] == NFR_PLAN_NONE8) {
      is_apart = is_apart && nfr_is_disjoint(&m->op.in[i], &c->memory);
      if (!nfr_is_disjoint(&m->op.in[i], &c->out)) c->overlaps |= 1u << (m->progress - c->progress);
    }
  if (!NFR_RULE(V118, is_behind)) return NFR_ERR_CORRUPT;
  if (!NFR_RULE(V116, is_apart)) return NFR_ERR_CORRUPT;
  return NFR_OK;
}

/* A unit, of which fewer rows have no costlier one, and the rows that are moved before it. */
static int check_cost(const struct chain *c, const struct member *m) {
  struct nfr_units units;
  m->type->units(&m->op, &units);
  uint32_t move = 0;
  if (!m->is_last) {
    const struct nfr_plan_tensor *out = &c->tensors[m->record->out];
    uint32_t row = out->bytes / out->held_rows, kept = (uint32_t)(m->progress->end - m->progress->start);
    if (kept > out->held_rows) kept = out->held_rows; /* all of them */
    move = nfr_move_cost(kept * row, out->offset | row);
  }
  return nfr_check_slice(c->engine, nfr_cost((uint64_t)units.cost + move));
}

static int check_member(struct chain *c, const struct nfr_plan_op *record, unsigned index) {
  struct member m;
  bind_member(c, record, index, &m);
  if (!NFR_RULE(V106, streams_are_valid(c, &m))) return NFR_ERR_CORRUPT;
  if (!NFR_RULE(V107, sources_are_valid(c, &m))) return NFR_ERR_CORRUPT;
  int err = check_alone(&m);
  if (err) return err;
  if (!NFR_RULE(V108, rows_are_valid(c, &m))) return NFR_ERR_CORRUPT;
  if (!NFR_RULE(V109, windows_meet(&m.rows))) return NFR_ERR_CORRUPT;
  err = check_progress(c, &m);
  if (!err && !m.is_last) err = check_buffer(c, &m, index);
  if (!err) err = check_places(c, &m);
  if (!err && c->engine->max_slice != 0) err = check_cost(c, &m);
  return err;
}

static int32_t clamp_to(int32_t value, int32_t low, int32_t high) {
  return value < low ? low : value > high ? high : value;
}

/* How far the output is written when stripe n - 1 is over, less the beginning of what member m still reads of its operand. */
static int32_t lead(const struct member *last, const struct member *m, uint32_t n, uint32_t out_row, uint32_t in_row) {
  int32_t written = nfr_chain_done(last->progress, n, last->rows.out_h), done = nfr_chain_done(m->progress, n, m->rows.out_h);
  int32_t start = nfr_chain_clamp(done * (int32_t)m->rows.stride - m->rows.pad, (int32_t)m->rows.in_h);
  return written * (int32_t)out_row - start * (int32_t)in_row;
}

/* The output overtakes no row of in[i] that member m still reads.
 *
 * Looked at are the stripes after which something is written and m is not done. There `written` is linear, but for the last
 * stripe, which may be lower; `start` is 0 and then linear. So the largest lead is at the last stripe with start 0, at the one
 * after it, or at the last two. */
static bool is_row_by_row(const struct chain *c, const struct member *last, const struct member *m, unsigned i) {
  const struct nfr_plan_member *p = m->progress, *q = last->progress;
  uint32_t out_row = c->out.bytes / last->rows.out_h, in_row = m->op.in[i].bytes / m->rows.in_h;
  int32_t from = (1 - q->end + q->step - 1) / q->step; /* the first n with written > 0 */
  int32_t to = ((int32_t)m->rows.out_h - p->end + p->step - 1) / p->step - 1; /* the last n with rows to come */
  int32_t still = (m->rows.pad / (int32_t)m->rows.stride - p->end) / p->step; /* the last n with start 0 */
  if (to > (int32_t)c->stripes) to = (int32_t)c->stripes;
  if (from > to) return true;
  const int32_t places[] = {still, still + 1, to - 1, to};
  intptr_t distance = (intptr_t)((uintptr_t)m->op.in[i].data - (uintptr_t)c->out.data);
  for (unsigned k = 0; k < 4; k++)
    if (lead(last, m, (uint32_t)clamp_to(places[k], from, to), out_row, in_row) > distance) return false;
  return true;
}

static bool is_in_place(const struct chain *c, const struct member *m, unsigned i) {
  return m->is_last && (m->type->in_place >> i & 1u) != 0 && m->op.in[i].data == c->out.data && m->op.in[i].type == c->out.type;
}

/* The last member's output against all that is read whole and that it overlaps. */
static int check_output(const struct chain *c) {
  struct member last, m;
  bind_member(c, c->last, c->members - 1u, &last);
  const struct nfr_plan_op *record = c->first;
  for (unsigned index = 0; index < c->members; index++, record = nfr_chain_next(record)) {
    if ((c->overlaps >> index & 1u) == 0) continue;
    bool is_last = index + 1u == c->members;
    if (!is_last) bind_member(c, record, index, &m);
    const struct member *at = is_last ? &last : &m;
    for (unsigned i = 0; i < at->inputs; i++) {
      if (at->progress->from[i] != NFR_PLAN_NONE8) continue;
      if (!NFR_RULE(V117, nfr_is_disjoint(&at->op.in[i], &c->out) || is_in_place(c, at, i) ||
                              (!is_last && is_row_by_row(c, &last, at, i))))
        return NFR_ERR_CORRUPT;
    }
  }
  return NFR_OK;
}

/* The last member's rows: the last ones come in the last stripe, and none before it. */
static bool stripes_are_exact(const struct chain *c) {
  const struct nfr_op_type *type = nfr_op_type_of(c->last->kind);
  const struct nfr_plan_member *p = &c->progress[c->members - 1u];
  struct nfr_member_rows rows = nfr_member_rows_of(type, c->last + 1, nfr_member_height(c->engine, c->last, type));
  return c->stripes > 0 && nfr_chain_done(p, c->stripes, rows.out_h) == (int32_t)rows.out_h &&
         nfr_chain_done(p, c->stripes - 1u, rows.out_h) < (int32_t)rows.out_h;
}

static int check_all(const struct nfr_engine *engine, const struct nfr_plan_op *chain) {
  struct chain c;
  open_chain(engine, chain, &c);
  const struct nfr_plan_op *record = c.first;
  for (unsigned index = 0; index < c.members; index++, record = nfr_chain_next(record)) {
    int err = check_member(&c, record, index);
    if (err) return err;
  }
  if (!NFR_RULE(V114, stripes_are_exact(&c))) return NFR_ERR_CORRUPT;
  return c.overlaps != 0 ? check_output(&c) : NFR_OK;
}

static uint32_t members_of(const struct nfr_plan_op *record) {
  return nfr_chain_params(record)->members;
}

int nfr_chain_check(const struct nfr_engine *engine, struct nfr_governed *governed, const struct nfr_plan_op *record,
                    const struct nfr_op_type *type, uint32_t left) {
  if (governed->control == NULL) {
    uint32_t members = members_of(record);
    if (!NFR_RULE(V104, members >= 2 && members <= NFR_PLAN_MAX_MEMBERS && members < left)) return NFR_ERR_CORRUPT;
    *governed = (struct nfr_governed){.control = type->control, .by = record, .left = members};
    return NFR_OK;
  }
  if (!NFR_RULE(V105, type->rows != NFR_ROWS_NONE)) return NFR_ERR_CORRUPT;
  if (--governed->left > 0) return NFR_OK;
  governed->control = NULL;
  return check_all(engine, governed->by);
}

/* Rows of whole elements in the arena, no more of them held than there are, in all less than 2^31 bytes. */
static bool stream_is_valid(const struct nfr_plan_tensor *tensor) {
  uint32_t held = tensor->held_rows;
  return held != 0 && held <= tensor->rows && tensor->region == NFR_REGION_ARENA &&
         tensor->bytes % (held << nfr_type_shift(tensor->type)) == 0 && nfr_product(tensor->bytes / held, tensor->rows) != 0;
}

static bool has_streams(const struct nfr_engine *engine, const struct nfr_plan_op *record) {
  const uint16_t indices[] = {record->in[0], record->in[1], record->in[2], record->out, record->scratch};
  for (unsigned i = 0; i < sizeof indices / sizeof indices[0]; i++)
    if (indices[i] != NFR_PLAN_NONE16 && engine->tensors[indices[i]].rows != 0) return true;
  return false;
}

static const struct nfr_control control = {.members = members_of,
                                           .stream_is_valid = stream_is_valid,
                                           .has_streams = has_streams,
                                           .check = nfr_chain_check,
                                           .run = nfr_chain_run};

const struct nfr_op_type nfr_op_chain = {
    .kind = NFR_KIND_CHAIN,
    .params_bytes = sizeof(struct nfr_plan_chain),
    .layouts = 1u << NFR_LAYOUT_PLAIN,
    .control = &control,
};
