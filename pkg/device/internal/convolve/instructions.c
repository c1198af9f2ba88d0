// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

#include "plan.h"

#include <stdatomic.h>
#include <stddef.h>

extern const loops convscope_plain;

#if defined(__x86_64__)

extern const loops convscope_avx2, convscope_avx512;

// widest returns the loops for the widest instructions that the processor has, up to a level: 0 plain, 1 AVX2, 2 AVX-512.
static const loops *widest(int most) {
  __builtin_cpu_init();
  if (most >= 2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) {
    return &convscope_avx512;
  }
  if (most >= 1 && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    return &convscope_avx2;
  }
  return &convscope_plain;
}

#else

static const loops *widest(int most) {
  (void)most;
  return &convscope_plain;
}

#endif

static _Atomic(const loops *) chosen;

const loops *convscope_loops(void) {
  const loops *l = atomic_load_explicit(&chosen, memory_order_relaxed);
  if (l == NULL) {
    l = widest(2);
    atomic_store_explicit(&chosen, l, memory_order_relaxed);
  }
  return l;
}

const char *convscope_limit(int most) {
  const loops *l = widest(most);
  atomic_store_explicit(&chosen, l, memory_order_relaxed);
  return l->name;
}
