// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// Vectors of LANES floats: part of loops.h.

#include <string.h>

#define INLINE TARGET static inline __attribute__((always_inline))

typedef float vec __attribute__((vector_size(4 * LANES), aligned(4), may_alias));
typedef int bits __attribute__((vector_size(4 * LANES), aligned(4), may_alias));

enum { PANEL = LANES * WIDE };

INLINE vec load(const float *p) { return *(const vec *)p; }
INLINE void store(float *p, vec v) { *(vec *)p = v; }

// load_some reads count floats, at most LANES, and zeros after them.
INLINE vec load_some(const float *p, int64_t count) {
  if (count >= LANES) {
    return load(p);
  }
  vec v = {0};
  memcpy(&v, p, count * sizeof(float));
  return v;
}

INLINE void store_some(float *p, vec v, int64_t count) {
  if (count >= LANES) {
    store(p, v);
  } else {
    memcpy(p, &v, count * sizeof(float));
  }
}

// above_zero is max(v, 0), and NaN stays NaN.
INLINE vec above_zero(vec v) { return (vec)((bits)v & ~(v < 0)); }

// at_most is min(v, most), and NaN stays NaN.
INLINE vec at_most(vec v, float most) {
  vec bound = (vec){0} + most;
  bits over = v > bound;
  return (vec)(((bits)bound & over) | ((bits)v & ~over));
}

// where_between is v where 0 < m < most, and 0 elsewhere.
INLINE vec where_between(vec v, vec m, float most) { return (vec)((bits)v & (m > 0) & (m < (vec){0} + most)); }

// step is 1 from zero on, 0 below, and NaN, which is what all bits set are, at NaN.
INLINE vec step(vec v) {
  vec one = (vec){0} + 1;
  return (vec)(((bits)one & (v >= 0)) | (v != v));
}
