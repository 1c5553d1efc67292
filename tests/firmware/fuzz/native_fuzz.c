/* Random histories of the facade (interop/nfr_native.h): capsules are opened, fed, run in slices, read, tested, reset and
 * closed in any order, with any handles, offsets, counts and alignments.
 *
 * Each call is answered by a model too (struct mirror): what it returns, and which bytes an engine of the capsule's own
 * would hold. So a history shows that one capsule's calls change nothing of another's, that every refusal is the one that
 * the header promises, and that nothing is read or written outside (arena and pool are allocations of their exact size).
 * An input's first byte says how the context is made; then each byte is a call, followed by its arguments.
 */
#include "native_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS = NFR_NATIVE_MAX_CAPSULES, MAX_CALLS = 400, BUFFER = 4096 };

/* What an open capsule is expected to be. */
struct mirror {
  int handle; /* 0: closed */
  const struct world_model *model;
  struct nfr_engine engine;
  uint8_t *arena, *state;
  uint8_t written;
};

enum phase { FREE, FILLING, RUNNING, DONE, TESTING };

static struct {
  unsigned long histories, calls, opened, inferences, compared, tests, refused;
} count;

static struct {
  const uint8_t *at, *end;
  struct nfr_native *native;
  uint8_t *arena, *pool;
  uint32_t arena_bytes, pool_bytes;
  struct mirror mirrors[SLOTS];
  struct mirror *owner;
  enum phase phase;
  uint32_t max_slice;
} h;

static void report(void) {
  printf("histories %lu, calls %lu, of them refused %lu; capsules opened %lu, inferences %lu, outputs compared %lu, self-tests passed %lu\n",
         count.histories, count.calls, count.refused, count.opened, count.inferences, count.compared, count.tests);
}

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  (void)argc;
  (void)argv;
  world_make();
  return atexit(report);
}

/* ---- arguments ---- */

static uint32_t next8(void) {
  return h.at < h.end ? *h.at++ : 0;
}

/* Mostly small; some at the ends of 32 bits. */
static uint32_t next_number(void) {
  uint32_t byte = next8();
  if (byte < 250) return byte;
  if (byte == 250) return 0u - next8();
  if (byte == 251) return 0x80000000u - next8();
  return next8() << 8 | next8();
}

/* Mostly one that is open; the owner of the arena more often than others. */
static struct mirror *next_mirror(void) {
  uint32_t byte = next8();
  if (byte < 100 && h.owner != NULL) return h.owner;
  struct mirror *m = &h.mirrors[byte % SLOTS];
  for (unsigned i = 0; i < SLOTS && byte < 230 && m->handle == 0; i++) m = &h.mirrors[(byte + i) % SLOTS];
  return m;
}

/* Of an open capsule, or one that never was or is no more. */
static int handle_of(const struct mirror *m) {
  static const int strangers[] = {0, -1, 1, INT32_MAX, INT32_MIN};
  return m->handle != 0 ? m->handle : strangers[next8() % 5];
}

static int expect(int actual, int expected) {
  count.calls++;
  if (actual < 0) count.refused++;
  if (actual != expected) world_fail("the facade returned something else than its header says", actual, expected);
  return actual;
}

/* ---- what the header says ---- */

static bool runs(void) {
  return h.phase == RUNNING || h.phase == TESTING;
}

static void leave(void) {
  h.owner = NULL;
  h.phase = FREE;
}

/* Gives the arena to m. */
static int claim(struct mirror *m) {
  if (runs()) return h.owner == m ? NFR_ERR_ARGUMENT : NFR_ERR_BUSY;
  if (h.owner != m || h.phase != FILLING) m->written = 0;
  if (h.owner != m) memset(m->arena, 0, m->model->needs.arena_bytes);
  h.owner = m;
  h.phase = FILLING;
  return NFR_OK;
}

static void ok(int err) {
  if (err) world_fail("the model's own engine refuses", err, 0);
}

static struct nfr_tensor_view view_of(const struct mirror *m, bool is_output, uint32_t index) {
  struct nfr_tensor_view view;
  ok(is_output ? nfr_engine_output(&m->engine, index, &view) : nfr_engine_input(&m->engine, index, &view));
  return view;
}

