// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// The kernel on its way in: part of loops.h.

typedef float four __attribute__((vector_size(16), aligned(4), may_alias));

#if defined(__has_builtin)
#if __has_builtin(__builtin_shufflevector)
#define SHUFFLE(a, b, i, j, k, l) __builtin_shufflevector(a, b, i, j, k, l)
#endif
#endif
#ifndef SHUFFLE
typedef int places __attribute__((vector_size(16)));
#define SHUFFLE(a, b, i, j, k, l) __builtin_shuffle(a, b, (places){i, j, k, l})
#endif

// turned copies the kernel of outputs from out on and inputs from in on, [3, 3, outputs, inputs] turned by half a turn,
// to to [9, inputs, PANEL]. Its rows stand too far apart for a processor to see what comes next, so while it copies one
// place of the window it asks for the next.
INLINE void turned(const convolution *c, int64_t in, int64_t inputs, int64_t out, int64_t outputs, float *to) {
  for (int place = 0; place < 9; place++) {
    const float *from = c->kernel + ((8 - place) * c->out + out) * c->in + in;
    const float *next = place < 8 ? from - c->out * c->in : from + 8 * c->out * c->in + inputs;
    float *plane = to + place * inputs * PANEL;
    for (int64_t o = 0; o < PANEL; o += 4) {
      for (int64_t i = 0; i < inputs; i += 4) {
        for (int64_t r = o; i % 16 == 0 && r < o + 4 && r < outputs; r++) {
          __builtin_prefetch(next + r * c->in + i);
        }
        if (o + 4 <= outputs && i + 4 <= inputs) {
          four q[4];
          for (int r = 0; r < 4; r++) {
            q[r] = *(const four *)(from + (o + r) * c->in + i);
          }
          four low = SHUFFLE(q[0], q[1], 0, 4, 1, 5), high = SHUFFLE(q[0], q[1], 2, 6, 3, 7);
          four low2 = SHUFFLE(q[2], q[3], 0, 4, 1, 5), high2 = SHUFFLE(q[2], q[3], 2, 6, 3, 7);
          float *at = plane + i * PANEL + o;
          *(four *)at = SHUFFLE(low, low2, 0, 1, 4, 5);
          *(four *)(at + PANEL) = SHUFFLE(low, low2, 2, 3, 6, 7);
          *(four *)(at + 2 * PANEL) = SHUFFLE(high, high2, 0, 1, 4, 5);
          *(four *)(at + 3 * PANEL) = SHUFFLE(high, high2, 2, 3, 6, 7);
          continue;
        }
        for (int64_t k = i; k < inputs && k < i + 4; k++) {
          for (int64_t j = o; j < o + 4; j++) {
            plane[k * PANEL + j] = j < outputs ? from[j * c->in + k] : 0;
          }
        }
      }
    }
  }
}

// kernels transforms the kernel of one panel of outputs, and of inputs from in on, into u: for each point, stride
// floats apart, [inputs, PANEL]. turn is room for the kernel [9, inputs, PANEL].
INLINE void kernels(const plan *p, int64_t panel, int64_t in, int64_t inputs, float *u, int64_t stride, float *turn, int side) {
  const convolution *c = p->c;
  int64_t out = panel * PANEL, outputs = c->out - out < PANEL ? c->out - out : PANEL;
  const float *from = c->kernel + in * c->out + out;
  int64_t row = c->out, plane = c->in * c->out, whole = outputs;
  if (c->backward) {
    turned(c, in, inputs, out, outputs, turn);
    from = turn, row = PANEL, plane = inputs * PANEL, whole = PANEL;
  }
  const int64_t ahead = 8; // rows
  for (int64_t i = 0; i < inputs; i++) {
    for (int place = 0; !c->backward && place < 9 && i + ahead < inputs; place++) {
      for (int64_t o = 0; o < outputs; o += 16) {
        __builtin_prefetch(from + place * plane + (i + ahead) * row + o);
      }
    }
    for (int o = 0; o < PANEL; o += LANES) {
      vec columns[3][6], points[6][3];
      for (int b = 0; b < 3; b++) {
        vec g[3];
        for (int a = 0; a < 3; a++) {
          g[a] = whole - o > 0 ? load_some(from + (a * 3 + b) * plane + i * row + o, whole - o) : (vec){0};
        }
        kernel_line(g, columns[b], side);
      }
      for (int a = 0; a < side; a++) {
        for (int b = 0; b < 3; b++) {
          points[a][b] = columns[b][a];
        }
        vec line[6];
        kernel_line(points[a], line, side);
        for (int b = 0; b < side; b++) {
          store(u + (a * side + b) * stride + i * PANEL + o, line[b] * (scale(a, side) * scale(b, side)));
        }
      }
    }
  }
}
