// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

#ifndef CONVSCOPE_JOB_H
#define CONVSCOPE_JOB_H

#include "memory.h"
#include "parts.h"
#include "plan.h"

// A job is a convolution that several threads work at, in two phases of so many parts each.
typedef struct {
  plan p;
  int deep;       // by groups of channels instead of by blocks of tiles: see phase.c
  int64_t block;  // tiles of a part
  int64_t group;  // panels of a part
  int64_t chunk;  // inputs whose kernel is transformed at once, where deep
  int64_t parts[2];
  float *shared; // what the first phase makes for the second
} job;

// The memory, in bytes, that all share, and that each thread has for itself.
size_t convscope_shared(const job *j);
size_t convscope_room(const job *j);

// convscope_part does one part of a phase, in a thread's own room.
void convscope_part(job *j, int phase, int64_t part, float *room);

// convscope_exact computes the outputs of a tile without transforms, for channels from out on.
void convscope_exact(const plan *p, int64_t tile, int64_t out, int64_t channels);

// convscope_few convolves from or to few channels, which transforms don't pay for. It returns what convscope_convolve
// does.
int convscope_few(const convolution *c, const helpers *h);

#endif
