/* Whether a board has what a manifest needs, and the sentence that says what is short. */
#include <string.h>

#include "nfr_capsule.h"

static unsigned lowest_bit(uint32_t bits) {
  unsigned bit = 0;
  while ((bits >> bit & 1u) == 0) bit++;
  return bit;
}

static bool texts_are_equal(struct nfr_text a, struct nfr_text b) {
  return a.length == b.length && memcmp(a.bytes, b.bytes, a.length) == 0;
}

static int lacks(struct nfr_deficit *deficit, enum nfr_need need, uint32_t needed, uint32_t available) {
  *deficit = (struct nfr_deficit){need, needed, available};
  return need >= NFR_NEED_STATE && need <= NFR_NEED_MANAGED_HEAP ? NFR_ERR_NO_MEMORY : NFR_ERR_UNSUPPORTED;
}

static int fits_features(const struct nfr_manifest *manifest, const struct nfr_board *board, struct nfr_deficit *deficit) {
  if (!texts_are_equal(manifest->target, board->target)) return lacks(deficit, NFR_NEED_TARGET, 0, 0);
  if (manifest->abi_major != board->abi_major || manifest->abi_minor > board->abi_minor)
    return lacks(deficit, NFR_NEED_ABI, (uint32_t)manifest->abi_major << 16 | manifest->abi_minor,
                 (uint32_t)board->abi_major << 16 | board->abi_minor);
  if (manifest->plan_major != board->plan_major)
    return lacks(deficit, NFR_NEED_PLAN, manifest->plan_major, board->plan_major);
  uint32_t layouts = manifest->layouts & ~board->layouts;
  if (layouts != 0) return lacks(deficit, NFR_NEED_LAYOUT, lowest_bit(layouts), 0);
  for (unsigned i = 0; i < 16; i++) {
    uint32_t operators = manifest->operators[i] & ~(uint32_t)board->operators[i];
    if (operators != 0) return lacks(deficit, NFR_NEED_OPERATOR, 8 * i + lowest_bit(operators), 0);
  }
  uint32_t capabilities = manifest->capabilities & ~board->capabilities;
  if (capabilities != 0) return lacks(deficit, NFR_NEED_CAPABILITY, lowest_bit(capabilities), 0);
  return NFR_OK;
}

static int fits_memory(const struct nfr_needs *needs, const struct nfr_board *board, struct nfr_deficit *deficit) {
  uint64_t kept = (uint64_t)needs->state + needs->input_copies;
  uint32_t state = kept > UINT32_MAX ? UINT32_MAX : (uint32_t)kept;
  if (kept > board->state_free) return lacks(deficit, NFR_NEED_STATE, state, board->state_free);
  if (needs->arena > board->arena_free) return lacks(deficit, NFR_NEED_ARENA, needs->arena, board->arena_free);
  if (needs->stack > board->stack_free) return lacks(deficit, NFR_NEED_STACK, needs->stack, board->stack_free);
  if (needs->managed_heap > board->managed_heap_free)
    return lacks(deficit, NFR_NEED_MANAGED_HEAP, needs->managed_heap, board->managed_heap_free);
  return NFR_OK;
}

int nfr_fits(const struct nfr_manifest *manifest, const struct nfr_board *board, struct nfr_deficit *deficit) {
  if (manifest == NULL || board == NULL || deficit == NULL) return NFR_ERR_ARGUMENT;
  *deficit = (struct nfr_deficit){NFR_NEED_NONE, 0, 0};
  int err = fits_features(manifest, board, deficit);
  return err ? err : fits_memory(&manifest->needs, board, deficit);
}

/* ---- the sentence ---- */

struct line { char *text; size_t capacity, length; };

static void put(struct line *line, char c) {
  if (line->length + 1 < line->capacity) line->text[line->length++] = c;
}

static void put_text(struct line *line, const char *text) {
  while (*text != 0) put(line, *text++);
}

/* In groups of three: 38,912. */
static void put_number(struct line *line, uint32_t number) {
  uint32_t divisor = 1000000000u;
  bool started = false;
  for (unsigned digits = 10; digits > 0; digits--, divisor /= 10) {
    uint32_t digit = number / divisor % 10;
    started = started || digit != 0 || digits == 1;
    if (started) put(line, (char)('0' + digit));
    if (started && digits > 1 && digits % 3 == 1) put(line, ',');
  }
}

static void put_version(struct line *line, uint32_t version) {
  put_number(line, version >> 16);
  put(line, '.');
  put_number(line, version & 0xffffu);
}

static const char *name_of(enum nfr_need need) {
  switch (need) {
    case NFR_NEED_NONE: return "everything fits";
    case NFR_NEED_TARGET: return "made for another target";
    case NFR_NEED_ABI: return "engine ABI ";
    case NFR_NEED_LAYOUT: return "layout ";
    case NFR_NEED_OPERATOR: return "operator ";
    case NFR_NEED_CAPABILITY: return "capability ";
    case NFR_NEED_STATE: return "state ";
    case NFR_NEED_ARENA: return "arena ";
    case NFR_NEED_STACK: return "stack ";
    case NFR_NEED_MANAGED_HEAP: return "managed heap ";
    case NFR_NEED_PLAN: return "plan version ";
  }
  return "";
}

size_t nfr_deficit_text(const struct nfr_deficit *deficit, char *text, size_t capacity) {
  if (capacity == 0) return 0;
  struct line line = {text, capacity, 0};
  void (*number)(struct line *, uint32_t) = deficit->need == NFR_NEED_ABI ? put_version : put_number;
  put_text(&line, name_of(deficit->need));
  if (deficit->need == NFR_NEED_LAYOUT || deficit->need == NFR_NEED_OPERATOR || deficit->need == NFR_NEED_CAPABILITY) {
    put_number(&line, deficit->needed);
    put_text(&line, " needed, not available");
  } else if (deficit->need > NFR_NEED_TARGET) {
    bool memory = deficit->need != NFR_NEED_ABI && deficit->need != NFR_NEED_PLAN;
    number(&line, deficit->needed);
    put_text(&line, " needed, ");
    number(&line, deficit->available);
    put_text(&line, memory ? " free" : " here");
  }
  text[line.length] = 0;
  return line.length;
}
