/* Rule V75: the output of a window operator overlaps its input only where no row of the input is needed any more.
 *
 * Rows ascend. When the rows from y on are computed together, `tile` of them (1 but for rows of one element's width), then
 * min(y + tile, out_h) rows of the output are written, and rows of the input before start(y) = clamp(y * stride - pad, 0,
 * in_h) are not read again. So the output must start by at least the largest
 *   lead(y) = min(y + tile, out_h) * out_row - start(y) * in_row
 * before the input. Descending rows are the same thing upside down: what was measured from the start is measured from the
 * end, and the padding above becomes that below, negative where the last window ends inside the input.
 *
 * lead rises while start is 0, is linear while start moves, and rises again when start has reached in_h; and from the first
 * row on from which all are written, it only falls. So the largest is at the last row with start 0, at the one after it, or
 * at the first row from which all are written. */
#include "op.h"
#include "rule.h"

static int32_t lead(const struct nfr_rows *rows, int32_t pad, uint32_t y, uint32_t in_row, uint32_t out_row) {
  uint32_t written = y + rows->tile < rows->out_h ? y + rows->tile : rows->out_h;
  int32_t start = (int32_t)(y * rows->stride) - pad;
  if (start < 0) start = 0;
  if (start > (int32_t)rows->in_h) start = (int32_t)rows->in_h;
  return (int32_t)(written * out_row) - start * (int32_t)in_row; /* both are within their operand: V40 */
}

/* Bytes by which the output must start before the input (ascending), or end behind it. */
static int32_t largest_lead(const struct nfr_rows *rows, uint32_t in_row, uint32_t out_row) {
  int32_t pad = rows->pad;
  if (rows->descending) pad = (int32_t)((rows->out_h - 1) * rows->stride) - pad + rows->reach - (int32_t)rows->in_h;
  uint32_t first = pad > 0 ? (uint32_t)pad / rows->stride : 0;
  if (first >= rows->out_h) first = rows->out_h - 1;
  uint32_t next = first + 1 < rows->out_h ? first + 1 : first;
  uint32_t last = rows->tile < rows->out_h ? rows->out_h - rows->tile : 0;
  int32_t a = lead(rows, pad, first, in_row, out_row), b = lead(rows, pad, next, in_row, out_row);
  int32_t c = lead(rows, pad, last, in_row, out_row);
  if (b > a) a = b;
  return c > a ? c : a;
}

static bool overlap_is_harmless(const struct nfr_op *op, const struct nfr_rows *rows) {
  if (rows->batches != 1) return false;
  uintptr_t in = (uintptr_t)op->in[0].data, out = (uintptr_t)op->out.data;
  if (rows->in_place && in == out) return true;
  intptr_t distance = rows->descending ? (intptr_t)((out + op->out.bytes) - (in + op->in[0].bytes)) : (intptr_t)(in - out);
  return distance >= largest_lead(rows, op->in[0].bytes / rows->in_h, op->out.bytes / rows->out_h);
}

int nfr_check_overlap(const struct nfr_op *op, const struct nfr_rows *rows) {
  if (!NFR_RULE(V75, nfr_is_disjoint(&op->in[0], &op->out) || overlap_is_harmless(op, rows))) return NFR_ERR_CORRUPT;
  return NFR_OK;
}
