// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

#include "memory.h"

#include <stdatomic.h>
#include <stdlib.h>

// Memory is kept from call to call: to touch fresh pages takes longer than many a convolution.
enum { SLOTS = 64 };

static struct {
  atomic_flag taken;
  size_t size;
  void *memory;
} slots[SLOTS];

static int take(int i) { return !atomic_flag_test_and_set_explicit(&slots[i].taken, memory_order_acquire); }
static void leave(int i) { atomic_flag_clear_explicit(&slots[i].taken, memory_order_release); }

static void *fresh(size_t size) {
  void *memory;
  return posix_memalign(&memory, 64, size) == 0 ? memory : NULL;
}

void *convscope_borrow(size_t size, int *slot) {
  *slot = -1;
  for (int i = 0; i < SLOTS; i++) {
    if (!take(i)) {
      continue;
    }
    if (slots[i].size >= size) {
      if (*slot >= 0) {
        leave(*slot);
      }
      *slot = i;
      return slots[i].memory;
    }
    if (*slot < 0) {
      *slot = i; // too small, but one to have unless a larger one comes
    } else {
      leave(i);
    }
  }
  if (*slot < 0) {
    return fresh(size);
  }
  free(slots[*slot].memory);
  void *memory = fresh(size);
  slots[*slot].memory = memory;
  slots[*slot].size = memory == NULL ? 0 : size;
  if (memory == NULL) {
    leave(*slot);
  }
  return memory;
}

void convscope_give_back(void *memory, int slot) {
  if (slot < 0) {
    free(memory);
  } else {
    leave(slot);
  }
}
