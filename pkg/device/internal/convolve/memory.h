// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

#ifndef CONVSCOPE_MEMORY_H
#define CONVSCOPE_MEMORY_H

#include <stddef.h>

// convscope_borrow returns memory, or NULL; convscope_give_back takes it, with the slot that came with it.
void *convscope_borrow(size_t size, int *slot);
void convscope_give_back(void *memory, int slot);

#endif
