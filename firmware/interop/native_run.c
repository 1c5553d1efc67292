/* Inference: who has the arena, inputs, slices, outputs. */
#include <string.h>

#include "engine/plan.h"
#include "native.h"

static bool is_filling(const struct nfr_native *context, const struct nfr_native_capsule *capsule) {
  return context->owner == capsule && context->phase == NFR_PHASE_FILLING;
}

static bool is_written(const struct nfr_native *context, const struct nfr_native_capsule *capsule, unsigned input) {
  return is_filling(context, capsule) && (capsule->written >> input & 1u) != 0;
}

static void mark_written(struct nfr_native_capsule *capsule, unsigned input) {
  capsule->written |= (uint8_t)(1u << input);
}

int nfr_native_take(struct nfr_native *context, struct nfr_native_capsule *capsule) {
  bool runs = context->phase == NFR_PHASE_RUNNING || context->phase == NFR_PHASE_TESTING;
  if (runs) return context->owner == capsule ? NFR_ERR_ARGUMENT : NFR_ERR_BUSY;
  if (!is_filling(context, capsule)) capsule->written = 0;
  /* Activations of one capsule are nobody else's business: a plan may read what it never wrote. */
  if (context->owner != capsule) memset(context->arena, 0, nfr_plan_header_of(capsule->engine.plan)->arena_bytes);
  context->owner = capsule;
  context->phase = NFR_PHASE_FILLING;
  return NFR_OK;
}

int nfr_native_claim(struct nfr_native *context, struct nfr_native_capsule *capsule) {
  return context->test.capsule == capsule ? NFR_ERR_ARGUMENT : nfr_native_take(context, capsule);
}

/* `count` at `offset` of `total`, in bytes or elements. */
static bool is_inside(uint32_t offset, uint32_t count, uint32_t total) {
  return offset <= total && count <= total - offset;
}

int nfr_native_write_input(struct nfr_native *context, int handle, uint32_t index, const void *source, uint32_t offset,
                           uint32_t count) {
  struct nfr_native_capsule *capsule = nfr_native_find(context, handle);
  struct nfr_tensor_view view;
  if (capsule == NULL || source == NULL) return NFR_ERR_ARGUMENT;
  int err = nfr_engine_input(&capsule->engine, index, &view);
  if (err) return err;
  if (!is_inside(offset, count, view.bytes)) return NFR_ERR_ARGUMENT;
  err = nfr_native_claim(context, capsule);
  if (err) return err;
  memcpy((uint8_t *)view.data + offset, source, count);
  if (count != 0) mark_written(capsule, index);
  return NFR_OK;
}

/* To the nearest, half away from zero, as TFLite's QUANTIZE. Beyond ±2^18 the clamp decides whatever the zero point. */
static int32_t quantize(float x, const struct nfr_tensor_view *view) {
  const float far = 262144.0f;
  int32_t max = view->type == NFR_TYPE_INT8 ? INT8_MAX : INT16_MAX, min = -max - 1;
  float value = x / view->io->scale;
  if (value != value) return view->io->zero_point;
  if (value > far) value = far;
  if (value < -far) value = -far;
  int32_t whole = (int32_t)value;
  float rest = value - (float)whole;
  if (rest >= 0.5f) whole++;
  if (rest <= -0.5f) whole--;
  whole += view->io->zero_point;
  return whole > max ? max : whole < min ? min : whole;
}

int nfr_native_write_input_float(struct nfr_native *context, int handle, uint32_t index, const float *source,
                                 uint32_t first, uint32_t count) {
  struct nfr_native_capsule *capsule = nfr_native_find(context, handle);
  struct nfr_tensor_view view;
  if (capsule == NULL || !nfr_native_is_words(source)) return NFR_ERR_ARGUMENT;
  int err = nfr_engine_input(&capsule->engine, index, &view);
  if (err) return err;
  if (view.type != NFR_TYPE_INT8 && view.type != NFR_TYPE_INT16 && view.type != NFR_TYPE_FLOAT32) return NFR_ERR_UNSUPPORTED;
  if (!is_inside(first, count, view.bytes / nfr_type_bytes(view.type))) return NFR_ERR_ARGUMENT;
  err = nfr_native_claim(context, capsule);
  if (err) return err;
  for (uint32_t i = 0; i < count; i++) {
    if (view.type == NFR_TYPE_FLOAT32) memcpy((float *)view.data + first + i, source + i, sizeof *source);
    else if (view.type == NFR_TYPE_INT8) ((int8_t *)view.data)[first + i] = (int8_t)quantize(source[i], &view);
    else ((int16_t *)view.data)[first + i] = (int16_t)quantize(source[i], &view);
  }
  if (count != 0) mark_written(capsule, index);
  return NFR_OK;
}

