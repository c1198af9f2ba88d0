// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// For NEON, which every ARM of 64 bits has, and for whatever else the compiler makes of vectors of four.
#define TARGET
#define LANES 4
#if defined(__aarch64__)
#define NAME "NEON"
#define WIDE 4
#define ROWS 6
#else
#define NAME "plain"
#define WIDE 2
#define ROWS 4
#endif
#define SET convscope_plain
#include "loops.h"
