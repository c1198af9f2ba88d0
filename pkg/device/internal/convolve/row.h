// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// What convolutions from or to few channels do besides products: part of loops.h.

// values copies count values of x from at on as they count.
TARGET static void values(const convolution *c, int64_t at, int64_t count, float *to) {
  for (int64_t i = 0; i < count; i += LANES) {
    vec v = load_some(c->x + at + i, count - i);
    if (c->mask != NULL) {
      v *= step(load_some(c->mask + at + i, count - i));
    } else {
      v = above_zero(v);
    }
    store_some(to + i, v, count - i);
  }
}

// finish makes the outputs of one place of its sums, which are there for whole vectors.
TARGET static void finish(const convolution *c, const float *sums, float *y) {
  for (int64_t o = 0; o < c->out; o += LANES) {
    vec v = load(sums + o);
    if (c->bias != NULL) {
      v += load_some(c->bias + o, c->out - o);
    }
    if (c->relu) {
      v = above_zero(v);
    }
    store_some(y + o, v, c->out - o);
  }
}
