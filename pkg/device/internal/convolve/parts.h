// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

#ifndef CONVSCOPE_PARTS_H
#define CONVSCOPE_PARTS_H

#include <stddef.h>
#include <stdint.h>

// Other threads that may help. run must call task(argument) once, at any time, even after the work is done, on any
// thread, even at once on the caller's; it returns 0 if it will. Where run is NULL, the caller's thread does all.
// Nobody may wait for a task that has not begun: all threads may be busy with work that waits likewise.
typedef struct {
  void *context;
  int64_t threads; // how many there are, the caller's not counted
  int (*run)(void *context, void (*task)(void *argument), void *argument);
} helpers;

// work is done in two phases of so many parts each. The second begins when the first is done.
typedef struct {
  void (*part)(void *of, int phase, int64_t part, float *room);
  void *of;
  int64_t parts[2];
  size_t room; // bytes that each thread has for itself
} work;

// convscope_share does all parts of the work, each once, on the caller's thread and on those that help. It returns 0, or
// 1 where memory is short, and then some parts are not done.
int convscope_share(const work *w, const helpers *h);

static inline int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

// pieces is how many pieces of a size cover n.
static inline int64_t pieces(int64_t n, int64_t size) { return (n + size - 1) / size; }

#endif
