// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

#include "job.h"
#include "value.h"

// at is one output.
static float at(const convolution *c, int64_t n, int64_t y, int64_t x, int64_t out) {
  float sum = 0;
  for (int place = 0; place < 9; place++) {
    int64_t row = y + place / 3 - 1, column = x + place % 3 - 1;
    if (row < 0 || row >= c->height || column < 0 || column >= c->width) {
      continue;
    }
    int64_t from = ((n * c->height + row) * c->width + column) * c->in;
    for (int64_t in = 0; in < c->in; in++) {
      sum += value(c, from + in) * weight(c, place, in, out);
    }
  }
  return finished(c, sum, out);
}

void convscope_exact(const plan *p, int64_t tile, int64_t out, int64_t channels) {
  const convolution *c = p->c;
  int64_t across = p->side - 2;
  int64_t column = tile % p->columns, row = tile / p->columns % p->lines, n = tile / p->columns / p->lines;
  for (int64_t y = row * across; y < least((row + 1) * across, c->height); y++) {
    for (int64_t x = column * across; x < least((column + 1) * across, c->width); x++) {
      for (int64_t o = out; o < out + channels; o++) {
        c->y[((n * c->height + y) * c->width + x) * c->out + o] = at(c, n, y, x, o);
      }
    }
  }
}
