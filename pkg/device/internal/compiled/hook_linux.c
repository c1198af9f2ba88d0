// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

//go:build cgo && !noxla

#include "hook.h"

#include <dlfcn.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

extern void *convscopeCompile(compile_args *args);

typedef void *(*function)(void *args);

static function *table;  // PJRT's, as an array of its fields
static function compile; // the plugin's own

static int call(int field, void *args) {
  void *error = table[field](args);
  if (error == NULL) {
    return 0;
  }
  destroy_args destroy = {sizeof destroy, NULL, error};
  table[FIELD_ERROR_DESTROY](&destroy);
  return 1;
}

int convscope_hook(const char *path) {
  void *library = dlopen(path, RTLD_LAZY | RTLD_LOCAL); // the same one that go-xla gets
  if (library == NULL) {
    return 1;
  }
  void *(*entry)(void) = (void *(*)(void))dlsym(library, "GetPjrtApi");
  table_head *head = entry == NULL ? NULL : entry();
  if (head == NULL || head->major != 0 || head->size < (FIELD_EXECUTABLE_DESERIALIZE_AND_LOAD + 1) * sizeof(void *)) {
    return 1;
  }
  function *fields = (function *)head;
  static const int needed[] = {FIELD_ERROR_DESTROY, FIELD_CLIENT_PLATFORM_NAME, FIELD_CLIENT_COMPILE,
                               FIELD_EXECUTABLE_DESTROY, FIELD_EXECUTABLE_SERIALIZE,
                               FIELD_LOADED_EXECUTABLE_GET_EXECUTABLE, FIELD_EXECUTABLE_DESERIALIZE_AND_LOAD};
  for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
    if (fields[needed[i]] == NULL) {
      return 1;
    }
  }
  // The table lies in a page that the loader has made read-only. The page may hold data that is written to as well, so it
  // stays writable.
  uintptr_t page = sysconf(_SC_PAGESIZE);
  uintptr_t place = (uintptr_t)&fields[FIELD_CLIENT_COMPILE] / page * page;
  if (mprotect((void *)place, page, PROT_READ | PROT_WRITE) != 0) {
    return 1;
  }
  table = fields;
  compile = fields[FIELD_CLIENT_COMPILE];
  __atomic_store_n(&fields[FIELD_CLIENT_COMPILE], (function)convscopeCompile, __ATOMIC_RELEASE);
  return 0;
}

void *convscope_compile(compile_args *args) { return compile(args); }

int convscope_is_on(compile_args *args, const char *platform) {
  platform_args a = {.size = sizeof a, .client = args->client};
  return call(FIELD_CLIENT_PLATFORM_NAME, &a) == 0 && a.name_size == strlen(platform) &&
         memcmp(a.name, platform, a.name_size) == 0;
}

int convscope_load(compile_args *args, const char *bytes, size_t size) {
  load_args a = {.size = sizeof a, .client = args->client, .bytes = bytes, .bytes_size = size};
  if (call(FIELD_EXECUTABLE_DESERIALIZE_AND_LOAD, &a) != 0) {
    return 1;
  }
  args->executable = a.loaded;
  return 0;
}

int convscope_serialize(compile_args *args, serialize_args *result) {
  executable_args e = {.size = sizeof e, .loaded = args->executable};
  if (call(FIELD_LOADED_EXECUTABLE_GET_EXECUTABLE, &e) != 0) {
    return 1;
  }
  memset(result, 0, sizeof *result);
  result->size = sizeof *result;
  result->executable = e.executable;
  int failed = call(FIELD_EXECUTABLE_SERIALIZE, result);
  destroy_args d = {sizeof d, NULL, e.executable};
  call(FIELD_EXECUTABLE_DESTROY, &d);
  return failed;
}

void convscope_free(serialize_args *result) {
  if (result->free_backing != NULL) {
    result->free_backing(result->backing);
  }
}
