/* Opening and closing capsules; what an open one is. Rules F01 to F05 of capsule/SPEC.md §8: model and manifest agree. */
#include <string.h>

#include "native.h"
#include "rule.h"

static uint32_t round16(uint32_t bytes) {
  return (bytes + 15u) & ~15u;
}

/* Bytes of all windows together; those of one are at most 2^34. */
static uint64_t windows_bytes(const struct nfr_manifest *manifest) {
  uint64_t bytes = 0;
  for (unsigned i = 0; i < manifest->pre_count; i++) bytes += nfr_pre_window_bytes(manifest->pre[i]);
  return bytes;
}

/* What the plan asks for is what the publisher has signed: the fits-check is not passed with lower numbers. */
static int check_needs(const struct nfr_plan_needs *plan, const struct nfr_manifest *manifest) {
  if (!NFR_RULE(F01, plan->state_bytes + windows_bytes(manifest) <= manifest->needs.state)) return NFR_ERR_CORRUPT;
  if (!NFR_RULE(F02, plan->arena_bytes <= manifest->needs.arena)) return NFR_ERR_CORRUPT;
  if (!NFR_RULE(F03, (plan->layouts & ~manifest->layouts) == 0)) return NFR_ERR_CORRUPT;
  return NFR_OK;
}

struct nfr_process_tensor nfr_native_process_tensor(const struct nfr_tensor_view *view) {
  uint8_t width = view->type == NFR_TYPE_INT8 ? 1 : view->type == NFR_TYPE_INT16 ? 2 : 0;
  return (struct nfr_process_tensor){.data = view->data,
                                     .elements = width != 0 ? view->bytes / width : 0,
                                     .width = width,
                                     .zero_point = view->io->zero_point};
}

static int bind_pre(struct nfr_native_capsule *capsule, const uint8_t *pre, unsigned number, uint8_t *samples) {
  struct nfr_tensor_view view;
  int err = nfr_engine_input(&capsule->engine, nfr_pre_input(pre), &view);
  if (!NFR_RULE(F04, err == NFR_OK)) return NFR_ERR_CORRUPT;
  struct nfr_process_tensor tensor = nfr_native_process_tensor(&view);
  capsule->pre[number] = pre;
  return nfr_pre_bind(pre, &tensor, samples, &capsule->windows[number]);
}

static int bind_processing(struct nfr_native_capsule *capsule, const struct nfr_manifest *manifest, uint8_t *windows) {
  for (unsigned i = 0; i < manifest->pre_count; i++) {
    int err = bind_pre(capsule, manifest->pre[i], i, windows);
    if (err) return err;
    if (windows != NULL) windows += nfr_pre_window_bytes(manifest->pre[i]);
  }
  capsule->pre_count = manifest->pre_count;
  if (manifest->post == NULL) return NFR_OK;
  struct nfr_tensor_view view;
  int err = nfr_engine_output(&capsule->engine, nfr_post_output(manifest->post), &view);
  if (!NFR_RULE(F05, err == NFR_OK)) return NFR_ERR_CORRUPT;
  struct nfr_process_tensor tensor = nfr_native_process_tensor(&view);
  capsule->post = manifest->post;
  return nfr_post_bind(manifest->post, &tensor, &capsule->post_state);
}

/* Finds a place in the table and in the pool, and loads the plan. The place counts as taken with its handle, which the
 * caller sets when all has gone well. */
static int load(struct nfr_native *context, const uint8_t *model, uint32_t model_bytes, const struct nfr_plan_needs *needs,
                uint64_t windows, struct nfr_native_capsule **place) {
  struct nfr_native_capsule *capsule = context->capsules;
  while (capsule < context->capsules + NFR_NATIVE_MAX_CAPSULES && capsule->handle != 0) capsule++;
  if (capsule == context->capsules + NFR_NATIVE_MAX_CAPSULES) return NFR_ERR_NO_MEMORY;
  if (needs->state_bytes + windows > context->pool_bytes) return NFR_ERR_NO_MEMORY;
  memset(capsule, 0, sizeof *capsule);
  capsule->state_bytes = round16((uint32_t)(needs->state_bytes + windows));
  int err = nfr_native_find_state(context, capsule->state_bytes, &capsule->state_offset);
  if (err) return err;
  uint8_t *state = context->pool == NULL ? NULL : context->pool + capsule->state_offset;
  *place = capsule;
  return nfr_engine_load(&capsule->engine, model, model_bytes, context->arena, context->arena_bytes, state,
                         needs->state_bytes, context->board.max_slice);
}

