#include "capsule_support.h"

#include <string.h>

void capsule_sign(struct capsule *capsule) {
  struct test_key publisher = toy_key(2);
  capsule->manifest_bytes = sample_write(&capsule->sample, &publisher, capsule->manifest);
}

void capsule_add_section(struct capsule *capsule, unsigned kind, const void *bytes, size_t count) {
  sample_append(&capsule->sample, 0x8010, 40)->value[0] = (uint8_t)kind;
  sample_set_section(&capsule->sample, (enum nfr_section_kind)kind, bytes, count);
}

struct capsule *capsule_make(uint8_t seed) {
  static struct capsule capsule;
  struct capsule *c = &capsule;
  memset(c, 0, sizeof *c);
  model_write(&c->model, seed);
  c->vectors_bytes = vectors_write(&c->model, CAPSULE_CASES, c->vectors);
  sample_small(&c->sample);
  uint8_t *needs = sample_find(&c->sample, 0x8006, 0)->value;
  const uint32_t bytes[6] = {MODEL_STATE, MODEL_ARENA, 0, 512, 100, 0};
  for (unsigned i = 0; i < 6; i++) put32(needs + 4 * i, bytes[i]);
  uint8_t *operators = sample_find(&c->sample, 0x8007, 0)->value;
  memset(operators, 0, 16);
  operators[NFR_KIND_LUT / 8] |= (uint8_t)(1u << NFR_KIND_LUT % 8);
  operators[NFR_KIND_SVDF / 8] |= (uint8_t)(1u << NFR_KIND_SVDF % 8);
  sample_set_section(&c->sample, NFR_SECTION_MODEL, c->model.bytes, c->model.count);
  capsule_add_section(c, NFR_SECTION_VECTORS, c->vectors, c->vectors_bytes);
  capsule_add_section(c, NFR_SECTION_LABELS, CAPSULE_LABELS, sizeof CAPSULE_LABELS - 1);
  capsule_sign(c);
  return c;
}
