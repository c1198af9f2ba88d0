// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// Part of loops.h.

// The one-dimensional transforms of F(4, 3), six values to six and back to four, and of F(2, 3), four to four and back
// to two (Lavin and Gray 2015, arXiv:1509.09308). F(4, 3) has the points 0, +-3/4, +-3/2 and infinity: they round less
// than the usual 0, +-1, +-2 (see Barabasz and others 2020, arXiv:1803.10986), and all but SCALE is exact in binary.
// The scale of the points is left out here and multiplied into the kernel.
#define A (3 / 4.f)
#define B (3 / 2.f)

INLINE void input_line(vec *d, int side) {
  if (side == 4) {
    vec v0 = d[0] - d[2], v1 = d[1] + d[2], v2 = d[2] - d[1], v3 = d[3] - d[1];
    d[0] = v0, d[1] = v1, d[2] = v2, d[3] = v3;
    return;
  }
  vec even_a = d[4] - B * B * d[2], odd_a = d[3] - B * B * d[1];
  vec even_b = d[4] - A * A * d[2], odd_b = d[3] - A * A * d[1];
  vec v0 = (d[4] - (A * A + B * B) * d[2]) + A * A * B * B * d[0];
  vec v5 = (d[5] - (A * A + B * B) * d[3]) + A * A * B * B * d[1];
  d[0] = v0;
  d[1] = even_a + A * odd_a, d[2] = even_a - A * odd_a;
  d[3] = even_b + B * odd_b, d[4] = even_b - B * odd_b;
  d[5] = v5;
}

INLINE void kernel_line(const vec g[3], vec *u, int side) {
  if (side == 4) {
    vec even = g[0] + g[2];
    u[0] = g[0], u[1] = even + g[1], u[2] = even - g[1], u[3] = g[2];
    return;
  }
  vec even_a = g[0] + A * A * g[2], even_b = g[0] + B * B * g[2];
  u[0] = g[0];
  u[1] = even_a + A * g[1], u[2] = even_a - A * g[1];
  u[3] = even_b + B * g[1], u[4] = even_b - B * g[1];
  u[5] = g[2];
}

INLINE void output_line(const vec *m, vec *y, int side) {
  if (side == 4) {
    vec sum = m[1] + m[2], difference = m[1] - m[2];
    y[0] = m[0] + sum, y[1] = difference + m[3];
    return;
  }
  vec sum_a = m[1] + m[2], difference_a = m[1] - m[2], sum_b = m[3] + m[4], difference_b = m[3] - m[4];
  y[0] = m[0] + (sum_a + sum_b);
  y[1] = A * difference_a + B * difference_b;
  y[2] = A * A * sum_a + B * B * sum_b;
  y[3] = (A * A * A * difference_a + B * B * B * difference_b) + m[5];
}

// scale is what the products of one line of points are multiplied by.
INLINE float scale(int point, int side) {
  if (side == 4) {
    return point == 1 || point == 2 ? 1 / 2.f : 1;
  }
  switch (point) {
  case 0:
    return 1 / (A * A * B * B);
  case 1:
  case 2:
    return 1 / (2 * A * A * (A * A - B * B));
  case 3:
  case 4:
    return 1 / (2 * B * B * (B * B - A * A));
  }
  return 1;
}
