// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

#include "depthwise.h"

#include "plan.h"
#include "run.h"

#include <string.h>

// A share is how the work is divided: by pictures, bands of rows and groups of channels. What a value is summed up from,
// and in which order, does not depend on it.
typedef struct {
  const depthwise *d;
  const loops *l;
  int64_t taps;          // of the whole window
  int64_t bands, band;   // of a picture, and how many rows one has
  int64_t groups, width; // of channels, and how many floats the weights of a tap take
} share;

static int64_t common(int64_t a, int64_t b) { return b == 0 ? a : common(b, a % b); }

// channel is the first one of a group: a multiple of a vector's size, so that no two groups write to the same place.
static int64_t channel(const share *s, int64_t group) {
  return group == s->groups ? s->d->channels : s->d->channels * group / s->groups / s->l->lanes * s->l->lanes;
}

// place is where a tap reaches in one direction of the picture, which may be outside. It returns 0 where it falls
// between two values.
static int place(const depthwise *d, int direction, int64_t out, int64_t tap, int64_t *at) {
  int64_t q = out * d->stride[direction] + tap * d->reach[direction] - d->low[direction];
  *at = q / d->spread[direction];
  return q % d->spread[direction] == 0;
}

// reach lists the taps of output [row, column] into r, and counts into outputs how many from there on, of most that are
// x_step apart in columns of x, have the same.
static void reach(const depthwise *d, run *r, tap *list, int64_t width, int64_t row, int64_t column, int64_t most, int64_t step) {
  r->count = 0, r->outputs = most;
  for (int64_t b = 0; b < d->taps[1]; b++) {
    int64_t at;
    if (!place(d, 1, column, b, &at) || at >= d->size[1]) {
      continue;
    }
    r->outputs = least(r->outputs, pieces(at < 0 ? -at : d->size[1] - at, step));
  }
  for (int64_t a = 0; a < d->taps[0]; a++) {
    int64_t line, at;
    if (!place(d, 0, row, a, &line) || line < 0 || line >= d->size[0]) {
      continue;
    }
    for (int64_t b = 0; b < d->taps[1]; b++) {
      if (place(d, 1, column, b, &at) && at >= 0 && at < d->size[1]) {
        list[r->count++] = (tap){(line * d->size[1] + at) * d->channels, (a * d->taps[1] + b) * width};
      }
    }
  }
}

// gather copies the weights and the bias of channels from first on, each with zeros behind it, and turns the kernel.
static void gather(const share *s, int64_t first, int64_t channels, float *weights, float *bias) {
  const depthwise *d = s->d;
  size_t size = channels * sizeof(float), rest = (s->width - channels) * sizeof(float);
  for (int64_t t = 0; t < s->taps; t++) {
    float *to = weights + t * s->width;
    memcpy(to, d->kernel + (d->turned ? s->taps - 1 - t : t) * d->channels + first, size);
    memset(to + channels, 0, rest);
  }
  memset(bias, 0, s->width * sizeof(float));
  if (d->bias != NULL) {
    memcpy(bias, d->bias + first, size);
  }
}

static void part(void *of, int phase, int64_t part, float *room) {
  (void)phase;
  const share *s = of;
  const depthwise *d = s->d;
  int64_t group = part % s->groups, band = part / s->groups % s->bands, n = part / s->groups / s->bands;
  int64_t first = channel(s, group), channels = channel(s, group + 1) - first;
  float *weights = room, *bias = weights + s->taps * s->width;
  tap *list = (tap *)(bias + s->width);
  gather(s, first, channels, weights, bias);
  // Where x is spread, the taps of an output are those of the next but one, for instance.
  int64_t period = d->spread[1] / common(d->spread[1], d->stride[1]), step = period * d->stride[1] / d->spread[1];
  run r = {.x = NULL, .end = d->x + d->batch * d->size[0] * d->size[1] * d->channels, .weights = weights, .bias = bias,
           .channels = channels, .x_step = step * d->channels, .y_step = period * d->channels, .taps = list, .relu = d->relu,
           .most = d->most};
  const float *x = d->x + n * d->size[0] * d->size[1] * d->channels + first;
  for (int64_t row = band * s->band; row < least((band + 1) * s->band, d->out[0]); row++) {
    for (int64_t column = 0; column < least(period, d->out[1]); column++) {
      for (int64_t at = column; at < d->out[1]; at += r.outputs * period) {
        reach(d, &r, list, s->width, row, at, pieces(d->out[1] - at, period), step);
        r.x = x;
        int64_t to = ((n * d->out[0] + row) * d->out[1] + at) * d->channels + first;
        r.y = d->y + to;
        r.after = d->after == NULL ? NULL : d->after + to;
        s->l->outputs_of(&r);
      }
    }
  }
}

int convscope_depthwise(const depthwise *d, const helpers *h) {
  if (d->batch <= 0 || d->channels <= 0 || d->out[0] <= 0 || d->out[1] <= 0) {
    return 0;
  }
  share s = {.d = d, .l = convscope_loops(), .taps = d->taps[0] * d->taps[1]};
  const int64_t near = 4096; // floats that stay in the nearest cache beside the picture's
  int64_t lanes = s.l->lanes, most = near / (s.taps + 1) / lanes * lanes;
  most = most < 4 * lanes ? 4 * lanes : most;
  s.groups = d->channels < most ? 1 : d->channels / most;
  for (int64_t g = 0; g < s.groups; g++) {
    int64_t width = pieces(channel(&s, g + 1) - channel(&s, g), lanes) * lanes;
    s.width = width > s.width ? width : s.width;
  }
  // A few parts for each thread, but none that takes less time than to hand it over.
  const int64_t several = 4, little = 1 << 17;
  int64_t threads = h != NULL && h->run != NULL ? h->threads : 0;
  int64_t products = d->batch * d->out[0] * d->out[1] * d->channels * s.taps;
  int64_t parts = threads == 0 ? 1 : least(several * (threads + 1), 1 + products / little);
  s.band = pieces(d->out[0], least(d->out[0], pieces(parts, d->batch * s.groups)));
  s.bands = pieces(d->out[0], s.band);
  size_t room = s.taps * sizeof(tap) + (s.taps + 1) * s.width * sizeof(float);
  return convscope_share(&(work){part, &s, {0, d->batch * s.bands * s.groups}, room}, h);
}
