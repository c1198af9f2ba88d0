// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// What the programs here share: values at random, and threads that help. SPECIAL mixes values in: 1 infinities, 2 NaN,
// 4 negative zeros, 8 values that only denormal numbers hold, 16 values whose sums overflow.

#include "parts.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { INFINITE = 1, NANS = 2, ZEROS = 4, DENORMAL = 8, HUGE_SUMS = 16 };

static unsigned long long state;

static inline unsigned next(void) {
  state = state * 6364136223846793005ull + 1442695040888963407ull;
  return state >> 33;
}

static inline float *values(size_t count, int special) {
  float *v = malloc((count + 1) * sizeof *v); // so that tools see what lies beyond
  if (v == NULL) {
    exit(2);
  }
  v = realloc(v, (count > 0 ? count : 1) * sizeof *v);
  for (size_t i = 0; i < count; i++) {
    v[i] = next() / (float)(1u << 30) - 1;
    if (special & DENORMAL) {
      v[i] *= 1e-39f;
    }
    if (special & HUGE_SUMS && next() % 64 == 0) {
      v[i] *= 1e38f;
    }
    if (special & ZEROS && next() % 4 == 0) {
      v[i] = -0.f;
    }
    if (special & INFINITE && next() % 512 == 0) {
      v[i] = next() % 2 ? INFINITY : -INFINITY;
    }
    if (special & NANS && next() % 512 == 0) {
      v[i] = NAN;
    }
  }
  return v;
}

typedef struct {
  pthread_t thread[64];
  int count;
} crowd;

typedef struct {
  void (*task)(void *);
  void *argument;
} errand;

static inline void *errands(void *of) {
  errand e = *(errand *)of;
  free(of);
  e.task(e.argument);
  return NULL;
}

// run is a helper's: a thread for each task, or the caller itself, or nobody.
static inline int run(void *context, void (*task)(void *), void *argument) {
  crowd *all = context;
  switch (next() % 8) {
  case 0:
    return 1;
  case 1:
    task(argument);
    return 0;
  }
  errand *e = malloc(sizeof *e);
  e->task = task, e->argument = argument;
  return pthread_create(&all->thread[all->count], NULL, errands, e) != 0 || (all->count++, 0);
}

// meet waits for all threads.
static inline void meet(crowd *all) {
  for (int i = 0; i < all->count; i++) {
    pthread_join(all->thread[i], NULL);
  }
}