static unsigned pre_of(const struct nfr_native_capsule *capsule, uint32_t input) {
  unsigned i = 0;
  while (i < capsule->pre_count && nfr_pre_input(capsule->pre[i]) != input) i++;
  return i;
}

/* The process's view of the input of pre-processing `number`; it was there when the capsule was opened. */
NFR_CHECK_RESULT static int pre_tensor(const struct nfr_native_capsule *capsule, unsigned number, struct nfr_process_tensor *tensor) {
  struct nfr_tensor_view view;
  int err = nfr_engine_input(&capsule->engine, nfr_pre_input(capsule->pre[number]), &view);
  if (err) return err;
  *tensor = nfr_native_process_tensor(&view);
  return NFR_OK;
}

static bool has_window(const struct nfr_native_capsule *capsule, unsigned number) {
  return nfr_pre_window_bytes(capsule->pre[number]) != 0;
}

/* Each input with declared samples has what it needs. */
static bool is_due(const struct nfr_native *context, const struct nfr_native_capsule *capsule) {
  for (unsigned i = 0; i < capsule->pre_count; i++) {
    bool is_there = has_window(capsule, i) ? (capsule->pre_due >> i & 1u) != 0
                                           : is_written(context, capsule, nfr_pre_input(capsule->pre[i]));
    if (!is_there) return false;
  }
  return true;
}

int nfr_native_feed(struct nfr_native *context, int handle, uint32_t index, const uint8_t *samples, uint32_t count) {
  struct nfr_native_capsule *capsule = nfr_native_find(context, handle);
  if (capsule == NULL || samples == NULL) return NFR_ERR_ARGUMENT;
  unsigned number = pre_of(capsule, index);
  if (number == capsule->pre_count) return NFR_ERR_ARGUMENT;
  const uint8_t *pre = capsule->pre[number];
  struct nfr_process_tensor tensor;
  int err = pre_tensor(capsule, number, &tensor);
  if (err) return err;
  if (count != nfr_pre_feed_bytes(pre, tensor.elements)) return NFR_ERR_ARGUMENT;
  if (!has_window(capsule, number)) err = nfr_native_claim(context, capsule);
  if (err) return err;
  int due = nfr_pre_feed(pre, &capsule->windows[number], &tensor, samples, count);
  if (due < 0) return due;
  if (!has_window(capsule, number)) mark_written(capsule, index);
  else if (due) capsule->pre_due |= (uint8_t)(1u << number);
  return is_due(context, capsule);
}

/* Each input is in the arena, or has a window. */
static bool inputs_are_there(const struct nfr_native *context, const struct nfr_native_capsule *capsule) {
  for (unsigned i = 0; i < nfr_plan_header_of(capsule->engine.plan)->input_count; i++) {
    unsigned number = pre_of(capsule, i);
    if (!is_written(context, capsule, i) && (number == capsule->pre_count || !has_window(capsule, number))) return false;
  }
  return true;
}

int nfr_native_begin(struct nfr_native *context, int handle) {
  struct nfr_native_capsule *capsule = nfr_native_find(context, handle);
  if (capsule == NULL) return NFR_ERR_ARGUMENT;
  bool runs = context->phase == NFR_PHASE_RUNNING || context->phase == NFR_PHASE_TESTING;
  if (!runs && !inputs_are_there(context, capsule)) return NFR_ERR_ARGUMENT;
  int err = nfr_native_claim(context, capsule);
  for (unsigned i = 0; i < capsule->pre_count && !err; i++) {
    struct nfr_process_tensor tensor;
    err = pre_tensor(capsule, i, &tensor);
    if (!err) nfr_pre_fill(capsule->pre[i], &capsule->windows[i], &tensor);
  }
  if (!err) err = nfr_engine_begin(&capsule->engine);
  if (err) return err;
  capsule->pre_due = 0;
  context->phase = NFR_PHASE_RUNNING;
  return NFR_OK;
}

static int read_result(struct nfr_native *context, struct nfr_native_capsule *capsule) {
  struct nfr_tensor_view view;
  if (capsule->post == NULL) return NFR_OK;
  int err = nfr_engine_output(&capsule->engine, nfr_post_output(capsule->post), &view);
  if (err) return err;
  struct nfr_process_tensor tensor = nfr_native_process_tensor(&view);
  nfr_post_run(capsule->post, &capsule->post_state, &tensor, &context->result);
  return NFR_OK;
}

