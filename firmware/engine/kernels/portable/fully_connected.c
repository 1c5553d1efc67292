/* FULLY_CONNECTED: a unit is nfr_fc_plain_unit outputs of a batch. */
#include "../dot.h"
#include "../fc_groups.h"
#include "../kernels.h"
#include "../requant.h"

void nfr_kernel_fully_connected(const struct nfr_op *op, uint32_t first, uint32_t count) {
  const struct nfr_plan_fully_connected *p = op->params;
  const struct nfr_requant requant = nfr_requant_of(op, &p->q);
  const int8_t *weights = nfr_constant(op, p->weights);
  const uint8_t *x = op->in[0].data; /* int8, which lies anywhere, or int16 */
  bool wide = nfr_is_wide(&op->in[0]);
  uint32_t per = nfr_fc_plain_unit(p->depth, !wide), units = (p->units + per - 1u) / per;
  uint32_t batch = first / units, unit = first % units * per, in = batch * p->depth, out = batch * p->units + unit;
  for (; count > 0; in += p->depth, unit = 0) {
    uint32_t n = nfr_min(count, units - unit / per), last = nfr_min(p->units, unit + n * per);
    count -= n;
    for (; !wide && last - unit >= 4; unit += 4) {
      uint32_t acc[4] = {0};
      nfr_dot8_by_4((const int8_t *)x + in, weights + unit * p->depth, p->depth, p->depth, p->q.input_offset, acc);
      nfr_requant_row8(&requant, acc, 4, unit, (int8_t *)op->out.data + out);
      out += 4;
    }
    for (; unit < last; unit++) {
      const int8_t *row = weights + unit * p->depth;
      uint64_t acc = wide ? nfr_dot16((const int16_t *)(const void *)x + in, row, p->depth, p->q.input_offset)
                          : nfr_dot8((const int8_t *)x + in, row, p->depth, p->q.input_offset);
      nfr_store(op->out.data, out++, nfr_requant(&requant, acc, unit), wide);
    }
  }
}