static bool is_inside(uint64_t offset, uint64_t length, uint64_t total) {
  return offset + length <= total;
}

/* ---- calls ---- */

static void forget(struct mirror *m) {
  free(m->arena);
  free(m->state);
  *m = (struct mirror){0};
}

static void open_mirror(struct mirror *m, int handle, const struct world_model *model) {
  m->handle = handle;
  m->model = model;
  m->arena = world_allocate(model->needs.arena_bytes);
  m->state = world_allocate(model->needs.state_bytes);
  m->written = 0;
  ok(nfr_engine_load(&m->engine, model->plan, model->plan_bytes, m->arena, model->needs.arena_bytes, m->state,
                     model->needs.state_bytes, h.max_slice));
  count.opened++;
}

/* What the facade must answer whatever is free: NFR_OK when it may open. */
static int must_refuse(const struct world_model *model) {
  struct nfr_engine engine;
  uint8_t *arena = world_allocate(model->needs.arena_bytes), *state = world_allocate(model->needs.state_bytes);
  int err = nfr_engine_load(&engine, model->plan, model->plan_bytes, arena, model->needs.arena_bytes, state,
                            model->needs.state_bytes, h.max_slice);
  free(arena);
  free(state);
  return err;
}

static void call_open(void) {
  const struct world_model *model = world_model(next8());
  struct mirror *m = h.mirrors;
  uint32_t misaligned = next8() % 32; /* mostly 0 */
  while (m < h.mirrors + SLOTS && m->handle != 0) m++;
  uint8_t *moved = world_allocate(model->plan_bytes + 16);
  bool is_moved = misaligned > 0 && misaligned < 16;
  memcpy(moved + (is_moved ? misaligned : 0), model->plan, model->plan_bytes);
  const uint8_t *plan = is_moved ? moved + misaligned : model->plan;
  int handle = world_open(h.native, model, plan), must = must_refuse(model);
  count.calls++;
  if (handle < 0) count.refused++;
  if (is_moved && handle >= 0) world_fail("a model that is not aligned was opened", handle, NFR_ERR_ARGUMENT);
  if (is_moved && handle != NFR_ERR_ARGUMENT && handle != NFR_ERR_NO_MEMORY && handle != must)
    world_fail("a model that is not aligned", handle, NFR_ERR_ARGUMENT);
  if (!is_moved && handle < 0 && handle != NFR_ERR_NO_MEMORY) expect(handle, must);
  if (handle == 0 || (handle > 0 && (must || m == h.mirrors + SLOTS))) world_fail("opened", handle, must);
  for (unsigned i = 0; i < SLOTS && handle > 0; i++)
    if (h.mirrors[i].handle == handle) world_fail("a handle was given twice", handle, 0);
  if (handle > 0) open_mirror(m, handle, model);
  free(moved);
}

static void call_close(void) {
  struct mirror *m = next_mirror();
  expect(nfr_native_close(h.native, handle_of(m)), m->handle ? NFR_OK : NFR_ERR_ARGUMENT);
  if (m->handle == 0) return;
  if (h.owner == m) leave();
  forget(m);
}

/* A buffer of exactly `bytes`, at any alignment; the caller frees *memory. */
static uint8_t *exact(uint32_t bytes, uint32_t offset, uint8_t **memory) {
  *memory = world_allocate(bytes + offset);
  for (uint32_t i = 0; i < bytes; i++) (*memory)[offset + i] = (uint8_t)next8();
  return *memory + offset;
}

static void call_write(void) {
  struct mirror *m = next_mirror();
  int handle = handle_of(m);
  uint32_t index = next8() % 10, offset = next_number(), length = next_number(), room = length > BUFFER ? 0 : length;
  uint8_t *memory, *bytes = exact(room, next8() % 8, &memory);
  int expected = NFR_ERR_ARGUMENT;
  struct nfr_tensor_view view;
  if (m->handle != 0 && index < m->model->needs.input_count) {
    view = view_of(m, false, index);
    if (is_inside(offset, length, view.bytes)) expected = claim(m);
  }
  expect(nfr_native_write_input(h.native, handle, index, bytes, offset, length), expected);
  if (expected == NFR_OK) {
    memcpy((uint8_t *)view.data + offset, bytes, length);
    if (length) m->written |= (uint8_t)(1u << index);
  }
  free(memory);
}

