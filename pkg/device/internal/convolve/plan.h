// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

#ifndef CONVSCOPE_PLAN_H
#define CONVSCOPE_PLAN_H

#include "convolve.h"
#include "run.h"

typedef struct plan plan;

// loops are the inner loops, made for one set of instructions: see loops.h. Of each pair the first is for
// F(2x2, 3x3), the second for F(4x4, 3x3). The last ones are for depthwise convolutions, and for those from or to few
// channels.
typedef struct {
  const char *name;
  int panel; // outputs that a product computes at once
  int lanes; // floats in a vector
  int rows;  // rows that a product computes at once
  void (*inputs[2])(const plan *p, int64_t first, int64_t count, float *v, int64_t plane);
  void (*kernels[2])(const plan *p, int64_t panel, int64_t in, int64_t count, float *u, int64_t stride, float *turn);
  void (*products)(const float *v, int64_t width, const float *u, int64_t inputs, float *m, int64_t out, int add, int64_t rows);
  int (*outputs[2])(const plan *p, int64_t first, int64_t count, const float *m, int64_t plane, int64_t width, int64_t out,
                    int64_t channels);
  void (*outputs_of)(const run *r);
  void (*values)(const convolution *c, int64_t at, int64_t count, float *to);
  void (*finish)(const convolution *c, const float *sums, float *y);
} loops;

// convscope_loops returns those in use: for the widest instructions that the processor has and convscope_limit allows.
const loops *convscope_loops(void);

// plan is how a convolution is computed: by tiles of 2x2 or 4x4 outputs, each from a patch of 4x4 or 6x6 inputs.
struct plan {
  const convolution *c;
  const loops *l;
  int large;                     // F(4x4, 3x3)
  int side, points;              // of a patch, and how many values it has
  int64_t lines, columns, tiles; // of one picture, and all
  int64_t width;                 // of a row of transformed inputs
  int64_t panels;
  const float *zeros; // width of them
};

#endif
