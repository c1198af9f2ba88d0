// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

#ifndef CONVSCOPE_DEPTHWISE_H
#define CONVSCOPE_DEPTHWISE_H

#include "parts.h"

// A depthwise convolution, each channel with a kernel of its own, in float32, channels last:
//
//   y = relu(x * kernel + bias)    x [batch, size[0], size[1], channels], y [batch, out[0], out[1], channels]
//
// In each direction, the value of y at i is the sum over the kernel's taps k of x at
//
//   (i * stride + k * reach - low) / spread
//
// where that is a whole number and inside x, times the kernel at k. All arrays are dense and row-major. x, kernel and
// bias may not overlap y.
typedef struct {
  const float *x;
  const float *kernel; // [taps[0], taps[1], channels]
  const float *bias;   // [channels], NULL for none
  float *y;
  int64_t batch, channels;
  int64_t size[2], out[2], taps[2];
  int64_t stride[2], low[2];
  int64_t spread[2]; // how far apart the values of x are put: XLA's lhs_dilation
  int64_t reach[2];  // how far apart the taps are: XLA's rhs_dilation
  int turned;        // the kernel is turned by half a turn
  int relu;           // y is max(y, 0), and NaN stays NaN
  float most;         // with relu y is min(y, most) too, 0 for no such bound
  const float *after; // like y: y is 0 where not 0 < after < most; NULL for none
} depthwise;

// convscope_depthwise computes y. It returns 0, or 1 where memory is short, and y is then undefined.
int convscope_depthwise(const depthwise *d, const helpers *h);

#endif