/* Any bits are floats. What they become in the arena is asked of the facade's own input: read by running. */
static void call_write_float(void) {
  struct mirror *m = next_mirror();
  int handle = handle_of(m);
  uint32_t index = next8() % 4, first = next_number(), length = next_number(), room = length > BUFFER / 4 ? 0 : length;
  uint32_t misaligned = next8() % 16 == 0 ? 1 + next8() % 3 : 0;
  uint8_t *memory, *bytes = exact(4 * room, misaligned, &memory);
  int expected = NFR_ERR_ARGUMENT;
  struct nfr_tensor_view view = {0};
  if (m->handle != 0 && index < m->model->needs.input_count && misaligned == 0) {
    view = view_of(m, false, index);
    bool is_real = view.type == NFR_TYPE_INT8 || view.type == NFR_TYPE_INT16 || view.type == NFR_TYPE_FLOAT32;
    if (!is_real) expected = NFR_ERR_UNSUPPORTED;
    else if (is_inside(first, length, view.bytes / nfr_type_bytes(view.type))) expected = claim(m);
  }
  expect(nfr_native_write_input_float(h.native, handle, index, (const float *)(void *)bytes, first, length), expected);
  if (expected == NFR_OK) {
    world_quantize(&view, first, (const float *)(void *)bytes, length);
    if (length) m->written |= (uint8_t)(1u << index);
  }
  free(memory);
}

/* All inputs of a capsule, whole. */
static void fill(struct mirror *m) {
  uint8_t value = (uint8_t)next8();
  for (uint32_t i = 0; m->handle != 0 && i < m->model->needs.input_count; i++) {
    struct nfr_tensor_view view = view_of(m, false, i);
    uint8_t *bytes = world_allocate(view.bytes);
    for (uint32_t j = 0; j < view.bytes; j++) bytes[j] = value = (uint8_t)(value * 5 + 3);
    int expected = claim(m);
    expect(nfr_native_write_input(h.native, m->handle, i, bytes, 0, view.bytes), expected);
    if (expected == NFR_OK) {
      memcpy(view.data, bytes, view.bytes);
      m->written |= (uint8_t)(1u << i);
    }
    free(bytes);
  }
}

static void begin(struct mirror *m) {
  int handle = handle_of(m), expected = NFR_ERR_ARGUMENT;
  if (m->handle != 0 && runs()) {
    expected = h.owner == m ? NFR_ERR_ARGUMENT : NFR_ERR_BUSY;
  } else if (m->handle != 0) {
    uint8_t all = (uint8_t)((1u << m->model->needs.input_count) - 1u);
    if (h.owner == m && h.phase == FILLING && m->written == all) expected = claim(m);
  }
  expect(nfr_native_begin(h.native, handle), expected);
  if (expected != NFR_OK) return;
  ok(nfr_engine_begin(&m->engine));
  h.phase = RUNNING;
}

static void call_fill(void) {
  fill(next_mirror());
}

static void call_begin(void) {
  begin(next_mirror());
}

static void call_fill_and_begin(void) {
  struct mirror *m = next_mirror();
  fill(m);
  begin(m);
}

static void call_step(void) {
  struct mirror *m = next_mirror();
  int handle = handle_of(m), expected = NFR_ERR_ARGUMENT;
  uint32_t budget = next_number();
  if (budget >= 64) budget *= 500;
  if (budget % 4 == 3) budget = UINT32_MAX;
  if (m->handle != 0 && h.owner == m && h.phase == RUNNING)
    expected = nfr_engine_step(&m->engine, budget == 0 ? NFR_ENGINE_DEFAULT_BUDGET : budget);
  expect(nfr_native_step(h.native, handle, budget), expected);
  if (expected != NFR_OK) return;
  h.phase = DONE;
  count.inferences++;
}

