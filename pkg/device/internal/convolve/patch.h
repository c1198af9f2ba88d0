// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// The pictures on their way in and out: part of loops.h.

// inputs transforms the patches of count tiles from first on into v: for each point, plane floats apart, a matrix of
// tiles and channels, [count, width].
INLINE void inputs(const plan *p, int64_t first, int64_t count, float *v, int64_t plane, int side) {
  const convolution *c = p->c;
  int out = side - 2;
  for (int64_t t = 0; t < count; t++) {
    int64_t id = first + t, column = id % p->columns, row = id / p->columns % p->lines, n = id / p->columns / p->lines;
    const float *from[6][6], *mask[6][6];
    for (int a = 0; a < side; a++) {
      for (int b = 0; b < side; b++) {
        int64_t y = row * out + a - 1, x = column * out + b - 1;
        int inside = y >= 0 && y < c->height && x >= 0 && x < c->width;
        int64_t at = ((n * c->height + y) * c->width + x) * c->in;
        from[a][b] = inside ? c->x + at : p->zeros;
        mask[a][b] = inside && c->mask != NULL ? c->mask + at : p->zeros;
      }
    }
    for (int64_t k = 0; k < c->in; k += LANES) {
      int64_t left = c->in - k;
      vec d[6][6]; // by column, then row
      for (int b = 0; b < side; b++) {
        for (int a = 0; a < side; a++) {
          d[b][a] = left < LANES ? load_some(from[a][b] + k, left) : load(from[a][b] + k);
        }
      }
      if (c->mask != NULL) {
        for (int b = 0; b < side; b++) {
          for (int a = 0; a < side; a++) {
            d[b][a] *= step(load_some(mask[a][b] + k, left));
          }
        }
      } else if (c->rectify) {
        for (int b = 0; b < side; b++) {
          for (int a = 0; a < side; a++) {
            d[b][a] = above_zero(d[b][a]);
          }
        }
      }
      for (int b = 0; b < side; b++) {
        input_line(d[b], side);
      }
      float *to = v + t * p->width + k;
      for (int a = 0; a < side; a++) {
        vec r[6];
        for (int b = 0; b < side; b++) {
          r[b] = d[b][a];
        }
        input_line(r, side);
        for (int b = 0; b < side; b++) {
          store(to + (a * side + b) * plane, r[b]);
        }
      }
    }
  }
}

// outputs transforms the products of count tiles from first on back, for channels from out on, and writes them. m has for
// each point, plane floats apart, [count, width]. It returns whether all are finite.
INLINE int outputs(const plan *p, int64_t first, int64_t count, const float *m, int64_t plane, int64_t width, int64_t out,
                   int64_t outputs, int side) {
  const convolution *c = p->c;
  int across = side - 2;
  vec finite = {0};
  for (int64_t t = 0; t < count; t++) {
    int64_t id = first + t, column = id % p->columns, row = id / p->columns % p->lines, n = id / p->columns / p->lines;
    int64_t y0 = row * across, x0 = column * across;
    int64_t high = c->height - y0 < across ? c->height - y0 : across, broad = c->width - x0 < across ? c->width - x0 : across;
    float *to = c->y + ((n * c->height + y0) * c->width + x0) * c->out + out;
    for (int64_t o = 0; o < outputs; o += LANES) {
      int64_t left = outputs - o;
      vec columns[6][4];
      for (int b = 0; b < side; b++) {
        vec line[6];
        for (int a = 0; a < side; a++) {
          line[a] = load(m + (a * side + b) * plane + t * width + o);
        }
        output_line(line, columns[b], side);
      }
      vec bias = c->bias != NULL ? load_some(c->bias + out + o, left) : (vec){0};
      for (int a = 0; a < high; a++) {
        vec line[6], y[4];
        for (int b = 0; b < side; b++) {
          line[b] = columns[b][a];
        }
        output_line(line, y, side);
        for (int b = 0; b < across; b++) {
          y[b] += bias;
          finite += y[b] * 0;
          if (c->relu) {
            y[b] = above_zero(y[b]);
          }
        }
        for (int b = 0; b < broad; b++) {
          store_some(to + (a * c->width + b) * c->out + o, y[b], left);
        }
      }
    }
  }
  for (int i = 0; i < LANES; i++) {
    if (finite[i] != 0) {
      return 0;
    }
  }
  return 1;
}
