// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

//go:build cgo && !noxla

#include "hook.h"

#include <dlfcn.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

extern void *convscopeCompile(int plugin, compile_args *args);

typedef void *(*function)(void *args);

static struct {
  function *table;  // PJRT's, as an array of its fields
  function compile; // the plugin's own
  const extension *extensions;
} plugins[PLUGINS];

static void *compile_on_cpu(void *args) { return convscopeCompile(ON_CPU, args); }
static void *compile_elsewhere(void *args) { return convscopeCompile(ELSEWHERE, args); }

void convscope_drop(int plugin, void *error) {
  destroy_args destroy = {sizeof destroy, NULL, error};
  plugins[plugin].table[FIELD_ERROR_DESTROY](&destroy);
}

// succeeded drops an error. It says whether there was none.
static int succeeded(int plugin, void *error) {
  if (error != NULL) {
    convscope_drop(plugin, error);
  }
  return error == NULL;
}

// call returns 0 for success. A function that the plugin lacks has none.
static int call(int plugin, int field, void *args) {
  function *table = plugins[plugin].table;
  if (((table_head *)table)->size < (field + 1) * sizeof(void *) || table[field] == NULL) {
    return 1;
  }
  return !succeeded(plugin, table[field](args));
}

int convscope_hook(int plugin, const char *path) {
  void *library = dlopen(path, RTLD_LAZY | RTLD_LOCAL); // the same one that go-xla gets
  if (library == NULL) {
    return 1;
  }
  void *(*entry)(void) = (void *(*)(void))dlsym(library, "GetPjrtApi");
  table_head *head = entry == NULL ? NULL : entry();
  if (head == NULL || head->major != 0 || head->size < (FIELD_LOADED_EXECUTABLE_GET_EXECUTABLE + 1) * sizeof(void *)) {
    return 1;
  }
  function *fields = (function *)head;
  static const int needed[] = {FIELD_ERROR_DESTROY, FIELD_CLIENT_PLATFORM_NAME, FIELD_CLIENT_COMPILE,
                               FIELD_EXECUTABLE_DESTROY, FIELD_LOADED_EXECUTABLE_GET_EXECUTABLE};
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
  plugins[plugin].table = fields;
  plugins[plugin].extensions = head->extensions;
  plugins[plugin].compile = fields[FIELD_CLIENT_COMPILE];
  __atomic_store_n(&fields[FIELD_CLIENT_COMPILE], plugin == ON_CPU ? compile_on_cpu : compile_elsewhere, __ATOMIC_RELEASE);
  return 0;
}

int convscope_register(int plugin, const char *name, void *handler) {
  static const char platform[] = "Host";
  for (const extension *e = plugins[plugin].extensions; e != NULL; e = e->next) {
    const ffi_extension *ffi = (const ffi_extension *)e;
    if (e->type != EXTENSION_FFI || e->size < sizeof *ffi || ffi->register_handler == NULL) {
      continue;
    }
    handler_args args = {sizeof args, name, strlen(name), handler, platform, sizeof platform - 1, 0};
    return !succeeded(plugin, ffi->register_handler(&args));
  }
  return 1;
}

void *convscope_compile(int plugin, compile_args *args) { return plugins[plugin].compile(args); }

void *convscope_compile_text(int plugin, compile_args *args, const char *code, size_t size) {
  program own = *args->program;
  own.code = (char *)code;
  own.code_size = size;
  const program *theirs = args->program;
  args->program = &own;
  void *error = plugins[plugin].compile(args);
  args->program = theirs;
  return error;
}

int convscope_is_on(int plugin, compile_args *args, const char *platform) {
  platform_args a = {.size = sizeof a, .client = args->client};
  return call(plugin, FIELD_CLIENT_PLATFORM_NAME, &a) == 0 && a.name_size == strlen(platform) &&
         memcmp(a.name, platform, a.name_size) == 0;
}

int convscope_load(int plugin, compile_args *args, const char *bytes, size_t size) {
  load_args a = {.size = sizeof a, .client = args->client, .bytes = bytes, .bytes_size = size};
  if (call(plugin, FIELD_EXECUTABLE_DESERIALIZE_AND_LOAD, &a) != 0) {
    return 1;
  }
  args->executable = a.loaded;
  return 0;
}

int convscope_serialize(int plugin, compile_args *args, serialize_args *result) {
  executable_args e = {.size = sizeof e, .loaded = args->executable};
  if (call(plugin, FIELD_LOADED_EXECUTABLE_GET_EXECUTABLE, &e) != 0) {
    return 1;
  }
  memset(result, 0, sizeof *result);
  result->size = sizeof *result;
  result->executable = e.executable;
  int failed = call(plugin, FIELD_EXECUTABLE_SERIALIZE, result);
  destroy_args d = {sizeof d, NULL, e.executable};
  call(plugin, FIELD_EXECUTABLE_DESTROY, &d);
  return failed;
}

void convscope_free(serialize_args *result) {
  if (result->free_backing != NULL) {
    result->free_backing(result->backing);
  }
}
