// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

#include "job.h"

static void inputs(const job *j, int64_t first, int64_t count, float *v, int64_t rows) {
  j->p.l->inputs[j->p.large](&j->p, first, count, v, rows);
}

static void kernels(const job *j, int64_t panel, int64_t in, int64_t count, float *u, int64_t stride, float *turn) {
  j->p.l->kernels[j->p.large](&j->p, panel, in, count, u, stride, turn);
}

// outputs writes tiles. The transforms spread an infinity or a NaN, or a sum that overflows, over the whole tile, so
// those are computed once more without.
static void outputs(const job *j, int64_t first, int64_t count, const float *m, int64_t rows, int64_t width, int64_t out) {
  const plan *p = &j->p;
  int64_t channels = least(width, p->c->out - out);
  if (p->l->outputs[p->large](p, first, count, m, rows, width, out, channels)) {
    return;
  }
  for (int64_t tile = first; tile < first + count; tile++) {
    convscope_exact(p, tile, out, channels);
  }
}

// Where pictures are large, the first phase transforms the kernel by groups of panels, [groups][points][panels of the
// group][inputs][panel], and the second goes over blocks of tiles, whose transformed inputs stay in the cache.

static void wide_first(job *j, int64_t part, float *turn) {
  const plan *p = &j->p;
  int64_t group = part / j->group, within = part % j->group, panels = least(j->group, p->panels - group * j->group);
  int64_t size = p->c->in * p->l->panel;
  kernels(j, part, 0, p->c->in, j->shared + (group * j->group * p->points + within) * size, panels * size, turn);
}

static void wide_second(job *j, int64_t part, float *room) {
  const plan *p = &j->p;
  int64_t first = part * j->block, count = least(j->block, p->tiles - first);
  int64_t size = p->c->in * p->l->panel, width = j->group * p->l->panel;
  float *v = room, *m = room + p->points * j->block * p->width;
  const float *u = j->shared;
  inputs(j, first, count, v, j->block);
  for (int64_t g = 0; g * j->group < p->panels; g++) {
    int64_t panels = least(j->group, p->panels - g * j->group);
    for (int64_t point = 0; point < p->points; point++) {
      for (int64_t i = 0; i < panels; i++, u += size) {
        p->l->products(v + point * j->block * p->width, p->width, u, p->c->in,
                       m + point * j->block * width + i * p->l->panel, width, 0, count);
      }
    }
    outputs(j, first, count, m, j->block, width, g * width);
  }
}

// Where they are small and deep, the first phase transforms the inputs of all tiles, [points][tiles][width], and the
// second goes over groups of panels, whose kernel is transformed chunk by chunk and stays in the cache: it is read once,
// as it is, where its transform is four times as large.

static void deep_first(job *j, int64_t part) {
  int64_t first = part * j->block;
  inputs(j, first, least(j->block, j->p.tiles - first), j->shared + first * j->p.width, j->p.tiles);
}

static void deep_second(job *j, int64_t part, float *room) {
  const plan *p = &j->p;
  int64_t panels = least(j->group, p->panels - part * j->group), width = j->group * p->l->panel;
  int64_t size = j->chunk * p->l->panel, stride = j->group * size;
  float *u = room, *turn = u + p->points * stride, *m = turn + 9 * size;
  for (int64_t in = 0; in < p->c->in; in += j->chunk) {
    int64_t count = least(j->chunk, p->c->in - in);
    for (int64_t i = 0; i < panels; i++) {
      kernels(j, part * j->group + i, in, count, u + i * size, stride, turn);
    }
    for (int64_t point = 0; point < p->points; point++) {
      const float *v = j->shared + point * p->tiles * p->width + in;
      for (int64_t i = 0; i < panels; i++) {
        p->l->products(v, p->width, u + point * stride + i * size, count,
                       m + point * p->tiles * width + i * p->l->panel, width, in > 0, p->tiles);
      }
    }
  }
  outputs(j, 0, p->tiles, m, p->tiles, width, part * width);
}

size_t convscope_shared(const job *j) {
  const plan *p = &j->p;
  int64_t floats = j->deep ? p->tiles * p->width : p->panels * p->l->panel * p->c->in;
  return p->points * floats * sizeof(float);
}

size_t convscope_room(const job *j) {
  const plan *p = &j->p;
  int64_t panel = p->l->panel, width = j->group * panel;
  if (j->deep) {
    return ((p->points * j->group + 9) * j->chunk * panel + p->points * p->tiles * width) * sizeof(float);
  }
  int64_t first = 9 * p->c->in * panel, second = p->points * j->block * (p->width + width);
  return (first > second ? first : second) * sizeof(float);
}

void convscope_part(job *j, int phase, int64_t part, float *room) {
  if (j->deep) {
    phase == 0 ? deep_first(j, part) : deep_second(j, part, room);
  } else {
    phase == 0 ? wide_first(j, part, room) : wide_second(j, part, room);
  }
}
