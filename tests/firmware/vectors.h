/* The plans of tests/vectors/plan and what they compute, read from the committed files. Tests run in the repository's root. */
#ifndef NFR_TEST_VECTORS_H
#define NFR_TEST_VECTORS_H

#include <stddef.h>
#include <stdint.h>

enum { VECTOR_CASES = 8 };

struct plan_vector {
  char name[64];
  uint8_t *plan; /* 16-byte aligned, exactly plan_bytes long */
  size_t plan_bytes;
  unsigned case_count; /* one after the other, state kept between them */
  uint8_t *inputs[VECTOR_CASES], *outputs[VECTOR_CASES];
  size_t input_bytes[VECTOR_CASES], output_bytes[VECTOR_CASES];
};

/* Calls visit for each vector, in any order; returns how many there are. A file that cannot be read fails the test. */
unsigned for_each_vector(void (*visit)(const struct plan_vector *vector, void *context), void *context);

/* The one of this name. */
void with_vector(const char *name, void (*visit)(const struct plan_vector *vector, void *context), void *context);

#endif
