// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

#include "convolve.h"

#include "job.h"

#include <stdlib.h>
#include <unistd.h>

// cache is how many bytes of the second level's cache one thread has.
static int64_t cache(void) {
  long size = 0;
#ifdef _SC_LEVEL2_CACHE_SIZE
  size = sysconf(_SC_LEVEL2_CACHE_SIZE);
#endif
  return size > 0 ? size : 1 << 20;
}

// block_for is how many tiles are computed at once: their transformed inputs and products fill less than half of the
// cache. There are as many blocks for each thread.
static int64_t block_for(const job *j, int64_t threads) {
  const plan *p = &j->p;
  const int64_t fewest = 12, most = 48; // below, the kernel is read too often
  int64_t bytes = p->points * (p->width + j->group * p->l->panel) * sizeof(float);
  int64_t block = least(most, cache() / 2 / bytes);
  block = block < fewest ? fewest : block;
  int64_t blocks = pieces(pieces(p->tiles, block), threads) * threads;
  return pieces(p->tiles, blocks);
}

// choose plans the convolution.
static void choose(job *j, const convolution *c, int64_t threads) {
  plan *p = &j->p;
  p->c = c, p->l = convscope_loops();
  int64_t small = c->batch * pieces(c->height, 2) * pieces(c->width, 2);
  int64_t large = c->batch * pieces(c->height, 4) * pieces(c->width, 4);
  // What each takes for an input and an output: a product for each tile and point, and the transform of the kernel,
  // which as many products take as long as. Few tiles are better small.
  p->large = large * 36 + 260 < small * 16 + 60;
  p->side = p->large ? 6 : 4, p->points = p->side * p->side;
  p->lines = pieces(c->height, p->side - 2), p->columns = pieces(c->width, p->side - 2);
  p->tiles = p->large ? large : small;
  p->width = pieces(c->in, p->l->lanes) * p->l->lanes;
  p->width += p->width % 64 == 0 ? 16 : 0; // rows that are some power of two apart share few places of the cache
  p->panels = pieces(c->out, p->l->panel);
  const int64_t few = 64;
  j->deep = p->tiles <= few;
  if (j->deep) {
    j->group = pieces(32, p->l->panel);
    j->block = 4;
    j->chunk = least(64, c->in);
    j->parts[0] = pieces(p->tiles, j->block), j->parts[1] = pieces(p->panels, j->group);
  } else {
    j->group = least(pieces(64, p->l->panel), p->panels);
    j->block = block_for(j, threads);
    j->parts[0] = p->panels, j->parts[1] = pieces(p->tiles, j->block);
  }
}

static void part(void *of, int phase, int64_t part, float *room) { convscope_part(of, phase, part, room); }

int convscope_convolve(const convolution *c, const helpers *h) {
  if (c->batch <= 0 || c->height <= 0 || c->width <= 0 || c->out <= 0) {
    return 0;
  }
  const int64_t few = 8;
  if (c->in < few || c->out < few) {
    return convscope_few(c, h);
  }
  job j = {0};
  int64_t threads = h != NULL && h->run != NULL ? h->threads : 0;
  choose(&j, c, threads + 1);
  int slot, failed = 1;
  float *zeros = calloc(j.p.width, sizeof *zeros);
  j.p.zeros = zeros;
  j.shared = zeros == NULL ? NULL : convscope_borrow(convscope_shared(&j), &slot);
  if (j.shared != NULL) {
    failed = convscope_share(&(work){part, &j, {j.parts[0], j.parts[1]}, convscope_room(&j)}, h);
    convscope_give_back(j.shared, slot);
  }
  free(zeros);
  return failed;
}