/* Index in the table in the low bits; never used again until 2^28 capsules have been opened. */
static int give_handle(struct nfr_native *context, struct nfr_native_capsule *capsule) {
  context->opened = (context->opened + 1u) & 0x0fffffffu;
  if (context->opened == 0) context->opened = 1;
  capsule->handle = context->opened * NFR_NATIVE_MAX_CAPSULES + (uint32_t)(capsule - context->capsules);
  return (int)capsule->handle;
}

/* The model may be loaded while another capsule runs: loading touches only the new capsule's state. */
static int open_model(struct nfr_native *context, const uint8_t *model, uint32_t model_bytes,
                      const struct nfr_manifest *manifest, struct nfr_native_capsule **place) {
  struct nfr_plan_needs needs;
  int err = nfr_plan_needs(model, model_bytes, &needs);
  if (!err) err = check_needs(&needs, manifest);
  if (!err) err = load(context, model, model_bytes, &needs, windows_bytes(manifest), place);
  if (err) return err;
  uint8_t *windows = context->pool == NULL ? NULL : context->pool + (*place)->state_offset + needs.state_bytes;
  return bind_processing(*place, manifest, windows);
}

static int check_labels(const struct nfr_manifest *manifest, const uint8_t *labels, uint32_t labels_bytes) {
  unsigned count;
  if ((manifest->sections[NFR_SECTION_LABELS].size != 0) != (labels != NULL)) return NFR_ERR_ARGUMENT;
  return labels == NULL ? NFR_OK : nfr_labels_check(labels, labels_bytes, &count);
}

static int check_fits(const struct nfr_native *context, const struct nfr_manifest *manifest) {
  struct nfr_board board;
  struct nfr_deficit deficit;
  nfr_native_free_board(context, &board);
  return nfr_fits(manifest, &board, &deficit);
}

int nfr_native_admit(const struct nfr_native *context, const uint8_t *manifest, uint32_t manifest_bytes, uint32_t counter_floor,
                     struct nfr_manifest *parsed) {
  int err = nfr_native_read_manifest(context, manifest, manifest_bytes, parsed);
  if (!err) err = nfr_manifest_check_counter(parsed, counter_floor);
  return err ? err : check_fits(context, parsed);
}

int nfr_native_open_admitted(struct nfr_native *context, const struct nfr_manifest *parsed, const uint8_t *model,
                             uint32_t model_bytes, const uint8_t *labels, uint32_t labels_bytes) {
  struct nfr_native_capsule *capsule;
  int err = check_labels(parsed, labels, labels_bytes);
  if (!err) err = open_model(context, model, model_bytes, parsed, &capsule);
  if (err) return err;
  capsule->is_signed = 1;
  capsule->vectors = parsed->sections[NFR_SECTION_VECTORS];
  capsule->labels = labels;
  capsule->labels_bytes = labels_bytes;
  return give_handle(context, capsule);
}

int nfr_native_open(struct nfr_native *context, const uint8_t *manifest, uint32_t manifest_bytes, const uint8_t *model,
                    uint32_t model_bytes, const uint8_t *labels, uint32_t labels_bytes, uint32_t counter_floor) {
  struct nfr_manifest parsed;
  int err = nfr_native_admit(context, manifest, manifest_bytes, counter_floor, &parsed);
  if (!err) err = nfr_section_verify(context->crypto, &parsed.sections[NFR_SECTION_MODEL], model, model_bytes);
  bool has_labels = labels != NULL && parsed.sections[NFR_SECTION_LABELS].size != 0;
  if (!err && has_labels) err = nfr_section_verify(context->crypto, &parsed.sections[NFR_SECTION_LABELS], labels, labels_bytes);
  return err ? err : nfr_native_open_admitted(context, &parsed, model, model_bytes, labels, labels_bytes);
}

