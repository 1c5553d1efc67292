#include "chain_gen.h"

#include <string.h>

#include "ops/chain.h"

/* A tensor that a member may read: NHWC of one batch. */
struct shape {
  uint16_t tensor, h, w, c;
  uint8_t type;
  bool is_read;
};

struct shapes {
  struct shape all[GEN_OPS + 4];
  unsigned count;
};

static uint32_t between(struct plan_gen *gen, uint32_t low, uint32_t high) {
  return low + gen_below(gen, high - low + 1);
}

static void random_params(struct plan_gen *gen, uint8_t params[GEN_PARAMS]) {
  for (unsigned i = 0; i < GEN_PARAMS; i++) params[i] = (uint8_t)gen_below(gen, 256);
}

/* Rows or columns of an output: mostly as many as there are windows that meet the input. */
static uint16_t extent_of(struct plan_gen *gen, uint32_t in, uint32_t pad, uint32_t reach, uint32_t stride) {
  uint32_t most = (in + pad - 1) / stride + 1; /* windows that start inside */
  uint32_t valid = in + 2 * pad > reach ? (in + 2 * pad - reach) / stride + 1 : 1;
  uint32_t same = (in + stride - 1) / stride;
  uint32_t n = gen_once_in(gen, 8) ? between(gen, 1, most) : gen_once_in(gen, 2) ? valid : same;
  return (uint16_t)(n > most ? most : n);
}

static void add_conv(struct plan_gen *gen, uint8_t kind, const struct shape *in, struct shape *out, uint16_t source) {
  _Alignas(8) uint8_t bytes[GEN_PARAMS];
  random_params(gen, bytes);
  struct nfr_plan_conv *p = (void *)bytes;
  bool is_depthwise = kind == NFR_KIND_DEPTHWISE_CONV_2D;
  p->batches = 1;
  p->in_h = in->h;
  p->in_w = in->w;
  p->filter_h = (uint16_t)between(gen, 1, gen_once_in(gen, 4) ? 4 : 3);
  p->filter_w = (uint16_t)between(gen, 1, 3);
  p->stride_h = (uint8_t)(gen_once_in(gen, 3) ? between(gen, 2, 3) : 1);
  p->stride_w = (uint8_t)between(gen, 1, 2);
  p->dilation_h = gen_once_in(gen, 6) ? 2 : 1;
  p->dilation_w = 1;
  uint32_t reach = (p->filter_h - 1u) * p->dilation_h + 1u;
  p->pad_top = (uint16_t)between(gen, 0, reach - 1 < 2 ? reach - 1 : 2);
  p->pad_left = (uint16_t)between(gen, 0, p->filter_w - 1u);
  p->out_h = extent_of(gen, in->h, p->pad_top, reach, p->stride_h);
  p->out_w = extent_of(gen, in->w, p->pad_left, p->filter_w, p->stride_w);
  p->groups = 1;
  if (is_depthwise && in->c <= 3) p->groups = (uint16_t)between(gen, 1, 2);
  p->in_c = in->c;
  p->out_c = (uint16_t)between(gen, 1, 4);
  gen->feed[0] = in->tensor;
  gen->feeds = 1;
  plan_gen_add(gen, kind, bytes, source);
  if (gen->full) return;
  const struct nfr_plan_op *op = (const void *)(gen->ops + gen->ops_bytes - sizeof *op - sizeof *p);
  p = (void *)(uintptr_t)(op + 1);
  *out = (struct shape){.tensor = op->out, .h = p->out_h, .w = p->out_w, .c = p->out_c, .type = in->type};
}

