/* The plan's header: rules V01 to V12 of SPEC.md §5. */
#include "ops/op.h"
#include "plan.h"

#include "rule.h"

static bool is_aligned(uint32_t value, uint32_t alignment) {
  return (value & (alignment - 1u)) == 0;
}

/* Sections follow each other, aligned and inside the blob; the two tables hold what the counts say. */
static bool sections_fit(const struct nfr_plan_header *h) {
  uint64_t tensors_end = (uint64_t)h->tensors_offset + (uint64_t)h->tensor_count * sizeof(struct nfr_plan_tensor);
  uint64_t io_end = (uint64_t)h->io_offset + (uint64_t)(h->input_count + h->output_count) * sizeof(struct nfr_plan_io);
  uint64_t ops_end = (uint64_t)h->ops_offset + h->ops_bytes;
  uint64_t const_end = (uint64_t)h->const_offset + h->const_bytes;
  return h->tensors_offset >= sizeof *h && h->io_offset >= tensors_end && h->ops_offset >= io_end &&
         h->const_offset >= ops_end && h->total_bytes >= const_end && is_aligned(h->tensors_offset, 4) &&
         is_aligned(h->io_offset, 4) && is_aligned(h->ops_offset, 4) && is_aligned(h->const_offset, NFR_PLAN_ALIGN);
}

static bool counts_within_caps(const struct nfr_plan_header *h) {
  return h->tensor_count >= 1 && h->tensor_count <= NFR_PLAN_MAX_TENSORS && h->op_count >= 1 &&
         h->op_count <= NFR_PLAN_MAX_OPS && h->input_count >= 1 && h->input_count <= NFR_PLAN_MAX_IO &&
         h->output_count >= 1 && h->output_count <= NFR_PLAN_MAX_IO;
}

int nfr_plan_check_header(const void *plan, size_t plan_bytes) {
  if (!NFR_RULE(V01, plan != NULL && ((uintptr_t)plan & (NFR_PLAN_ALIGN - 1u)) == 0)) return NFR_ERR_ARGUMENT;
  if (!NFR_RULE(V02, plan_bytes >= sizeof(struct nfr_plan_header))) return NFR_ERR_CORRUPT;
  const struct nfr_plan_header *h = plan;
  if (!NFR_RULE(V03, h->magic == NFR_PLAN_MAGIC)) return NFR_ERR_CORRUPT;
  if (!NFR_RULE(V04, h->major == NFR_PLAN_MAJOR)) return NFR_ERR_VERSION;
  if (!NFR_RULE(V05, h->header_bytes == sizeof *h)) return NFR_ERR_CORRUPT;
  if (!NFR_RULE(V06, h->total_bytes == plan_bytes && is_aligned(h->total_bytes, NFR_PLAN_ALIGN))) return NFR_ERR_CORRUPT;
  uint32_t features = nfr_op_type_of(NFR_KIND_CHAIN) != NULL ? NFR_FEATURE_CHAINS : 0; /* those that are built in */
  if (!NFR_RULE(V07, (h->features & ~features) == 0)) return NFR_ERR_UNSUPPORTED;
  if (!NFR_RULE(V08, (h->layouts & ~NFR_KNOWN_LAYOUTS) == 0)) return NFR_ERR_UNSUPPORTED;
  if (!NFR_RULE(V09, h->reserved0 == 0 && h->reserved1 == 0)) return NFR_ERR_CORRUPT;
  if (!NFR_RULE(V10, counts_within_caps(h))) return NFR_ERR_CORRUPT;
  if (!NFR_RULE(V11, sections_fit(h))) return NFR_ERR_CORRUPT;
  if (!NFR_RULE(V12, is_aligned(h->arena_bytes, NFR_PLAN_ALIGN) && is_aligned(h->state_bytes, NFR_PLAN_ALIGN)))
    return NFR_ERR_CORRUPT;
  return NFR_OK;
}

int nfr_plan_needs(const void *plan, size_t plan_bytes, struct nfr_plan_needs *needs) {
  if (needs == NULL) return NFR_ERR_ARGUMENT;
  int err = nfr_plan_check_header(plan, plan_bytes);
  if (err) return err;
  const struct nfr_plan_header *h = plan;
  *needs = (struct nfr_plan_needs){
      .state_bytes = h->state_bytes,
      .arena_bytes = h->arena_bytes,
      .layouts = h->layouts,
      .op_count = h->op_count,
      .tensor_count = h->tensor_count,
      .input_count = h->input_count,
      .output_count = h->output_count,
  };
  return NFR_OK;
}
