// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

#include "parts.h"

#include "memory.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

// A crew is work that several threads do. It lives until the last of them has let it go; what the work is of may be gone
// by then.
typedef struct {
  work w;
  atomic_llong next[2], done[2];
  atomic_int holders, failed;
} crew;

static void let_go(crew *c) {
  if (atomic_fetch_sub_explicit(&c->holders, 1, memory_order_acq_rel) == 1) {
    free(c);
  }
}

// labour does parts of both phases until none is left, and waits for those that others have begun.
static void labour(crew *c) {
  const work *w = &c->w;
  int slot;
  float *room = convscope_borrow(w->room, &slot);
  if (room == NULL) {
    atomic_store(&c->failed, 1);
  }
  for (int phase = 0; phase < 2; phase++) {
    for (int64_t part; (part = atomic_fetch_add(&c->next[phase], 1)) < w->parts[phase];) {
      if (room != NULL) {
        w->part(w->of, phase, part, room);
      }
      atomic_fetch_add_explicit(&c->done[phase], 1, memory_order_release);
    }
    const int patience = 1000;
    for (int spins = 0; atomic_load_explicit(&c->done[phase], memory_order_acquire) < w->parts[phase]; spins++) {
      if (spins > patience) {
        sched_yield();
      }
    }
  }
  if (room != NULL) {
    convscope_give_back(room, slot);
  }
}

static void help(void *argument) {
  crew *c = argument;
  if (atomic_load_explicit(&c->next[1], memory_order_acquire) < c->w.parts[1]) { // else it comes too late
    labour(c);
  }
  let_go(c);
}

int convscope_share(const work *w, const helpers *h) {
  crew *c = calloc(1, sizeof *c);
  if (c == NULL) {
    return 1;
  }
  c->w = *w;
  atomic_store(&c->holders, 1);
  int64_t threads = h != NULL && h->run != NULL ? h->threads : 0;
  for (int64_t i = 0; i < least(threads, w->parts[1] - 1); i++) {
    atomic_fetch_add(&c->holders, 1);
    if (h->run(h->context, help, c) != 0) {
      let_go(c);
    }
  }
  labour(c);
  int failed = atomic_load(&c->failed);
  let_go(c);
  return failed;
}