static void add_pool(struct plan_gen *gen, uint8_t kind, const struct shape *in, struct shape *out, uint16_t source) {
  _Alignas(8) uint8_t bytes[GEN_PARAMS];
  random_params(gen, bytes);
  struct nfr_plan_pool *p = (void *)bytes;
  p->batches = 1;
  p->in_h = in->h;
  p->in_w = in->w;
  p->channels = in->c;
  p->filter_h = (uint16_t)between(gen, 1, 3);
  p->filter_w = (uint16_t)between(gen, 1, 3);
  p->stride_h = (uint16_t)between(gen, 1, 2);
  p->stride_w = (uint16_t)between(gen, 1, 2);
  p->pad_top = (uint16_t)between(gen, 0, p->filter_h - 1u);
  p->pad_left = (uint16_t)between(gen, 0, p->filter_w - 1u);
  p->out_h = extent_of(gen, in->h, p->pad_top, p->filter_h, p->stride_h);
  p->out_w = extent_of(gen, in->w, p->pad_left, p->filter_w, p->stride_w);
  gen->feed[0] = in->tensor;
  gen->feeds = 1;
  plan_gen_add(gen, kind, bytes, source);
  if (gen->full) return;
  const struct nfr_plan_op *op = (const void *)(gen->ops + gen->ops_bytes - sizeof *op - sizeof *p);
  p = (void *)(uintptr_t)(op + 1);
  *out = (struct shape){.tensor = op->out, .h = p->out_h, .w = p->out_w, .c = p->channels, .type = in->type};
}

static void add_elementwise(struct plan_gen *gen, uint8_t kind, const struct shape *a, const struct shape *b, struct shape *out,
                            uint16_t source) {
  _Alignas(8) uint8_t bytes[GEN_PARAMS];
  random_params(gen, bytes);
  uint32_t count = (uint32_t)a->h * a->w * a->c;
  struct nfr_plan_add *add = (void *)bytes;
  if (b != NULL) {
    add->dims[0] = add->dims[1] = add->dims[2] = 1;
    add->dims[3] = count;
    add->broadcast0 = add->broadcast1 = 0;
    gen->feed[1] = b->tensor;
  } else {
    memcpy(bytes, &count, sizeof count);
  }
  gen->feed[0] = a->tensor;
  gen->feeds = b != NULL ? 2 : 1;
  plan_gen_add(gen, kind, bytes, source);
  if (gen->full) return;
  uint16_t tensor = gen->outputs[gen->op_count - 1u];
  *out = (struct shape){.tensor = tensor, .h = a->h, .w = a->w, .c = a->c, .type = gen->tensors[tensor].type};
}

/* Another tensor of the same shape; null: none. */
static struct shape *like(struct plan_gen *gen, struct shapes *shapes, const struct shape *shape) {
  unsigned at = gen_below(gen, shapes->count);
  for (unsigned i = 0; i < shapes->count; i++) {
    struct shape *s = &shapes->all[(at + i) % shapes->count];
    if (s != shape && s->h == shape->h && s->w == shape->w && s->c == shape->c && s->type == shape->type) return s;
  }
  return NULL;
}

/* The newest tensor that nobody reads yet, mostly; now and then any. */
static struct shape *source_of(struct plan_gen *gen, struct shapes *shapes) {
  if (gen_once_in(gen, 6)) return &shapes->all[gen_below(gen, shapes->count)];
  for (unsigned i = shapes->count; i-- > 0;)
    if (!shapes->all[i].is_read) return &shapes->all[i];
  return &shapes->all[shapes->count - 1];
}

static void add_unary(struct plan_gen *gen, const struct shape *in, struct shape *out, uint16_t source) {
  static const uint8_t kinds[] = {NFR_KIND_CONV_2D, NFR_KIND_CONV_2D, NFR_KIND_DEPTHWISE_CONV_2D, NFR_KIND_DEPTHWISE_CONV_2D,
                                  NFR_KIND_AVERAGE_POOL_2D, NFR_KIND_MAX_POOL_2D, 0, NFR_KIND_REQUANTIZE};
  uint8_t kind = kinds[gen_below(gen, sizeof kinds)];
  if (kind == 0) kind = in->type == NFR_TYPE_INT8 ? NFR_KIND_LUT : NFR_KIND_LOGISTIC16;
  gen->type = in->type;
  if (kind == NFR_KIND_CONV_2D && in->c > 5) kind = NFR_KIND_DEPTHWISE_CONV_2D;
  if (kind == NFR_KIND_CONV_2D || kind == NFR_KIND_DEPTHWISE_CONV_2D)
    add_conv(gen, kind, in, out, source);
  else if (kind == NFR_KIND_AVERAGE_POOL_2D || kind == NFR_KIND_MAX_POOL_2D)
    add_pool(gen, kind, in, out, source);
  else
    add_elementwise(gen, kind, in, NULL, out, source);
}