static void call_read(void) {
  struct mirror *m = next_mirror();
  int handle = handle_of(m), expected = NFR_ERR_ARGUMENT;
  uint32_t index = next8() % 3, offset = next_number(), length = next_number(), room = length > BUFFER ? 0 : length;
  struct nfr_tensor_view view;
  if (offset < 100 && m->handle != 0 && index < m->model->needs.output_count) { /* all of it */
    offset = 0;
    room = length = view_of(m, true, index).bytes;
  }
  uint8_t *memory, *bytes = exact(room, next8() % 8, &memory);
  if (m->handle != 0 && h.owner == m && h.phase == DONE && index < m->model->needs.output_count) {
    view = view_of(m, true, index);
    if (is_inside(offset, length, view.bytes)) expected = NFR_OK;
  }
  expect(nfr_native_read_output(h.native, handle, index, bytes, offset, length), expected);
  if (expected == NFR_OK && memcmp(bytes, (const uint8_t *)view.data + offset, length) != 0)
    world_fail("an output is not what the capsule alone computes", (int)index, (int)offset);
  count.compared += expected == NFR_OK && length > 0;
  free(memory);
}

static void call_read_float(void) {
  struct mirror *m = next_mirror();
  int handle = handle_of(m), expected = NFR_ERR_ARGUMENT;
  uint32_t index = next8() % 3, first = next_number(), length = next_number(), room = length > BUFFER / 4 ? 0 : length;
  uint32_t misaligned = next8() % 16 == 0 ? 1 + next8() % 3 : 0;
  uint8_t *memory, *bytes = exact(4 * room, misaligned, &memory);
  if (m->handle != 0 && h.owner == m && h.phase == DONE && index < m->model->needs.output_count) {
    struct nfr_tensor_view view = view_of(m, true, index);
    bool fits = is_inside(first, length, view.bytes / nfr_type_bytes(view.type));
    expected = view.type == NFR_TYPE_INT64 ? NFR_ERR_UNSUPPORTED : fits && misaligned == 0 ? NFR_OK : NFR_ERR_ARGUMENT;
  }
  expect(nfr_native_read_output_float(h.native, handle, index, (float *)(void *)bytes, first, length), expected);
  free(memory);
}

static void call_abort(void) {
  struct mirror *m = next_mirror();
  expect(nfr_native_abort(h.native, handle_of(m)), m->handle ? NFR_OK : NFR_ERR_ARGUMENT);
  if (m->handle == 0 || h.owner != m) return;
  if (h.phase == TESTING) ok(nfr_engine_reset(&m->engine));
  leave();
}

static void call_reset(void) {
  struct mirror *m = next_mirror();
  bool is_running = runs() && h.owner == m;
  expect(nfr_native_reset(h.native, handle_of(m)), m->handle != 0 && !is_running ? NFR_OK : NFR_ERR_ARGUMENT);
  if (m->handle != 0 && !is_running) ok(nfr_engine_reset(&m->engine));
}

static void call_ask(void) {
  struct mirror *m = next_mirror();
  int handle = handle_of(m), is_output = (int)(next8() % 3);
  uint32_t index = next8() % 10, capacity = next8() % 80;
  struct nfr_native_info info;
  struct nfr_native_tensor tensor;
  struct nfr_result result;
  expect(nfr_native_info(h.native, handle, &info), m->handle ? NFR_OK : NFR_ERR_ARGUMENT);
  bool is_there = m->handle != 0 && is_output < 2 && index < (is_output ? m->model->needs.output_count : m->model->needs.input_count);
  expect(nfr_native_tensor(h.native, handle, is_output, index, &tensor), is_there ? NFR_OK : NFR_ERR_ARGUMENT);
  if (is_there && tensor.bytes != view_of(m, is_output, index).bytes) world_fail("tensor", (int)tensor.bytes, 0);
  if (m->handle != 0 && (info.arena_bytes != m->model->needs.arena_bytes || info.op_count != m->model->needs.op_count))
    world_fail("info", (int)info.arena_bytes, (int)info.op_count);
  expect(nfr_native_result(h.native, handle, &result), NFR_ERR_ARGUMENT); /* no capsule here declares one */
  char *text = malloc(capacity + 1);
  expect(nfr_native_label(h.native, handle, index, text, capacity), NFR_ERR_ARGUMENT);
  free(text);
  expect(nfr_native_feed(h.native, handle, index, (const uint8_t *)&tensor, next_number()), NFR_ERR_ARGUMENT);
}

