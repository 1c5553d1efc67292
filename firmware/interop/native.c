/* The context: memory, board, keys, and what a manifest says. */
#include <string.h>

#include "engine/ops/op.h"
#include "engine/plan.h"
#include "native.h"

/* Managed code reads them by place, as bytes and 32-bit words (runtime/NfRuntime.Native). */
static_assert(sizeof(struct nfr_native_summary) == 412, "CapsuleSummary.ByteCount");
static_assert(sizeof(struct nfr_native_info) == 4 * 8, "InfoWords");
static_assert(sizeof(struct nfr_native_tensor) == 4 * 13, "TensorWords");
static_assert(sizeof(struct nfr_native_report) == 4 * 4, "a self-test's report");
static_assert(sizeof(struct nfr_result) == 4 * 27, "ResultWords");

int nfr_native_size(void) {
  return (int)((sizeof(struct nfr_native) + 15u) & ~(size_t)15u);
}

/* The 16-byte aligned part of a caller's memory. */
static uint8_t *align(void *memory, uint32_t *bytes) {
  uint32_t lost = (uint32_t)(-(uintptr_t)memory & 15u);
  *bytes = *bytes < lost ? 0 : (*bytes - lost) & ~15u;
  return (uint8_t *)memory + lost;
}

int nfr_native_init_with(struct nfr_native *context, uint32_t context_bytes, void *arena, uint32_t arena_bytes, void *pool,
                         uint32_t pool_bytes, const uint8_t *root_key, const struct nfr_crypto *crypto) {
  if (context == NULL || arena == NULL || crypto == NULL || (pool == NULL && pool_bytes != 0)) return NFR_ERR_ARGUMENT;
  if (((uintptr_t)context & 7u) != 0) return NFR_ERR_ARGUMENT;
  if (context_bytes < sizeof *context) return NFR_ERR_NO_MEMORY;
  memset(context, 0, sizeof *context);
  context->crypto = crypto;
  context->arena = align(arena, &arena_bytes);
  context->arena_bytes = arena_bytes;
  context->pool = pool == NULL ? NULL : align(pool, &pool_bytes);
  context->pool_bytes = pool_bytes;
  if (root_key != NULL) {
    memcpy(context->root_key, root_key, sizeof context->root_key);
    context->has_root_key = 1;
  }
  context->board = (struct nfr_native_board){.target = "host",
                                             .stack_bytes = UINT32_MAX,
                                             .managed_heap_bytes = UINT32_MAX,
                                             .capabilities = (1u << NFR_CAPABILITY_COUNT) - 1u};
  context->magic = NFR_NATIVE_MAGIC;
  return NFR_OK;
}

struct nfr_native_capsule *nfr_native_find(struct nfr_native *context, int handle) {
  if (!nfr_native_is_ready(context) || handle <= 0) return NULL;
  struct nfr_native_capsule *capsule = &context->capsules[(uint32_t)handle % NFR_NATIVE_MAX_CAPSULES];
  return capsule->handle == (uint32_t)handle ? capsule : NULL;
}

static size_t terminated_length(const char *text, size_t capacity) {
  size_t length = 0;
  while (length < capacity && text[length] != 0) length++;
  return length;
}

int nfr_native_set_board(struct nfr_native *context, const struct nfr_native_board *board) {
  if (!nfr_native_is_ready(context) || !nfr_native_is_words(board)) return NFR_ERR_ARGUMENT;
  if (terminated_length(board->target, sizeof board->target) == sizeof board->target) return NFR_ERR_ARGUMENT;
  context->board = *board;
  return NFR_OK;
}

int nfr_native_set_key_list(struct nfr_native *context, const uint8_t *bytes, uint32_t count, uint32_t version_floor) {
  if (!nfr_native_is_ready(context) || bytes == NULL) return NFR_ERR_ARGUMENT;
  if (!context->has_root_key) return NFR_ERR_SIGNATURE;
  uint32_t floor = context->has_keys && context->keys.version > version_floor ? context->keys.version : version_floor;
  struct nfr_key_list list;
  int err = nfr_key_list_verify(context->crypto, context->root_key, bytes, count, floor, &list);
  if (err) return err;
  context->keys = list;
  context->has_keys = 1;
  return NFR_OK;
}

int nfr_native_read_manifest(const struct nfr_native *context, const uint8_t *bytes, uint32_t count,
                             struct nfr_manifest *manifest) {
  if (!nfr_native_is_ready(context) || bytes == NULL) return NFR_ERR_ARGUMENT;
  if (!context->has_keys) return NFR_ERR_SIGNATURE;
  return nfr_manifest_verify(context->crypto, &context->keys, bytes, count, manifest);
}

static bool overlaps(const struct nfr_native_capsule *capsule, uint32_t offset, uint32_t bytes) {
  return capsule->handle != 0 && offset < capsule->state_offset + capsule->state_bytes && capsule->state_offset < offset + bytes;
}

/* Bytes from `offset` to the next capsule's state or the pool's end; 0 inside a state. */
static uint32_t gap_at(const struct nfr_native *context, uint32_t offset) {
  uint32_t gap = context->pool_bytes - offset;
  for (unsigned i = 0; i < NFR_NATIVE_MAX_CAPSULES; i++) {
    const struct nfr_native_capsule *capsule = &context->capsules[i];
    if (capsule->handle == 0 || capsule->state_bytes == 0) continue;
    if (overlaps(capsule, offset, 1)) return 0;
    if (capsule->state_offset >= offset && capsule->state_offset - offset < gap) gap = capsule->state_offset - offset;
  }
  return gap;
}