static void add_member(struct plan_gen *gen, struct shapes *shapes, uint16_t source) {
  struct shape *in = source_of(gen, shapes), *other = like(gen, shapes, in), out = {0};
  gen->type = in->type;
  if (other != NULL && gen_once_in(gen, 2)) {
    add_elementwise(gen, gen_once_in(gen, 4) ? NFR_KIND_MUL : NFR_KIND_ADD, in, other, &out, source);
    other->is_read = true;
  } else {
    add_unary(gen, in, &out, source);
  }
  in->is_read = true;
  shapes->all[shapes->count++] = out;
}

/* Tensors that the chain reads whole. */
static void add_inputs(struct plan_gen *gen, struct shapes *shapes) {
  struct shape s = {.h = (uint16_t)between(gen, 1, gen->extent), .w = (uint16_t)between(gen, 1, 5), .c = (uint16_t)between(gen, 1, 5)};
  s.type = gen_once_in(gen, 4) ? NFR_TYPE_INT16 : NFR_TYPE_INT8;
  s.is_read = true;
  for (unsigned n = gen_once_in(gen, 3) ? 2 : 1; n > 0; n--) {
    bool was_plain = gen->plain;
    gen->plain = !gen_once_in(gen, 4); /* else it may be a constant, or share memory */
    s.tensor = gen_input(gen, s.type, (uint32_t)s.h * s.w * s.c);
    gen->plain = was_plain;
    shapes->all[shapes->count++] = s;
  }
}

bool chain_gen_members(struct plan_gen *gen, struct chain_gen *chain, unsigned members) {
  struct shapes shapes = {.count = 0};
  uint32_t extent = gen->extent;
  uint8_t type = gen->type;
  bool was_plain = gen->plain;
  *chain = (struct chain_gen){.offset = gen->ops_bytes, .first_op = gen->op_count, .members = (uint8_t)members};
  gen->extent = gen_once_in(gen, 4) ? 24 : 9;
  gen->plain = true;
  add_inputs(gen, &shapes);
  unsigned inputs = shapes.count;
  for (unsigned i = 0; i < members && !gen->full; i++) add_member(gen, &shapes, (uint16_t)(gen->op_count + 1u));
  gen->extent = extent;
  gen->type = type;
  gen->plain = was_plain;
  for (unsigned i = inputs; i + 1 < shapes.count; i++)
    if (!shapes.all[i].is_read) return false;
  return !gen->full;
}

/* --- streaming: how a compiler derives the table */

struct link {
  const struct nfr_plan_op *record;
  const struct nfr_op_type *type;
  struct nfr_member_rows rows;
  struct nfr_plan_member progress;
  int64_t scale, end, start; /* scale 0: nobody reads it yet */
};

static uint16_t rows_of_tensor(const struct link *links, unsigned count, uint16_t tensor) {
  for (unsigned i = 0; i < count; i++)
    if (links[i].record->out == tensor) return (uint16_t)links[i].rows.out_h;
  return 0;
}

/* The members' geometry, and who reads whom. */
static bool read_links(const struct plan_gen *gen, const struct chain_gen *chain, struct link *links) {
  const struct nfr_plan_op *record = (const void *)(gen->ops + chain->offset);
  for (unsigned i = 0; i < chain->members; i++, record = nfr_chain_next(record)) {
    struct link *l = &links[i];
    *l = (struct link){.record = record, .type = nfr_op_type_of(record->kind), .progress.from = {NFR_PLAN_NONE8, NFR_PLAN_NONE8}};
    uint32_t rows = 0;
    for (unsigned x = 0; x < 2; x++)
      for (unsigned j = 0; j < i && record->in[x] != NFR_PLAN_NONE16; j++)
        if (links[j].record->out == record->in[x]) {
          l->progress.from[x] = (uint8_t)j;
          rows = rows_of_tensor(links, i, record->in[x]);
        }
    l->rows = nfr_member_rows_of(l->type, record + 1, rows);
  }
  /* Element-wise members that read only what is whole: as many rows as who reads them. */
  for (unsigned i = chain->members; i-- > 0;)
    for (unsigned x = 0; x < 2; x++) {
      uint8_t from = links[i].progress.from[x];
      if (from != NFR_PLAN_NONE8 && links[from].rows.out_h == 0) links[from].rows.in_h = links[from].rows.out_h = links[i].rows.in_h;
    }
  for (unsigned i = 0; i < chain->members; i++)
    if (links[i].rows.out_h == 0 || links[i].rows.pad >= links[i].rows.reach ||
        (links[i].rows.out_h - 1) * links[i].rows.stride >= links[i].rows.in_h + (uint32_t)links[i].rows.pad)
      return false;
  return true;
}

