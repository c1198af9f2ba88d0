// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

#ifndef CONVSCOPE_CONVOLVE_H
#define CONVSCOPE_CONVOLVE_H

#include "parts.h"

// A convolution with a 3x3 kernel, stride 1 and a border of one zero, in float32, channels last:
//
//   y = relu(x * kernel + bias)    x [batch, height, width, in], y [batch, height, width, out]
//
// All arrays are dense and row-major. x, kernel, bias and mask may not overlap y. Where mask is
// set, rectify isn't.
typedef struct {
  const float *x;
  const float *kernel; // [3, 3, in, out]; where backward is set [3, 3, out, in]
  const float *bias;   // [out], NULL for none
  const float *mask;   // like x: x counts as x * step(mask), where step is 1 from zero on, 0 below and NaN at NaN
  float *y;
  int64_t batch, height, width, in, out;
  int backward; // the kernel is turned by half a turn and its channels change places: the gradient's way back
  int relu;     // y is max(y, 0), and NaN stays NaN
  int rectify;  // x counts as max(x, 0), and NaN as NaN
} convolution;

// convscope_convolve computes y. It returns 0, or 1 where memory is short, and y is then undefined.
int convscope_convolve(const convolution *c, const helpers *h);

// convscope_limit makes later convolutions use no wider instructions than: 0 plain ones, 1 AVX2, 2 AVX-512. It returns
// the name of those that they do use.
const char *convscope_limit(int most);

#endif
