/* Where the tensors of a loaded plan are. */
#include "bind.h"

static int io_view(const struct nfr_engine *engine, unsigned index, struct nfr_tensor_view *view) {
  const struct nfr_plan_io *io = &nfr_plan_ios(engine->plan)[index];
  struct nfr_operand tensor;
  nfr_bind_tensor(engine, io->tensor, &tensor);
  *view = (struct nfr_tensor_view){.data = tensor.data, .bytes = tensor.bytes, .io = io, .type = tensor.type};
  return NFR_OK;
}

int nfr_engine_input(const struct nfr_engine *engine, unsigned index, struct nfr_tensor_view *view) {
  if (engine == NULL || view == NULL || !engine->loaded) return NFR_ERR_ARGUMENT;
  if (index >= nfr_plan_header_of(engine->plan)->input_count) return NFR_ERR_ARGUMENT;
  return io_view(engine, index, view);
}

int nfr_engine_output(const struct nfr_engine *engine, unsigned index, struct nfr_tensor_view *view) {
  if (engine == NULL || view == NULL || !engine->loaded) return NFR_ERR_ARGUMENT;
  const struct nfr_plan_header *header = nfr_plan_header_of(engine->plan);
  if (index >= header->output_count) return NFR_ERR_ARGUMENT;
  return io_view(engine, header->input_count + index, view);
}

int nfr_engine_op_output(const struct nfr_engine *engine, unsigned op, const void **data, uint32_t *bytes,
                         uint16_t *source_op) {
  if (engine == NULL || data == NULL || bytes == NULL || source_op == NULL || !engine->loaded) return NFR_ERR_ARGUMENT;
  const struct nfr_plan_header *header = nfr_plan_header_of(engine->plan);
  if (op >= header->op_count) return NFR_ERR_ARGUMENT;
  uint32_t offset = header->ops_offset;
  for (unsigned i = 0; i < op; i++) offset += nfr_plan_op_at(engine->plan, offset)->bytes;
  const struct nfr_plan_op *record = nfr_plan_op_at(engine->plan, offset);
  struct nfr_operand out;
  nfr_bind_tensor(engine, record->out, &out);
  *data = out.data;
  bool is_gone = nfr_op_type_of(record->kind)->control != NULL || engine->tensors[record->out].rows != 0;
  *bytes = is_gone ? 0 : out.bytes;
  *source_op = record->source_op;
  return NFR_OK;
}