static void pull(struct link *source, int64_t scale, int64_t end, int64_t start) {
  if (source->scale == 0 || end > source->end) source->end = end;
  if (source->scale == 0 || start < source->start) source->start = start;
  if (source->scale != 0 && source->scale != scale) source->scale = -1;
  if (source->scale == 0) source->scale = scale;
}

static bool derive(struct link *links, unsigned members, uint32_t height) {
  links[members - 1].scale = 1;
  int64_t ahead = 0;
  for (unsigned i = members; i-- > 0;) {
    struct link *l = &links[i];
    if (l->scale <= 0) return false;
    if (l->start > l->end) l->start = l->end;
    int64_t w = (l->end + l->scale - 1) / l->scale;
    if (l->end > 0 && w > ahead) ahead = w;
    for (unsigned x = 0; x < 2; x++) {
      if (l->progress.from[x] == NFR_PLAN_NONE8) continue;
      int64_t next = l->end * l->rows.stride - l->rows.pad;
      pull(&links[l->progress.from[x]], l->scale * l->rows.stride, next + l->rows.reach - l->rows.stride, next);
    }
  }
  for (unsigned i = 0; i < members; i++) {
    struct link *l = &links[i];
    if (l->scale * height > INT16_MAX || l->start - ahead * l->scale < INT16_MIN) return false;
    l->progress.step = (uint16_t)(l->scale * height);
    l->progress.end = (int16_t)(l->end - ahead * l->scale);
    l->progress.start = (int16_t)(l->start - ahead * l->scale);
  }
  return true;
}

static uint32_t aligned(uint32_t offset, uint32_t alignment) {
  return (offset + alignment - 1) & ~(alignment - 1);
}

/* Gives streamed tensors and scratch their places in the working memory; its tensor. */
static uint16_t place(struct plan_gen *gen, const struct link *links, unsigned members) {
  uint32_t begin = aligned(gen->arena_bytes, 16), at = begin, end;
  for (unsigned i = 0; i + 1 < members; i++) {
    const struct nfr_plan_member *p = &links[i].progress;
    struct nfr_plan_tensor *t = &gen->tensors[links[i].record->out];
    uint32_t rows = links[i].rows.out_h, row = t->bytes / rows, held = (uint32_t)(p->step + p->end - p->start);
    if (gen_once_in(gen, 4)) held += gen_below(gen, 3);
    if (held > rows) held = rows;
    t->rows = (uint16_t)rows;
    t->held_rows = (uint16_t)held;
    t->bytes = held * row;
    t->offset = aligned(at + (gen_once_in(gen, 4) ? gen_below(gen, 9) : 0), gen_once_in(gen, 4) ? nfr_type_bytes(t->type) : 16);
    at = t->offset + t->bytes;
  }
  at = aligned(at, 4);
  end = at;
  for (unsigned i = 0; i < members; i++) {
    if (!nfr_op_uses_scratch(links[i].type, links[i].record->layout)) continue;
    struct nfr_plan_tensor *t = &gen->tensors[links[i].record->scratch];
    t->offset = at + (gen_once_in(gen, 4) ? 4 * gen_below(gen, 5) : 0);
    if (t->offset + t->bytes > end) end = t->offset + t->bytes;
  }
  gen->arena_bytes = begin;
  return gen_tensor(gen, end - begin + (gen_once_in(gen, 4) ? gen_below(gen, 9) : 0), NFR_TYPE_INT8, 16);
}

