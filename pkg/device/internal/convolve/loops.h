// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// The inner loops of convolutions for one set of instructions. The file that includes this one says which:
//
//   TARGET  the functions' attribute that names the instructions
//   LANES   floats in a vector
//   WIDE    vectors in a panel, which is what a product's row is computed in
//   ROWS    rows of a product that are computed at once, at most 12
//   NAME    what people call the instructions
//   SET     the name of the table of functions that comes out

#include "plan.h"

#include "vector.h"

#include "line.h"

#include "patch.h"
#include "product.h"
#include "row.h"
#include "taps.h"
#include "weight.h"

TARGET static void inputs6(const plan *p, int64_t first, int64_t count, float *v, int64_t plane) { inputs(p, first, count, v, plane, 6); }
TARGET static void inputs4(const plan *p, int64_t first, int64_t count, float *v, int64_t plane) { inputs(p, first, count, v, plane, 4); }

TARGET static void kernels6(const plan *p, int64_t panel, int64_t in, int64_t count, float *u, int64_t stride, float *turn) {
  kernels(p, panel, in, count, u, stride, turn, 6);
}
TARGET static void kernels4(const plan *p, int64_t panel, int64_t in, int64_t count, float *u, int64_t stride, float *turn) {
  kernels(p, panel, in, count, u, stride, turn, 4);
}

TARGET static int outputs6(const plan *p, int64_t first, int64_t count, const float *m, int64_t plane, int64_t width, int64_t out, int64_t channels) {
  return outputs(p, first, count, m, plane, width, out, channels, 6);
}
TARGET static int outputs4(const plan *p, int64_t first, int64_t count, const float *m, int64_t plane, int64_t width, int64_t out, int64_t channels) {
  return outputs(p, first, count, m, plane, width, out, channels, 4);
}

TARGET static void products(const float *v, int64_t width, const float *u, int64_t inputs, float *m, int64_t out, int add, int64_t rows) {
  product(v, width, u, inputs, m, out, add, rows);
}

const loops SET = {
    .name = NAME,
    .panel = PANEL,
    .lanes = LANES,
    .rows = ROWS,
    .inputs = {inputs4, inputs6},
    .kernels = {kernels4, kernels6},
    .products = products,
    .outputs = {outputs4, outputs6},
    .outputs_of = outputs_of,
    .values = values,
    .finish = finish,
};
