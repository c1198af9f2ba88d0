// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// Depthwise convolutions: part of loops.h.

// some_outputs computes n outputs of a run from the one at on, for channels from c on, in so many vectors. Where whole
// is not set, x has fewer than a vector's channels.
INLINE void some_outputs(const run *r, int64_t at, int64_t c, int n, int vectors, int whole) {
  const float *x = r->x + at * r->x_step + c, *weights = r->weights + c;
  vec sum[8][4];
  for (int i = 0; i < n; i++) {
    for (int v = 0; v < vectors; v++) {
      sum[i][v] = load(r->bias + c + v * LANES);
    }
  }
  for (int64_t k = 0; k < r->count; k++) {
    const float *from = x + r->taps[k].from, *with = weights + r->taps[k].weight;
    vec line[4];
    for (int v = 0; v < vectors; v++) {
      line[v] = load(with + v * LANES);
    }
#pragma GCC unroll 8
    for (int i = 0; i < n; i++) {
#pragma GCC unroll 4
      for (int v = 0; v < vectors; v++) {
        const float *p = from + i * r->x_step + v * LANES;
        sum[i][v] += (whole ? load(p) : load_some(p, r->channels)) * line[v];
      }
    }
  }
  for (int i = 0; i < n; i++) {
    for (int v = 0; v < vectors; v++) {
      int64_t place = at * r->y_step + c + i * r->y_step + v * LANES, left = r->channels - c - v * LANES;
      vec out = r->relu ? above_zero(sum[i][v]) : sum[i][v];
      if (r->after != NULL) {
        out = where_between(out, load_some(r->after + place, left), r->most);
      } else if (r->relu && r->most > 0) {
        out = at_most(out, r->most);
      }
      store_some(r->y + place, out, left);
    }
  }
}

// all_channels computes n outputs. The last vector of channels begins earlier, if need be, to be a whole one, so what
// it shares with the one before is computed twice.
INLINE void all_channels(const run *r, int64_t at, int n, int vectors) {
  int64_t c = 0;
  if (vectors > 1) {
    for (; c + vectors * LANES <= r->channels; c += vectors * LANES) {
      some_outputs(r, at, c, n, vectors, 1);
    }
  }
  for (; c < r->channels; c += LANES) {
    int64_t last = r->channels < LANES ? 0 : r->channels - LANES;
    some_outputs(r, at, c < last ? c : last, n, 1, 1);
  }
}

// Each number of outputs has a loop of its own, so that the sums stay in registers.
#define OUTPUTS(n)                                                                                                               \
  case n:                                                                                                                        \
    all_channels(r, at, n, n > 4 ? 1 : n > 2 ? 2 : 4);                                                                           \
    break;

TARGET static void outputs_of(const run *r) {
  const int most = 8;
  int64_t groups = (r->outputs + most - 1) / most;
  for (int64_t g = 0; g < groups; g++) {
    int64_t at = r->outputs * g / groups, to = r->outputs * (g + 1) / groups;
    if (r->channels < LANES && r->count > 0 &&
        r->end - r->x < (to - 1) * r->x_step + r->taps[r->count - 1].from + LANES) { // the vector of the last channels goes beyond
      for (; at < to; at++) {
        some_outputs(r, at, 0, 1, 1, 0);
      }
      continue;
    }
    switch (to - at) {
      OUTPUTS(1) OUTPUTS(2) OUTPUTS(3) OUTPUTS(4) OUTPUTS(5) OUTPUTS(6) OUTPUTS(7) OUTPUTS(8)
    }
  }
}