bool chain_gen_stream(struct plan_gen *gen, const struct chain_gen *chain, uint32_t height) {
  struct link links[NFR_PLAN_MAX_MEMBERS];
  unsigned members = chain->members;
  uint32_t bytes = (uint32_t)(sizeof(struct nfr_plan_op) + sizeof(struct nfr_plan_chain) + members * sizeof(struct nfr_plan_member));
  if (gen->op_count == GEN_OPS || gen->ops_bytes + bytes > GEN_OP_BYTES || gen->tensor_count == GEN_TENSORS) return false;
  if (!read_links(gen, chain, links) || !derive(links, members, height)) return false;
  bool was_plain = gen->plain;
  gen->plain = true; /* no gap before the working memory */
  uint16_t memory = place(gen, links, members);
  gen->plain = was_plain;
  if (gen->full) return false;

  const struct link *last = &links[members - 1];
  uint32_t stripes = ((uint32_t)((int32_t)last->rows.out_h - last->progress.end) + height - 1) / height;
  struct nfr_plan_op op = {.kind = NFR_KIND_CHAIN, .bytes = (uint16_t)bytes, .source_op = last->record->source_op,
                           .in = {NFR_PLAN_NONE16, NFR_PLAN_NONE16, NFR_PLAN_NONE16}, .out = memory, .scratch = NFR_PLAN_NONE16};
  struct nfr_plan_chain params = {.members = (uint16_t)members, .stripes = (uint16_t)stripes};
  struct nfr_plan_member table[NFR_PLAN_MAX_MEMBERS];
  for (unsigned i = 0; i < members; i++) table[i] = links[i].progress;
  uint8_t *at = gen->ops + chain->offset;
  memmove(at + bytes, at, gen->ops_bytes - chain->offset);
  memcpy(at, &op, sizeof op);
  memcpy(at + sizeof op, &params, sizeof params);
  memcpy(at + sizeof op + sizeof params, table, members * sizeof table[0]);
  gen->ops_bytes += bytes;

  uint16_t *outs = gen->outputs + chain->first_op;
  memmove(outs + 1, outs, (size_t)(gen->op_count - chain->first_op) * sizeof *outs);
  for (unsigned i = 0; i < members; i++) outs[i] = NFR_PLAN_NONE16; /* CHAIN, and its members but the last */
  gen->op_count++;
  gen->features |= NFR_FEATURE_CHAINS;
  return true;
}

uint32_t chain_gen_rows(const struct plan_gen *gen, const struct chain_gen *chain) {
  struct link links[NFR_PLAN_MAX_MEMBERS];
  return read_links(gen, chain, links) ? links[chain->members - 1].rows.out_h : 0;
}

void chain_gen_overlap(struct plan_gen *gen, const struct chain_gen *chain) {
  const struct nfr_plan_op *record = (const void *)(gen->ops + chain->offset);
  uint16_t reads[2 * GEN_OPS], last = 0;
  unsigned count = 0;
  for (unsigned i = 0; i < chain->members; i++) {
    record = nfr_chain_next(record);
    for (unsigned x = 0; x < 2; x++)
      if (record->in[x] != NFR_PLAN_NONE16 && gen->tensors[record->in[x]].rows == 0 &&
          gen->tensors[record->in[x]].region == NFR_REGION_ARENA)
        reads[count++] = record->in[x];
    last = record->out;
  }
  if (count == 0 || gen_once_in(gen, 2)) return;
  const struct nfr_plan_tensor *in = &gen->tensors[reads[gen_below(gen, count)]];
  struct nfr_plan_tensor *out = &gen->tensors[last];
  uint32_t below = gen_once_in(gen, 2) ? 0 : gen_below(gen, out->bytes) & ~7u;
  if (below > in->offset) below = in->offset & ~7u;
  if (in->offset - below + out->bytes <= gen->arena_bytes) out->offset = (in->offset - below) & ~(nfr_type_bytes(out->type) - 1u);
}
