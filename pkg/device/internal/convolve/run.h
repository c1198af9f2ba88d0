// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

#ifndef CONVSCOPE_RUN_H
#define CONVSCOPE_RUN_H

#include <stdint.h>

// A tap is one place of a kernel's window that falls into the picture.
typedef struct {
  int64_t from;   // where its value of x is for the run's first output, in floats
  int64_t weight; // where its weights are
} tap;

// A run is some outputs of one row of a depthwise convolution, all with the same taps.
typedef struct {
  const float *x, *end;       // its channels of the picture, and where the whole array ends
  const float *weights, *bias; // for each tap, and the bias: a vector's worth of zeros behind the last channel
  float *y;
  int64_t channels, outputs, count;
  int64_t x_step, y_step; // from output to output, in floats
  const tap *taps;        // count of them, in the order of their values in x
  int relu;
  float most;         // see depthwise.h
  const float *after; // as y lies, NULL for none
} run;

#endif
