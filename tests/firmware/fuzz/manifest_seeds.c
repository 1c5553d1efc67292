/* Writes the seed corpus of manifest_fuzz: manifest_seeds <folder>. The files follow from this source alone. */
#include <stdio.h>
#include <string.h>

#include "builder.h"
#include "manifest_fuzz.h"
#include "native_model.h"

static uint8_t input[1 + 8192], *const blob = input + 1;
static struct sample sample;
static struct model model;

static int write(const char *folder, const char *name, enum fuzz_kind kind, size_t count) {
  char path[512];
  input[0] = (uint8_t)kind;
  snprintf(path, sizeof path, "%s/%s.bin", folder, name);
  FILE *file = fopen(path, "wb");
  if (file != NULL && fwrite(input, 1, count + 1, file) == count + 1 && fclose(file) == 0) return 0;
  fprintf(stderr, "manifest_seeds: %s cannot be written\n", path);
  return 1;
}

static int write_sample(const char *folder, const char *name) {
  struct test_key publisher = toy_key(2);
  return write(folder, name, FUZZ_MANIFEST, sample_write(&sample, &publisher, blob));
}

/* A small one whose model is the one that capsules are opened with, and which fits. */
static void runnable(void) {
  sample_small(&sample);
  uint8_t *needs = sample_find(&sample, 0x8006, 0)->value;
  for (unsigned i = 0; i < 6; i++) put32(needs + 4 * i, 512);
  memset(sample_find(&sample, 0x8007, 0)->value, 0, 16);
  sample_set_section(&sample, NFR_SECTION_MODEL, model.bytes, model.count);
}

static uint8_t *add_pre(unsigned source, unsigned channels, uint32_t window, uint32_t hop) {
  uint8_t *pre = sample_append(&sample, 0x8020, 12 + 16 * channels)->value;
  pre[1] = (uint8_t)source, pre[2] = (uint8_t)channels;
  put32(pre + 4, window);
  put32(pre + 8, hop);
  for (unsigned i = 0; i < channels; i++) {
    if (source == 3) putf32(pre + 12 + 16 * i, 0.25f);
    else put32(pre + 12 + 16 * i, 3), pre[16 + 16 * i] = 4;
  }
  return pre;
}

static void add_post(unsigned flags) {
  uint8_t *post = sample_append(&sample, 0x8021, 20)->value;
  post[1] = 3, post[2] = (uint8_t)flags;
  if (flags & 1) put32(post + 8, 5);
  if (flags & 2) post[3] = 2, post[4] = 3;
  putf32(post + 12, 0.5f);
}

static int write_manifests(const char *folder) {
  int err = 0;
  sample_small(&sample);
  err |= write_sample(folder, "manifest-small");
  sample_full(&sample);
  err |= write_sample(folder, "manifest-full");
  for (unsigned source = 0; source < 4; source++) {
    char name[40];
    runnable();
    add_pre(source, 1 + source, source % 2 ? 8 : 0, source % 2 ? 3 : 0);
    add_post(source % 2 ? 3 : 0);
    snprintf(name, sizeof name, "manifest-runs-source-%u", source);
    err |= write_sample(folder, name);
  }
  runnable();
  sample_append(&sample, 0x8010, 40)->value[0] = NFR_SECTION_LABELS;
  sample_set_section(&sample, NFR_SECTION_LABELS, FUZZ_LABELS, sizeof FUZZ_LABELS - 1);
  add_post(7);
  err |= write_sample(folder, "manifest-runs-labels");
  sample_insert(&sample, 0, 0x0001, 7);
  return err | write_sample(folder, "manifest-unknown-type");
}

static int write_lists(const char *folder) {
  struct test_key root = toy_key(1);
  struct list_sample list = {.version = 3};
  int err = write(folder, "keys", FUZZ_KEY_LIST, fuzz_write_keys(blob));
  return err | write(folder, "keys-none", FUZZ_KEY_LIST, list_write(&list, &root, blob));
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  fuzz_write_model(&model);
  if (write_manifests(argv[1]) || write_lists(argv[1])) return 1;
  if (write(argv[1], "vectors", FUZZ_VECTORS, vectors_write(&model, 3, blob))) return 1;
  memcpy(blob, FUZZ_LABELS, sizeof FUZZ_LABELS - 1);
  return write(argv[1], "labels", FUZZ_TEXT, sizeof FUZZ_LABELS - 1);
}