int nfr_native_step(struct nfr_native *context, int handle, uint32_t budget) {
  struct nfr_native_capsule *capsule = nfr_native_find(context, handle);
  if (capsule == NULL || context->owner != capsule || context->phase != NFR_PHASE_RUNNING) return NFR_ERR_ARGUMENT;
  int err = nfr_engine_step(&capsule->engine, budget == 0 ? NFR_ENGINE_DEFAULT_BUDGET : budget);
  if (err == NFR_ENGINE_MORE) return NFR_NATIVE_MORE;
  context->phase = NFR_PHASE_DONE;
  if (!err) err = read_result(context, capsule);
  return err;
}

int nfr_native_abort(struct nfr_native *context, int handle) {
  struct nfr_native_capsule *capsule = nfr_native_find(context, handle);
  if (capsule == NULL) return NFR_ERR_ARGUMENT;
  bool was_testing = context->test.capsule == capsule;
  if (was_testing) context->test.capsule = NULL;
  if (context->owner != capsule && !was_testing) return NFR_OK;
  if (context->owner == capsule) {
    context->owner = NULL;
    context->phase = NFR_PHASE_FREE;
  }
  int err = nfr_engine_stop_at_op(&capsule->engine, false);
  return err || !was_testing ? err : nfr_native_forget(capsule);
}

/* The output's view, while the inference's results are there. */
static int finished_output(struct nfr_native *context, int handle, uint32_t index, struct nfr_tensor_view *view) {
  const struct nfr_native_capsule *capsule = nfr_native_find(context, handle);
  if (capsule == NULL || context->owner != capsule || context->phase != NFR_PHASE_DONE) return NFR_ERR_ARGUMENT;
  return nfr_engine_output(&capsule->engine, index, view);
}

int nfr_native_read_output(struct nfr_native *context, int handle, uint32_t index, void *target, uint32_t offset,
                           uint32_t count) {
  struct nfr_tensor_view view;
  int err = finished_output(context, handle, index, &view);
  if (err) return err;
  if (target == NULL || !is_inside(offset, count, view.bytes)) return NFR_ERR_ARGUMENT;
  memcpy(target, (const uint8_t *)view.data + offset, count);
  return NFR_OK;
}

static float dequantize(const struct nfr_tensor_view *view, uint32_t index) {
  int32_t q = view->type == NFR_TYPE_INT8    ? ((const int8_t *)view->data)[index]
              : view->type == NFR_TYPE_INT16 ? ((const int16_t *)view->data)[index]
                                             : ((const int32_t *)view->data)[index];
  return (float)((int64_t)q - view->io->zero_point) * view->io->scale;
}

int nfr_native_read_output_float(struct nfr_native *context, int handle, uint32_t index, float *target, uint32_t first,
                                 uint32_t count) {
  struct nfr_tensor_view view;
  int err = finished_output(context, handle, index, &view);
  if (err) return err;
  if (view.type == NFR_TYPE_INT64) return NFR_ERR_UNSUPPORTED;
  if (!nfr_native_is_words(target) || !is_inside(first, count, view.bytes / nfr_type_bytes(view.type))) return NFR_ERR_ARGUMENT;
  for (uint32_t i = 0; i < count; i++) {
    if (view.type == NFR_TYPE_FLOAT32) memcpy(target + i, (const float *)view.data + first + i, sizeof *target);
    else target[i] = dequantize(&view, first + i);
  }
  return NFR_OK;
}

int nfr_native_result(struct nfr_native *context, int handle, struct nfr_result *result) {
  const struct nfr_native_capsule *capsule = nfr_native_find(context, handle);
  if (capsule == NULL || !nfr_native_is_words(result) || capsule->post == NULL) return NFR_ERR_ARGUMENT;
  if (context->owner != capsule || context->phase != NFR_PHASE_DONE) return NFR_ERR_ARGUMENT;
  *result = context->result;
  return NFR_OK;
}

int nfr_native_forget(struct nfr_native_capsule *capsule) {
  for (unsigned i = 0; i < capsule->pre_count; i++) nfr_pre_reset(&capsule->windows[i]);
  capsule->pre_due = 0;
  memset(&capsule->post_state, 0, sizeof capsule->post_state);
  return nfr_engine_reset(&capsule->engine);
}

int nfr_native_reset(struct nfr_native *context, int handle) {
  struct nfr_native_capsule *capsule = nfr_native_find(context, handle);
  if (capsule == NULL) return NFR_ERR_ARGUMENT;
  bool runs = context->phase == NFR_PHASE_RUNNING && context->owner == capsule;
  if (runs || context->test.capsule == capsule) return NFR_ERR_ARGUMENT;
  return nfr_native_forget(capsule);
}
