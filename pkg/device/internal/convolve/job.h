// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

#ifndef CONVSCOPE_JOB_H
#define CONVSCOPE_JOB_H

#include "plan.h"

#include <stdatomic.h>
#include <stddef.h>

// A job is a convolution that several threads work at, in two phases of so many parts each. It lives until the last of
// them has let it go.
typedef struct {
  plan p;
  int deep;       // by groups of channels instead of by blocks of tiles: see phase.c
  int64_t block;  // tiles of a part
  int64_t group;  // panels of a part
  int64_t chunk;  // inputs whose kernel is transformed at once, where deep
  int64_t parts[2];
  float *shared; // what the first phase makes for the second
  atomic_llong next[2], done[2];
  atomic_int holders, failed;
} job;

// The memory, in bytes, that all share, and that each thread has for itself.
size_t convscope_shared(const job *j);
size_t convscope_room(const job *j);

// convscope_part does one part of a phase, in a thread's own room.
void convscope_part(job *j, int phase, int64_t part, float *room);

// convscope_exact computes the outputs of a tile without transforms, for channels from out on.
void convscope_exact(const plan *p, int64_t tile, int64_t out, int64_t channels);

// convscope_borrow returns memory, or NULL; convscope_give_back takes it, with the slot that came with it.
void *convscope_borrow(size_t size, int *slot);
void convscope_give_back(void *memory, int slot);

static inline int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

// pieces is how many pieces of a size cover n.
static inline int64_t pieces(int64_t n, int64_t size) { return (n + size - 1) / size; }

#endif
