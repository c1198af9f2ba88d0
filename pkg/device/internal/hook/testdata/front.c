// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// front is a plugin in front of another, PLUGIN, that lacks something: with LACKS 1 it says that it can't serialize, with
// 2 it has no such function, with 3 it can't load, and with 4 it has no extensions.

#include "pjrt.h"

#include <dlfcn.h>
#include <string.h>

typedef void *(*function)(void *args);

static function table[4096 / sizeof(function)];
static function real;

// fails lets the real function find that the arguments are of no version that it knows, which is an error of its own.
static void *fails(void *args) {
  size_t size = *(size_t *)args;
  *(size_t *)args = 0;
  void *error = real(args);
  *(size_t *)args = size;
  return error;
}

void *GetPjrtApi(void) {
  void *library = dlopen(PLUGIN, RTLD_LAZY | RTLD_LOCAL);
  void *(*entry)(void) = library == NULL ? NULL : (void *(*)(void))dlsym(library, "GetPjrtApi");
  table_head *theirs = entry == NULL ? NULL : entry();
  if (theirs == NULL || theirs->size > sizeof table) {
    return NULL;
  }
  if (real != NULL) {
    return table;
  }
  memcpy(table, theirs, theirs->size);
  int field = LACKS == 3 ? FIELD_EXECUTABLE_DESERIALIZE_AND_LOAD : FIELD_EXECUTABLE_SERIALIZE;
  real = table[field];
  switch (LACKS) {
  case 1:
  case 3:
    table[field] = fails;
    break;
  case 2:
    table[field] = NULL;
    break;
  case 4:
    ((table_head *)table)->extensions = NULL;
    break;
  }
  return table;
}
