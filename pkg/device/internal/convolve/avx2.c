// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

#if defined(__x86_64__)
#define TARGET __attribute__((target("avx2,fma")))
#define LANES 8
#define WIDE 2
#define ROWS 6
#define NAME "AVX2"
#define SET convscope_avx2
#include "loops.h"
#endif