int nfr_native_open_model(struct nfr_native *context, const uint8_t *model, uint32_t model_bytes) {
  if (!nfr_native_is_ready(context) || model == NULL) return NFR_ERR_ARGUMENT;
  if (context->has_root_key) return NFR_ERR_SIGNATURE;
  const struct nfr_manifest whatever = {.layouts = UINT32_MAX, .needs = {.state = UINT32_MAX, .arena = UINT32_MAX}};
  struct nfr_native_capsule *capsule;
  int err = open_model(context, model, model_bytes, &whatever, &capsule);
  return err ? err : give_handle(context, capsule);
}

int nfr_native_close(struct nfr_native *context, int handle) {
  struct nfr_native_capsule *capsule = nfr_native_find(context, handle);
  if (capsule == NULL) return NFR_ERR_ARGUMENT;
  if (context->test.capsule == capsule) context->test.capsule = NULL;
  if (context->owner == capsule) {
    context->owner = NULL;
    context->phase = NFR_PHASE_FREE;
  }
  capsule->handle = 0;
  return NFR_OK;
}

int nfr_native_info(struct nfr_native *context, int handle, struct nfr_native_info *info) {
  const struct nfr_native_capsule *capsule = nfr_native_find(context, handle);
  struct nfr_plan_needs needs;
  unsigned labels = 0;
  if (capsule == NULL || !nfr_native_is_words(info)) return NFR_ERR_ARGUMENT;
  const struct nfr_plan_header *plan = (const struct nfr_plan_header *)(const void *)capsule->engine.plan;
  int err = nfr_plan_needs(plan, plan->total_bytes, &needs);
  if (!err && capsule->labels != NULL) err = nfr_labels_check(capsule->labels, capsule->labels_bytes, &labels);
  if (err) return err;
  *info = (struct nfr_native_info){
      .input_count = needs.input_count,
      .output_count = needs.output_count,
      .op_count = needs.op_count,
      .arena_bytes = needs.arena_bytes,
      .state_bytes = capsule->state_bytes,
      .label_count = labels,
      .has_post = capsule->post != NULL,
      .is_signed = capsule->is_signed,
  };
  return NFR_OK;
}

static uint32_t feed_bytes(const struct nfr_native_capsule *capsule, uint32_t input, uint32_t elements) {
  for (unsigned i = 0; i < capsule->pre_count; i++) {
    if (nfr_pre_input(capsule->pre[i]) == input) return (uint32_t)nfr_pre_feed_bytes(capsule->pre[i], elements);
  }
  return 0;
}

int nfr_native_tensor(struct nfr_native *context, int handle, int is_output, uint32_t index, struct nfr_native_tensor *tensor) {
  const struct nfr_native_capsule *capsule = nfr_native_find(context, handle);
  struct nfr_tensor_view view;
  if (capsule == NULL || !nfr_native_is_words(tensor) || (is_output != 0 && is_output != 1)) return NFR_ERR_ARGUMENT;
  int err = is_output ? nfr_engine_output(&capsule->engine, index, &view) : nfr_engine_input(&capsule->engine, index, &view);
  if (err) return err;
  uint32_t elements = 1;
  for (unsigned i = 0; i < NFR_PLAN_MAX_RANK; i++) elements *= view.io->dims[i];
  *tensor = (struct nfr_native_tensor){
      .type = view.type,
      .rank = view.io->rank,
      .elements = elements,
      .bytes = view.bytes,
      .feed_bytes = is_output ? 0 : feed_bytes(capsule, index, elements),
      .scale = view.io->scale,
      .zero_point = view.io->zero_point,
  };
  memcpy(tensor->dims, view.io->dims, sizeof tensor->dims);
  return NFR_OK;
}

int nfr_native_label(struct nfr_native *context, int handle, uint32_t index, char *text, uint32_t capacity) {
  const struct nfr_native_capsule *capsule = nfr_native_find(context, handle);
  struct nfr_text label;
  if (capsule == NULL || text == NULL) return NFR_ERR_ARGUMENT;
  int err = nfr_labels_get(capsule->labels, capsule->labels_bytes, index, &label);
  if (err) return err;
  if (capacity <= label.length) return NFR_ERR_NO_MEMORY;
  memcpy(text, label.bytes, label.length);
  text[label.length] = 0;
  return label.length;
}
