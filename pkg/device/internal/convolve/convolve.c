// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

//go:build cgo

#include "convolve.h"

#include <stddef.h>

// input is x at a position, as it counts.
static float input(const convolution *c, int64_t at) {
  float x = c->x[at];
  if (c->rectify) {
    return x < 0 ? 0 : x;
  }
  if (c->mask == NULL) {
    return x;
  }
  float m = c->mask[at];
  return x * (m >= 0 ? 1 : m < 0 ? 0 : m);
}

int convscope_convolve(const convolution *c, const helpers *h) {
  (void)h;
  for (int64_t at = 0; at < c->batch * c->height * c->width; at++) {
    int64_t row = at / c->width % c->height, column = at % c->width;
    for (int64_t o = 0; o < c->out; o++) {
      double sum = 0;
      for (int64_t k = 0; k < 9; k++) {
        int64_t down = k / 3 - 1, right = k % 3 - 1;
        if (row + down < 0 || row + down >= c->height || column + right < 0 || column + right >= c->width) {
          continue;
        }
        int64_t from = (at + down * c->width + right) * c->in;
        for (int64_t i = 0; i < c->in; i++) {
          float weight = c->backward ? c->kernel[((8 - k) * c->out + o) * c->in + i] : c->kernel[(k * c->in + i) * c->out + o];
          sum += (double)input(c, from + i) * weight;
        }
      }
      float y = (float)sum + (c->bias != NULL ? c->bias[o] : 0);
      c->y[at * c->out + o] = c->relu && y < 0 ? 0 : y;
    }
  }
  return 0;
}
