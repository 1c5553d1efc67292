#include "vectors.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define FOLDER "tests/vectors/plan"

/* A whole file, aligned; a zero byte follows it when it is text. */
static void *read_file(const char *path, bool is_text, size_t *bytes) {
  FILE *file = fopen(path, "rb");
  assert_non_null(file);
  assert_int_equal(fseek(file, 0, SEEK_END), 0);
  *bytes = (size_t)ftell(file);
  rewind(file);
  void *data = NULL;
  assert_int_equal(posix_memalign(&data, 16, *bytes + is_text), 0);
  assert_int_equal(fread(data, 1, *bytes, file), *bytes);
  if (is_text) ((char *)data)[*bytes] = 0;
  fclose(file);
  return data;
}

/* The bytes of the next `"key": "hex"`; null when there is none. *text moves behind it. */
static uint8_t *next_hex(char **text, const char *key, size_t *bytes) {
  char *at = strstr(*text, key);
  if (at == NULL) return NULL;
  at = strchr(at + strlen(key) + 1, '"') + 1;
  *bytes = strcspn(at, "\"") / 2;
  uint8_t *data = malloc(*bytes);
  assert_non_null(data);
  for (size_t i = 0; i < *bytes; i++) {
    unsigned value;
    assert_int_equal(sscanf(at + 2 * i, "%2x", &value), 1);
    data[i] = (uint8_t)value;
  }
  *text = at;
  return data;
}

static void read_vector(struct plan_vector *vector) {
  char path[256];
  size_t text_bytes;
  snprintf(path, sizeof path, FOLDER "/%s.bin", vector->name);
  vector->plan = read_file(path, false, &vector->plan_bytes);
  snprintf(path, sizeof path, FOLDER "/%s.json", vector->name);
  char *text = read_file(path, true, &text_bytes), *at = text;
  for (unsigned i = 0; i < VECTOR_CASES; i++) {
    vector->inputs[i] = next_hex(&at, "\"input_hex\"", &vector->input_bytes[i]);
    if (vector->inputs[i] == NULL) break;
    vector->outputs[i] = next_hex(&at, "\"output_hex\"", &vector->output_bytes[i]);
    assert_non_null(vector->outputs[i]);
    vector->case_count++;
  }
  assert_true(vector->case_count > 0);
  free(text);
}

static void free_vector(struct plan_vector *vector) {
  free(vector->plan);
  for (unsigned i = 0; i < vector->case_count; i++) {
    free(vector->inputs[i]);
    free(vector->outputs[i]);
  }
}

void with_vector(const char *name, void (*visit)(const struct plan_vector *vector, void *context), void *context) {
  struct plan_vector vector = {0};
  snprintf(vector.name, sizeof vector.name, "%s", name);
  read_vector(&vector);
  visit(&vector, context);
  free_vector(&vector);
}

unsigned for_each_vector(void (*visit)(const struct plan_vector *vector, void *context), void *context) {
  char name[sizeof((struct plan_vector *)NULL)->name];
  unsigned count = 0;
  DIR *folder = opendir(FOLDER);
  assert_non_null(folder);
  for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
    size_t length = strcspn(entry->d_name, ".");
    if (strcmp(entry->d_name + length, ".json") != 0 || length >= sizeof name) continue;
    memcpy(name, entry->d_name, length);
    name[length] = 0;
    with_vector(name, visit, context);
    count++;
  }
  closedir(folder);
  return count;
}