/* Golden vectors of the model, sometimes with a byte changed. The peer's state ends as after opening. */
static void call_self_test(void) {
  if (next8() % 4 != 0) return;
  struct mirror *m = next_mirror();
  int handle = handle_of(m);
  const struct world_model *model = m->handle != 0 ? m->model : world_model(0);
  uint8_t *vectors = world_allocate(model->vectors_bytes + 1);
  uint32_t change = next8() % 8 == 0 ? next_number() : UINT32_MAX, steps = next8();
  memcpy(vectors, model->vectors, model->vectors_bytes);
  bool is_changed = change < model->vectors_bytes;
  if (is_changed) vectors[change] ^= (uint8_t)(1 + next8() % 255);
  int err = nfr_native_self_test_begin(h.native, handle, vectors, model->vectors_bytes), busy = NFR_OK;
  if (m->handle == 0) busy = NFR_ERR_ARGUMENT;
  else if (runs()) busy = h.owner == m ? NFR_ERR_ARGUMENT : NFR_ERR_BUSY;
  if (!is_changed) expect(err, busy);
  if (busy && err == NFR_OK) world_fail("a self-test began", err, busy);
  if (err == NFR_OK) {
    ok(claim(m));
    h.phase = TESTING;
    ok(nfr_engine_reset(&m->engine));
    struct nfr_native_report answer;
    err = NFR_NATIVE_MORE;
    for (uint32_t i = 0; i < 40 * steps && err == NFR_NATIVE_MORE; i++)
      err = nfr_native_self_test_step(h.native, handle, i % 3 * 100, &answer);
    if (err != NFR_NATIVE_MORE && !(is_changed && err == NFR_ERR_SELF_TEST)) expect(err, NFR_OK);
    count.tests += err == NFR_OK;
    /* Vectors are freed below: a test that has not ended is given up. */
    if (err == NFR_NATIVE_MORE) expect(nfr_native_abort(h.native, handle), NFR_OK);
    leave();
  }
  free(vectors);
}

static void call_board(void) {
  struct nfr_native_board board = {.target = "host", .stack_bytes = UINT32_MAX, .managed_heap_bytes = UINT32_MAX, .capabilities = 0x7f};
  board.max_slice = next8() % 4 == 0 ? 1 + next_number() : 0;
  if (next8() % 16 == 0) memset(board.target, 'x', sizeof board.target);
  bool is_good = board.target[0] == 'h';
  expect(nfr_native_set_board(h.native, &board), is_good ? NFR_OK : NFR_ERR_ARGUMENT);
  if (is_good) h.max_slice = board.max_slice;
}

/* ---- a history ---- */

static void begin_history(void) {
  uint32_t how = next8();
  h.arena_bytes = 2048 + how / 2 % 4 * 700;
  h.pool_bytes = 256 + how / 8 % 4 * 300;
  h.arena = malloc(h.arena_bytes);
  h.pool = malloc(h.pool_bytes);
  h.max_slice = 0;
  leave();
  h.native = world_context((how & 1) != 0, h.arena, h.arena_bytes, h.pool, h.pool_bytes);
}

static void end_history(void) {
  for (unsigned i = 0; i < SLOTS; i++) {
    if (h.mirrors[i].handle) expect(nfr_native_close(h.native, h.mirrors[i].handle), NFR_OK);
    forget(&h.mirrors[i]);
  }
  free(h.native);
  free(h.arena);
  free(h.pool);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static void (*const calls[])(void) = {call_open,  call_write,      call_begin, call_step,  call_read, call_write_float, call_read_float,
                                        call_abort, call_self_test,  call_reset, call_close, call_ask,  call_board,       call_fill,
                                        call_fill_and_begin, call_fill_and_begin, call_step, call_step, call_read};
  h.at = data;
  h.end = data + size;
  count.histories++;
  begin_history();
  for (unsigned i = 0; i < MAX_CALLS && h.at < h.end; i++) calls[next8() % (sizeof calls / sizeof calls[0])]();
  end_history();
  return 0;
}
