// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

#include "job.h"
#include "value.h"

#include <string.h>

// A direct convolution goes by bands of rows. To few outputs, it multiplies each pixel with the kernel of all places and
// outputs, and then adds up, for each output, what belongs to it. From few inputs, it multiplies what lies around a pixel,
// one after the other, with the kernel.
typedef struct {
  const convolution *c;
  const loops *l;
  int to_few;
  int64_t inputs, panels, width; // of the products' kernel, and its outputs filled up
  int64_t bands, band;
  float *kernel; // [panels, inputs, panel]
} direct;

// arrange fills the products' kernel.
static void arrange(const direct *d) {
  const convolution *c = d->c;
  int64_t panel = d->l->panel, outputs = d->to_few ? 9 * c->out : c->out;
  float *to = d->kernel;
  for (int64_t p = 0; p < d->panels; p++) {
    for (int64_t i = 0; i < d->inputs; i++) {
      for (int64_t o = p * panel; o < (p + 1) * panel; o++) {
        if (o >= outputs) {
          *to++ = 0;
        } else {
          *to++ = d->to_few ? weight(c, o / c->out, i, o % c->out) : weight(c, i / c->in, i % c->in, o);
        }
      }
    }
  }
}

// multiply multiplies count rows of some inputs from one on, stride floats apart, with the kernel. m [count, width] is
// the product or gains it.
static void multiply(const direct *d, const float *v, int64_t stride, int64_t from, int64_t inputs, float *m, int add,
                     int64_t count) {
  int64_t panel = d->l->panel;
  for (int64_t p = 0; p < d->panels; p++) {
    d->l->products(v, stride, d->kernel + (p * d->inputs + from) * panel, inputs, m + p * panel, d->width, add, count);
  }
}

// line is a row of a picture as it counts: x itself, or made in room.
static const float *line(const direct *d, int64_t n, int64_t row, float *room) {
  const convolution *c = d->c;
  int64_t size = c->width * c->in, at = (n * c->height + row) * size;
  if (c->mask == NULL && !c->rectify) {
    return c->x + at;
  }
  d->l->values(c, at, size, room);
  return room;
}

// to_few computes a band, where room holds the products of three rows and one row of x.
static void to_few(const direct *d, int64_t n, int64_t first, int64_t end, float *room) {
  const convolution *c = d->c;
  int64_t size = c->width * d->width, done = first > 0 ? first - 1 : 0;
  for (int64_t row = first; row < end; row++) {
    for (; done < c->height && done <= row + 1; done++) {
      multiply(d, line(d, n, done, room + 3 * size), c->in, 0, c->in, room + done % 3 * size, 0, c->width);
    }
    float *y = c->y + (n * c->height + row) * c->width * c->out;
    for (int64_t x = 0; x < c->width; x++) {
      for (int64_t o = 0; o < c->out; o++) {
        float sum = 0;
        for (int64_t a = row == 0; a < (row == c->height - 1 ? 2 : 3); a++) {
          const float *m = room + (row + a - 1) % 3 * size + (x - 1) * d->width + a * 3 * c->out + o;
          for (int64_t b = x == 0; b < (x == c->width - 1 ? 2 : 3); b++) {
            sum += m[b * (d->width + c->out)];
          }
        }
        *y++ = finished(c, sum, o);
      }
    }
  }
}

// from_few computes a band, where room holds a row of products, one of what they are of, and one of x.
static void from_few(const direct *d, int64_t n, int64_t first, int64_t end, float *room) {
  const convolution *c = d->c;
  int64_t third = 3 * c->in;
  float *m = room, *v = m + c->width * d->width, *lines = v + c->width * d->inputs;
  for (int64_t row = first; row < end; row++) {
    int64_t low = row == 0, high = row == c->height - 1 ? 2 : 3;
    for (int64_t a = low; a < high; a++) {
      const float *from = line(d, n, row + a - 1, lines);
      for (int64_t x = 0; x < c->width; x++) {
        int64_t left = x == 0, right = x == c->width - 1 ? 2 : 3;
        memcpy(v + x * d->inputs + a * third + left * c->in, from + (x + left - 1) * c->in, (right - left) * c->in * sizeof *v);
      }
    }
    for (int64_t x = 0; x < c->width; x += c->width > 1 ? c->width - 1 : 1) { // the first and the last
      int64_t left = x == 0, right = x == c->width - 1 ? 2 : 3;
      for (int64_t a = low; a < high; a++) {
        int64_t from = a * third + left * c->in;
        multiply(d, v + x * d->inputs + from, d->inputs, from, (right - left) * c->in, m + x * d->width, a > low, 1);
      }
    }
    if (c->width > 2) {
      multiply(d, v + d->inputs + low * third, d->inputs, low * third, (high - low) * third, m + d->width, 0, c->width - 2);
    }
    float *y = c->y + (n * c->height + row) * c->width * c->out;
    for (int64_t x = 0; x < c->width; x++, y += c->out) {
      d->l->finish(c, m + x * d->width, y);
    }
  }
}

static void part(void *of, int phase, int64_t part, float *room) {
  (void)phase;
  const direct *d = of;
  int64_t first = part % d->bands * d->band, end = least(first + d->band, d->c->height);
  (d->to_few ? to_few : from_few)(d, part / d->bands, first, end, room);
}

int convscope_few(const convolution *c, const helpers *h) {
  direct d = {.c = c, .l = convscope_loops(), .to_few = c->out < c->in};
  d.inputs = d.to_few ? c->in : 9 * c->in;
  d.panels = pieces(d.to_few ? 9 * c->out : c->out, d.l->panel);
  d.width = d.panels * d.l->panel;
  int64_t threads = h != NULL && h->run != NULL ? h->threads : 0;
  d.band = pieces(c->height, least(c->height, threads == 0 ? 1 : pieces(4 * (threads + 1), c->batch)));
  d.bands = pieces(c->height, d.band);
  int slot, failed = 1;
  d.kernel = convscope_borrow((d.inputs + 1) * d.width * sizeof(float), &slot);
  if (d.kernel != NULL) {
    arrange(&d);
    int64_t room = c->width * (d.to_few ? 3 * d.width + c->in : d.width + d.inputs + c->in);
    failed = convscope_share(&(work){part, &d, {0, c->batch * d.bands}, room * sizeof(float)}, h);
    convscope_give_back(d.kernel, slot);
  }
  return failed;
}
