// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

#include "job.h"

// plane_of is how many floats apart the matrices of two points stand: an odd number of the cache's lines, so that the
// values of all points at one place don't meet in a few places of the cache.
static int64_t plane_of(int64_t rows, int64_t width) { return (pieces(rows * width, 16) | 1) * 16; }

static void inputs(const job *j, int64_t first, int64_t count, float *v, int64_t plane) {
  j->p.l->inputs[j->p.large](&j->p, first, count, v, plane);
}

static void kernels(const job *j, int64_t panel, int64_t in, int64_t count, float *u, int64_t stride, float *turn) {
  j->p.l->kernels[j->p.large](&j->p, panel, in, count, u, stride, turn);
}

// outputs writes tiles. The transforms spread an infinity or a NaN, or a sum that overflows, over the whole tile, so
// those are computed once more without.
static void outputs(const job *j, int64_t first, int64_t count, const float *m, int64_t plane, int64_t width, int64_t out) {
  const plan *p = &j->p;
  int64_t channels = least(width, p->c->out - out);
  if (p->l->outputs[p->large](p, first, count, m, plane, width, out, channels)) {
    return;
  }
  for (int64_t tile = first; tile < first + count; tile++) {
    convscope_exact(p, tile, out, channels);
  }
}

// Where pictures are large, the first phase transforms the kernel by groups of panels, [groups][points][panels of a
// group][inputs][panel], and the second goes over blocks of tiles, whose transformed inputs stay in the cache.

static void wide_first(job *j, int64_t part, float *turn) {
  const plan *p = &j->p;
  int64_t group = part / j->group, within = part % j->group, size = p->c->in * p->l->panel, u_plane = plane_of(j->group, size);
  kernels(j, part, 0, p->c->in, j->shared + group * p->points * u_plane + within * size, u_plane, turn);
}

static void wide_second(job *j, int64_t part, float *room) {
  const plan *p = &j->p;
  int64_t first = part * j->block, count = least(j->block, p->tiles - first);
  int64_t size = p->c->in * p->l->panel, width = j->group * p->l->panel;
  int64_t v_plane = plane_of(j->block, p->width), m_plane = plane_of(j->block, width), u_plane = plane_of(j->group, size);
  float *v = room, *m = room + p->points * v_plane;
  const float *u = j->shared;
  inputs(j, first, count, v, v_plane);
  for (int64_t g = 0; g * j->group < p->panels; g++) {
    int64_t panels = least(j->group, p->panels - g * j->group);
    for (int64_t point = 0; point < p->points; point++, u += u_plane) {
      for (int64_t i = 0; i < panels; i++) {
        p->l->products(v + point * v_plane, p->width, u + i * size, p->c->in, m + point * m_plane + i * p->l->panel, width, 0,
                       count);
      }
    }
    outputs(j, first, count, m, m_plane, width, g * width);
  }
}

// Where they are small and deep, the first phase transforms the inputs of all tiles, [points][tiles][width], and the
// second goes over groups of panels, whose kernel is transformed chunk by chunk and stays in the cache: it is read once,
// as it is, where its transform is four times as large.

static void deep_first(job *j, int64_t part) {
  int64_t first = part * j->block;
  inputs(j, first, least(j->block, j->p.tiles - first), j->shared + first * j->p.width, plane_of(j->p.tiles, j->p.width));
}

static void deep_second(job *j, int64_t part, float *room) {
  const plan *p = &j->p;
  int64_t panels = least(j->group, p->panels - part * j->group), width = j->group * p->l->panel;
  int64_t size = j->chunk * p->l->panel, u_plane = plane_of(j->group, size);
  int64_t v_plane = plane_of(p->tiles, p->width), m_plane = plane_of(p->tiles, width);
  float *u = room, *turn = u + p->points * u_plane, *m = turn + 9 * size;
  for (int64_t in = 0; in < p->c->in; in += j->chunk) {
    int64_t count = least(j->chunk, p->c->in - in);
    for (int64_t i = 0; i < panels; i++) {
      kernels(j, part * j->group + i, in, count, u + i * size, u_plane, turn);
    }
    for (int64_t point = 0; point < p->points; point++) {
      const float *v = j->shared + point * v_plane + in;
      for (int64_t i = 0; i < panels; i++) {
        p->l->products(v, p->width, u + point * u_plane + i * size, count,
                       m + point * m_plane + i * p->l->panel, width, in > 0, p->tiles);
      }
    }
  }
  outputs(j, 0, p->tiles, m, m_plane, width, part * width);
}

size_t convscope_shared(const job *j) {
  const plan *p = &j->p;
  int64_t plane = j->deep ? plane_of(p->tiles, p->width)
                          : pieces(p->panels, j->group) * plane_of(j->group, p->c->in * p->l->panel);
  return p->points * plane * sizeof(float);
}

size_t convscope_room(const job *j) {
  const plan *p = &j->p;
  int64_t panel = p->l->panel, width = j->group * panel;
  if (j->deep) {
    int64_t size = j->chunk * panel;
    return (p->points * (plane_of(j->group, size) + plane_of(p->tiles, width)) + 9 * size) * sizeof(float);
  }
  int64_t first = 9 * p->c->in * panel, second = p->points * (plane_of(j->block, p->width) + plane_of(j->block, width));
  return (first > second ? first : second) * sizeof(float);
}

void convscope_part(job *j, int phase, int64_t part, float *room) {
  if (j->deep) {
    phase == 0 ? deep_first(j, part) : deep_second(j, part, room);
  } else {
    phase == 0 ? wide_first(j, part, room) : wide_second(j, part, room);
  }
}
