// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

#include "job.h"

#include <math.h>

// value is what x counts as at one place.
static float value(const convolution *c, int64_t at) {
  float x = c->x[at];
  if (c->mask != NULL) {
    float m = c->mask[at];
    return x * (m >= 0 ? 1 : m < 0 ? 0 : NAN);
  }
  return c->rectify && x < 0 ? 0 : x;
}

static float weight(const convolution *c, int place, int64_t in, int64_t out) {
  return c->backward ? c->kernel[((8 - place) * c->out + out) * c->in + in] : c->kernel[(place * c->in + in) * c->out + out];
}

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
  sum += c->bias == NULL ? 0 : c->bias[out];
  return c->relu && sum < 0 ? 0 : sum;
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
