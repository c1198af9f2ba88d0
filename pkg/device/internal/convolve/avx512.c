// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

#if defined(__x86_64__)
#define TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")))
#define LANES 16
#define WIDE 2
#define ROWS 12
#define NAME "AVX-512"
#define SET convscope_avx512
#include "loops.h"
#endif
