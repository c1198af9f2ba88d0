// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// Part of loops.h.

// rows_product computes a few rows of a product: m [rows, out], out floats apart, is or gains v [rows, inputs], width
// floats apart, times u [inputs, PANEL].
INLINE void rows_product(const float *v, int64_t width, const float *u, int64_t inputs, float *m, int64_t out, int add, int rows) {
  vec sum[ROWS][WIDE];
  for (int r = 0; r < rows; r++) {
    for (int w = 0; w < WIDE; w++) {
      sum[r][w] = add ? load(m + r * out + w * LANES) : (vec){0};
    }
  }
  for (int64_t k = 0; k < inputs; k++, u += PANEL) {
    vec line[WIDE];
    for (int w = 0; w < WIDE; w++) {
      line[w] = load(u + w * LANES);
    }
#pragma GCC unroll 16
    for (int r = 0; r < rows; r++) {
      float factor = v[r * width + k];
#pragma GCC unroll 8
      for (int w = 0; w < WIDE; w++) {
        sum[r][w] += line[w] * factor;
      }
    }
  }
  for (int r = 0; r < rows; r++) {
    for (int w = 0; w < WIDE; w++) {
      store(m + r * out + w * LANES, sum[r][w]);
    }
  }
}

// Each number of rows has a loop of its own, so that the sums stay in registers.
#define CASE(n)                                                                                                                  \
  case n:                                                                                                                        \
    if (n <= ROWS)                                                                                                               \
      rows_product(v, width, u, inputs, m, out, add, n <= ROWS ? n : 1);                                                         \
    break;

TARGET static void some_rows(const float *v, int64_t width, const float *u, int64_t inputs, float *m, int64_t out, int add, int rows) {
  switch (rows) {
    CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6) CASE(7) CASE(8) CASE(9) CASE(10) CASE(11) CASE(12)
  }
}

// product is rows_product for any number of rows.
INLINE void product(const float *v, int64_t width, const float *u, int64_t inputs, float *m, int64_t out, int add, int64_t rows) {
  int64_t groups = (rows + ROWS - 1) / ROWS;
  for (int64_t g = 0; g < groups; g++) {
    int64_t from = rows * g / groups, to = rows * (g + 1) / groups;
    some_rows(v + from * width, width, u, inputs, m + from * out, out, add, to - from);
  }
}
