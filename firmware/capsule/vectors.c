/* Golden vectors: rules G01 to G08 of SPEC.md §8. */
#include "bytes.h"
#include "nfr_capsule.h"
#include "rule.h"

#define VECTORS_MAGIC 0x5652464eu /* "NFRV" */
#define VECTORS_MAJOR 1u
#define HEADER_BYTES 24u
#define MAX_CASES 64u
#define CASE_RESET 1u

/* The case's flags are known, and what pads its input and output is zero. */
static bool case_is_clean(const struct nfr_vectors *vectors, const uint8_t *at) {
  const uint8_t *input = at + 4, *output = input + nfr_pad4(vectors->input_bytes);
  return (nfr_le32(at) & ~CASE_RESET) == 0 &&
         nfr_is_zero(input + vectors->input_bytes, nfr_pad4(vectors->input_bytes) - vectors->input_bytes) &&
         nfr_is_zero(output + vectors->output_bytes, nfr_pad4(vectors->output_bytes) - vectors->output_bytes);
}

int nfr_vectors_parse(const void *data, size_t count, struct nfr_vectors *vectors) {
  if (data == NULL || vectors == NULL) return NFR_ERR_ARGUMENT;
  const uint8_t *bytes = data;
  if (!NFR_RULE(G01, count >= HEADER_BYTES && count <= NFR_SECTION_MAX_BYTES)) return NFR_ERR_CORRUPT;
  if (!NFR_RULE(G02, nfr_le32(bytes) == VECTORS_MAGIC)) return NFR_ERR_CORRUPT;
  if (!NFR_RULE(G03, bytes[4] == VECTORS_MAJOR)) return NFR_ERR_VERSION;
  if (!NFR_RULE(G04, nfr_le32(bytes + 8) == count && nfr_is_zero(bytes + 22, 2))) return NFR_ERR_CORRUPT;
  uint32_t cases = nfr_le16(bytes + 6), input = nfr_le32(bytes + 12), output = nfr_le32(bytes + 16), ops = nfr_le16(bytes + 20);
  if (!NFR_RULE(G05, cases >= 1 && cases <= MAX_CASES)) return NFR_ERR_CORRUPT;
  if (!NFR_RULE(G06, input >= 1 && input <= count && output >= 1 && output <= count)) return NFR_ERR_CORRUPT;
  uint64_t case_bytes = 4 + (uint64_t)nfr_pad4(input) + nfr_pad4(output) + 4 * (uint64_t)ops;
  if (!NFR_RULE(G07, HEADER_BYTES + cases * case_bytes == count)) return NFR_ERR_CORRUPT;
  *vectors = (struct nfr_vectors){
      .cases = bytes + HEADER_BYTES,
      .case_bytes = (uint32_t)case_bytes,
      .input_bytes = input,
      .output_bytes = output,
      .case_count = (uint16_t)cases,
      .op_count = (uint16_t)ops,
  };
  for (uint32_t i = 0; i < cases; i++) {
    if (!NFR_RULE(G08, case_is_clean(vectors, vectors->cases + (size_t)i * vectors->case_bytes))) return NFR_ERR_CORRUPT;
  }
  return NFR_OK;
}

struct nfr_vector_case nfr_vectors_case(const struct nfr_vectors *vectors, unsigned index) {
  const uint8_t *at = vectors->cases + (size_t)index * vectors->case_bytes;
  const uint8_t *output = at + 4 + nfr_pad4(vectors->input_bytes);
  return (struct nfr_vector_case){
      .reset = (nfr_le32(at) & CASE_RESET) != 0,
      .input = at + 4,
      .output = output,
      .crcs = output + nfr_pad4(vectors->output_bytes),
  };
}

uint32_t nfr_vector_crc(const struct nfr_vector_case *vector, unsigned op) {
  return nfr_le32(vector->crcs + 4 * (size_t)op);
}