/* A gap begins at the pool's start or behind a state: `i` counts them. False: no such place. */
static bool gap_number(const struct nfr_native *context, unsigned i, uint32_t *offset, uint32_t *gap) {
  const struct nfr_native_capsule *before = i == 0 ? NULL : &context->capsules[i - 1];
  if (before != NULL && before->handle == 0) return false;
  *offset = before == NULL ? 0 : before->state_offset + before->state_bytes;
  *gap = gap_at(context, *offset);
  return true;
}

int nfr_native_find_state(const struct nfr_native *context, uint32_t bytes, uint32_t *offset) {
  bool found = false;
  *offset = 0;
  if (bytes == 0) return NFR_OK;
  for (unsigned i = 0; i <= NFR_NATIVE_MAX_CAPSULES; i++) {
    uint32_t at, gap;
    if (!gap_number(context, i, &at, &gap) || gap < bytes) continue;
    if (!found || at < *offset) *offset = at;
    found = true;
  }
  return found ? NFR_OK : NFR_ERR_NO_MEMORY;
}

void nfr_native_free_board(const struct nfr_native *context, struct nfr_board *board) {
  const struct nfr_native_board *given = &context->board;
  *board = (struct nfr_board){
      .target = {given->target, (uint16_t)terminated_length(given->target, sizeof given->target)},
      .arena_free = context->arena_bytes,
      .stack_free = given->stack_bytes,
      .managed_heap_free = given->managed_heap_bytes,
      .layouts = NFR_KNOWN_LAYOUTS,
      .capabilities = given->capabilities,
      .abi_major = NFR_ENGINE_ABI_MAJOR,
      .abi_minor = NFR_ENGINE_ABI_MINOR,
      .plan_major = NFR_PLAN_MAJOR,
  };
  for (unsigned i = 0; i <= NFR_NATIVE_MAX_CAPSULES; i++) {
    uint32_t at, gap;
    if (gap_number(context, i, &at, &gap) && gap > board->state_free) board->state_free = gap;
  }
  for (unsigned kind = 0; kind < 128; kind++) {
    if (nfr_op_type_of((uint8_t)kind) != NULL) board->operators[kind / 8] |= (uint8_t)(1u << kind % 8);
  }
}

void nfr_native_facts(const struct nfr_native *context, struct nfr_native_facts *facts) {
  struct nfr_board board;
  nfr_native_free_board(context, &board);
  *facts = (struct nfr_native_facts){
      .abi = (uint32_t)board.abi_major << 16 | board.abi_minor,
      .plan = (uint32_t)board.plan_major << 16 | NFR_PLAN_MINOR,
      .layouts = board.layouts,
      .capabilities = board.capabilities,
  };
  memcpy(facts->operators, board.operators, sizeof facts->operators);
}

/* The target has room: the longest text of a manifest and a terminator; the rest was cleared. */
static void copy_text(char *target, struct nfr_text text) {
  memcpy(target, text.bytes, text.length);
}

static void summarize(const struct nfr_manifest *manifest, struct nfr_native_summary *summary) {
  copy_text(summary->name, manifest->name);
  copy_text(summary->version, manifest->version);
  copy_text(summary->target, manifest->target);
  if (manifest->processor.length != 0) copy_text(summary->processor, manifest->processor);
  memcpy(summary->key_id, manifest->key_id, sizeof summary->key_id);
  memcpy(summary->operators, manifest->operators, sizeof summary->operators);
  summary->security_counter = manifest->security_counter;
  summary->abi = (uint32_t)manifest->abi_major << 16 | manifest->abi_minor;
  summary->plan = (uint32_t)manifest->plan_major << 16 | manifest->plan_minor;
  summary->layouts = manifest->layouts;
  summary->capabilities = manifest->capabilities;
  summary->state = manifest->needs.state;
  summary->arena = manifest->needs.arena;
  summary->input_copies = manifest->needs.input_copies;
  summary->stack = manifest->needs.stack;
  summary->deadline_ms = manifest->needs.deadline_ms;
  summary->managed_heap = manifest->needs.managed_heap;
  for (unsigned kind = 0; kind < 6; kind++) summary->section_bytes[kind] = manifest->sections[kind].size;
  summary->pre_count = manifest->pre_count;
  summary->has_post = manifest->post != NULL;
}

int nfr_native_describe(struct nfr_native *context, const uint8_t *manifest, uint32_t count, bool is_alone,
                        struct nfr_native_summary *summary, struct nfr_manifest *parsed) {
  if (!nfr_native_is_words(summary)) return NFR_ERR_ARGUMENT;
  memset(summary, 0, sizeof *summary);
  summary->error = nfr_native_read_manifest(context, manifest, count, parsed);
  if (summary->error) return summary->error;
  struct nfr_board board;
  struct nfr_deficit deficit;
  summarize(parsed, summary);
  nfr_native_free_board(context, &board);
  if (is_alone) board.state_free = context->pool_bytes;
  summary->fits = nfr_fits(parsed, &board, &deficit);
  if (summary->fits) nfr_deficit_text(&deficit, summary->deficit, sizeof summary->deficit);
  return NFR_OK;
}

int nfr_native_verify(struct nfr_native *context, const uint8_t *manifest, uint32_t count, struct nfr_native_summary *summary) {
  struct nfr_manifest parsed;
  return nfr_native_describe(context, manifest, count, false, summary, &parsed);
}

int nfr_native_check_section(struct nfr_native *context, const uint8_t *manifest, uint32_t manifest_bytes, uint32_t kind,
                             const uint8_t *section, uint32_t section_bytes) {
  struct nfr_manifest parsed;
  if (kind < NFR_SECTION_MODEL || kind > NFR_SECTION_LABELS) return NFR_ERR_ARGUMENT;
  int err = nfr_native_read_manifest(context, manifest, manifest_bytes, &parsed);
  return err ? err : nfr_section_verify(context->crypto, &parsed.sections[kind], section, section_bytes);
}
