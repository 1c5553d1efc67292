/* Estimates of units against what was counted on a Cortex-M4 (nfr-runner under QEMU with tests/benchmarks/icount, plans of
 * one operator, -O2): shapes in which what an output element shares with its neighbours is shared by few. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "ops/op.h"

/* counted: instructions of a unit on average. No estimate is below it by more than a quarter, or above it twice. */
static void check_layout(uint8_t layout, uint8_t kind, const void *params, uint8_t in, uint8_t state, uint32_t counted) {
  const struct nfr_plan_op record = {.kind = kind, .layout = layout};
  const struct nfr_op op = {.record = &record, .params = params, .in = {{.type = in}, {0}, {.type = state}}, .out = {.type = in}};
  struct nfr_units units = {0};
  nfr_op_type_of(kind)->units(&op, &units);
  if (units.cost * 5 < counted * 4 || units.cost > 2 * counted)
    fail_msg("kind %u: %u estimated, %u counted", kind, units.cost, counted);
}

static void check(uint8_t kind, const void *params, uint8_t in, uint8_t state, uint32_t counted) {
  check_layout(NFR_LAYOUT_PLAIN, kind, params, in, state, counted);
}

static void check_conv(uint16_t in_c, uint16_t out_c, uint16_t filter, uint16_t groups, uint8_t type, uint32_t counted) {
  const struct nfr_plan_conv p = {.batches = 1, .in_h = 16, .in_w = 16, .in_c = in_c, .out_h = 16, .out_w = 16,
                                  .out_c = out_c, .filter_h = filter, .filter_w = filter, .groups = groups,
                                  .dilation_h = 1, .dilation_w = 1};
  check(NFR_KIND_CONV_2D, &p, type, 0, counted);
}

static void test_convolutions(void **state) {
  (void)state;
  check_conv(1, 1, 1, 1, NFR_TYPE_INT8, 279);
  check_conv(16, 1, 1, 1, NFR_TYPE_INT8, 359);
  check_conv(1, 3, 1, 1, NFR_TYPE_INT8, 195);
  check_conv(1, 4, 1, 1, NFR_TYPE_INT8, 104);
  check_conv(1, 5, 1, 1, NFR_TYPE_INT8, 117);
  check_conv(16, 16, 1, 16, NFR_TYPE_INT8, 164);
  check_conv(16, 16, 1, 4, NFR_TYPE_INT8, 180);
  check_conv(16, 16, 3, 2, NFR_TYPE_INT8, 853);
  check_conv(1, 1, 1, 1, NFR_TYPE_INT16, 287);
  check_conv(16, 16, 1, 1, NFR_TYPE_INT16, 262);
  check_conv(1, 16, 1, 1, NFR_TYPE_INT16, 172);
}

/* kws_ref_model's first and second convolution and ad01_int8's first layer, counted with tests/bench engine --profile. */
static void test_packed_weights(void **state) {
  (void)state;
  const struct nfr_plan_conv first = {.batches = 1, .in_h = 49, .in_w = 10, .in_c = 1, .out_h = 25, .out_w = 5, .out_c = 64,
                                      .filter_h = 10, .filter_w = 4, .pad_top = 4, .pad_left = 1, .groups = 1,
                                      .stride_h = 2, .stride_w = 2, .dilation_h = 1, .dilation_w = 1};
  const struct nfr_plan_conv second = {.batches = 1, .in_h = 125, .in_w = 1, .in_c = 64, .out_h = 125, .out_w = 1, .out_c = 64,
                                       .filter_h = 1, .filter_w = 1, .groups = 1, .stride_h = 1, .stride_w = 1,
                                       .dilation_h = 1, .dilation_w = 1};
  const struct nfr_plan_fully_connected wide = {.batches = 1, .depth = 640, .units = 128};
  check_layout(NFR_LAYOUT_SMLAD, NFR_KIND_CONV_2D, &first, NFR_TYPE_INT8, 0, 10892);
  check_layout(NFR_LAYOUT_SMLAD, NFR_KIND_CONV_2D, &second, NFR_TYPE_INT8, 0, 15255);
  check_layout(NFR_LAYOUT_SMLAD, NFR_KIND_FULLY_CONNECTED, &wide, NFR_TYPE_INT8, 0, 3498);
}

static void check_pool(uint8_t kind, uint16_t channels, uint16_t filter, uint32_t counted) {
  const struct nfr_plan_pool p = {.batches = 1, .in_h = 32, .in_w = 32, .channels = channels, .out_h = 32, .out_w = 32,
                                  .filter_h = filter, .filter_w = filter, .stride_h = 1, .stride_w = 1};
  check(kind, &p, NFR_TYPE_INT8, 0, counted);
}

static void test_pools(void **state) {
  (void)state;
  check_pool(NFR_KIND_AVERAGE_POOL_2D, 1, 1, 145);
  check_pool(NFR_KIND_AVERAGE_POOL_2D, 2, 1, 2 * 98);
  check_pool(NFR_KIND_AVERAGE_POOL_2D, 16, 1, 4 * 57);
  check_pool(NFR_KIND_AVERAGE_POOL_2D, 1, 3, 220);
  check_pool(NFR_KIND_AVERAGE_POOL_2D, 4, 3, 4 * 147);
  check_pool(NFR_KIND_AVERAGE_POOL_2D, 1, 7, 496);
  check_pool(NFR_KIND_MAX_POOL_2D, 1, 1, 141);
  check_pool(NFR_KIND_MAX_POOL_2D, 1, 7, 571);
}

static void test_fully_connected(void **state) {
  (void)state;
  const struct nfr_plan_fully_connected one = {.batches = 1024, .depth = 1, .units = 1};
  const struct nfr_plan_fully_connected four = {.batches = 1024, .depth = 1, .units = 4};
  check(NFR_KIND_FULLY_CONNECTED, &one, NFR_TYPE_INT8, 0, 112);
  check(NFR_KIND_FULLY_CONNECTED, &four, NFR_TYPE_INT8, 0, 4 * 69);
  check(NFR_KIND_FULLY_CONNECTED, &one, NFR_TYPE_INT16, 0, 123);
  check(NFR_KIND_FULLY_CONNECTED, &four, NFR_TYPE_INT16, 0, 99);
}

static void test_pad_and_svdf(void **state) {
  (void)state;
  const struct nfr_plan_pad narrow = {.dims = {16, 16, 16, 1}, .before = {0, 0, 0, 1}, .after = {0, 0, 0, 1}};
  const struct nfr_plan_pad wide = {.dims = {1, 16, 16, 16}, .before = {0, 0, 0, 1}, .after = {0, 0, 0, 1}};
  /* keyword_scrambled_8bit's, counted with tests/bench engine --profile. */
  const struct nfr_plan_svdf deep = {.batches = 1, .depth = 96, .filters = 64, .memory = 8, .rank = 1};
  const struct nfr_plan_svdf shallow = {.batches = 1, .depth = 16, .filters = 64, .memory = 8, .rank = 1};
  check(NFR_KIND_PAD, &narrow, NFR_TYPE_INT8, 0, 130);
  check(NFR_KIND_PAD, &wide, NFR_TYPE_INT8, 0, 142);
  check(NFR_KIND_SVDF, &deep, NFR_TYPE_INT8, NFR_TYPE_INT16, 432);
  check(NFR_KIND_SVDF, &shallow, NFR_TYPE_INT8, NFR_TYPE_INT16, 232);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_convolutions), cmocka_unit_test(test_packed_weights),
                                     cmocka_unit_test(test_pools),
                                     cmocka_unit_test(test_fully_connected), cmocka_unit_test(test_pad_and_svdf)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
