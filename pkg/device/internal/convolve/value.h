// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

#ifndef CONVSCOPE_VALUE_H
#define CONVSCOPE_VALUE_H

#include "convolve.h"

#include <math.h>

// value is what x counts as at one place.
static inline float value(const convolution *c, int64_t at) {
  float x = c->x[at];
  if (c->mask != NULL) {
    float m = c->mask[at];
    return x * (m >= 0 ? 1 : m < 0 ? 0 : NAN);
  }
  return c->rectify && x < 0 ? 0 : x;
}

static inline float weight(const convolution *c, int place, int64_t in, int64_t out) {
  return c->backward ? c->kernel[((8 - place) * c->out + out) * c->in + in] : c->kernel[(place * c->in + in) * c->out + out];
}

// finished is what a sum becomes.
static inline float finished(const convolution *c, float sum, int64_t out) {
  sum += c->bias == NULL ? 0 : c->bias[out];
  return c->relu && sum < 0 ? 0 : sum;
}

#endif
