/* From int8 to the words that SMLAD takes: two halves, of bytes 0 and 2, then of bytes 1 and 3. */
#ifndef NFR_ARMV7EM_WIDEN_H
#define NFR_ARMV7EM_WIDEN_H

#include <stdint.h>

/* Rows of a window, one behind the other. */
struct nfr_window_rows {
  uint32_t words, count; /* whole words of a row; rows. Neither is 0 */
  int32_t skip;          /* bytes from behind those words to the next row */
  uint32_t rest;         /* bytes of a row behind its words, 0 … 3: for nfr_stage only */
};

/* One pixel, its words to every `stride`-th. Returns the place of the next one. */
uint32_t *nfr_widen(uint32_t *to, uint32_t stride, const int8_t *from, const struct nfr_window_rows *rows);

/* Three pixels, `step` bytes apart, word by word. */
void nfr_widen_3(uint32_t *to, const int8_t *from, int32_t step, const struct nfr_window_rows *rows);

/* Copies rows, without what lies between them. */
void nfr_stage(int8_t *to, const int8_t *from, const struct nfr_window_rows *rows);

#endif
