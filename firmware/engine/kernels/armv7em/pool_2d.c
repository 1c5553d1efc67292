/* AVERAGE_POOL_2D and MAX_POOL_2D for ARMv7E-M: int8 four channels a word. A last group of fewer begins earlier: what it computes
 * again gets the same values, of an input that this row's outputs do not overwrite (SPEC.md section 3). */
#include "../kernels.h"
#include "../pool.h"
#include "intrinsics.h"

#define MOST_POSITIONS 256u /* whose sum is an int16: at least 256 x -128 */

/* Sums of four channels: of the halves of two words. */
static inline void add_halves(int32_t sums[4], uint32_t even, uint32_t odd) {
  sums[0] += (int16_t)(uint16_t)even;
  sums[1] += (int16_t)(uint16_t)odd;
  sums[2] += (int32_t)even >> 16;
  sums[3] += (int32_t)odd >> 16;
}

static uint32_t average4(const struct nfr_pool_window *w, const int8_t *row, int32_t low, int32_t high) {
  uint32_t even = 0, odd = 0, room = MOST_POSITIONS;
  int32_t sums[4] = {0}, count = (int32_t)(w->rows * w->columns);
  for (uint32_t y = w->rows; y > 0; y--, row += w->row) {
    const int8_t *at = row;
    for (uint32_t left = w->columns; left > 0;) {
      uint32_t n = nfr_min(left, room);
      left -= n;
      room -= n;
      for (; n > 0; n--, at += w->column) {
        uint32_t word = nfr_load_word(at);
        even = nfr_sxtab16(even, word);
        odd = nfr_sxtab16_ror8(odd, word);
      }
      if (room > 0) continue;
      add_halves(sums, even, odd);
      even = odd = 0;
      room = MOST_POSITIONS;
    }
  }
  add_halves(sums, even, odd);
  uint32_t word = 0;
  for (unsigned i = 4; i-- > 0;) word = word << 8 | (uint8_t)nfr_clamp(nfr_pool_mean(sums[i], count), low, high);
  return word;
}

/* From `maximum` on. */
static uint32_t maximum4(const struct nfr_pool_window *w, const int8_t *row, uint32_t maximum) {
  for (uint32_t y = w->rows; y > 0; y--, row += w->row) {
    const int8_t *at = row;
    for (uint32_t n = w->columns; n > 0; n--, at += w->column) maximum = nfr_smax8(nfr_load_word(at), maximum);
  }
  return maximum;
}

static inline void pixel(const struct nfr_op *op, const struct nfr_pool_window *given, uint32_t out, uint32_t first, uint32_t end,
                         bool average) {
  const struct nfr_plan_pool *p = op->params;
  if (nfr_is_wide(&op->in[0]) || p->channels < NFR_POOL_UNIT) {
    nfr_pool_pixel_any(op, given, out, first, end, average);
    return;
  }
  struct nfr_pool_window w = *given;
  if (w.columns * w.column == w.row) { /* whole rows are one */
    w.columns *= w.rows;
    w.rows = 1;
  }
  int32_t low = p->act_min, high = p->act_max;
  uint32_t low4 = (uint8_t)low * 0x01010101u, high4 = (uint8_t)high * 0x01010101u;
  for (uint32_t c = first; c < end; c += NFR_POOL_UNIT) {
    if (c > p->channels - NFR_POOL_UNIT) c = p->channels - NFR_POOL_UNIT;
    const int8_t *in = (const int8_t *)op->in[0].data + w.in + c;
    uint32_t word = average ? average4(&w, in, low, high) : nfr_smin8(maximum4(&w, in, low4), high4);
    nfr_store_word((int8_t *)op->out.data + out + c, word);
  }
}

static void average(const struct nfr_op *op, const struct nfr_pool_window *w, uint32_t out, uint32_t first, uint32_t end) {
  pixel(op, w, out, first, end, true);
}

static void maximum(const struct nfr_op *op, const struct nfr_pool_window *w, uint32_t out, uint32_t first, uint32_t end) {
  pixel(op, w, out, first, end, false);
}

void nfr_kernel_average_pool_2d(const struct nfr_op *op, uint32_t first, uint32_t count) {
  nfr_pool_walk(op, first, count, average);
}

void nfr_kernel_max_pool_2d(const struct nfr_op *op, uint32_t first, uint32_t count) {
  nfr_pool_walk(op, first, count, maximum);
}

uint64_t nfr_kernel_pool_2d_cost(const struct nfr_op *op, bool is_average) {
  const struct nfr_plan_pool *p = op->params;
  if (nfr_is_wide(&op->in[0]) || p->channels < NFR_POOL_UNIT) return nfr_pool_cost_any(p, is_average);
  struct nfr_pool_size s = nfr_pool_size_of(p);
  return s.positions * 6u + s.rows * (is_average ? 17u : 9u) + (is_average ? 140u : 40u) + 170u / s.groups;
}
