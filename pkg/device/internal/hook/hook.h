// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

#include <stdlib.h>

#include "pjrt.h"

// A process can have two plugins: one for the CPU and one for another platform.
enum { ON_CPU, ELSEWHERE, PLUGINS };

// convscope_hook puts convscopeCompile in the place of the compile call of the plugin at path. 0 is success.
int convscope_hook(int plugin, const char *path);

// convscope_register lets programs for the CPU call a handler of XLA's FFI by its name. 0 is success.
int convscope_register(int plugin, const char *name, void *handler);

// The plugin's own functions, for the client and program of args. Those that return an int return 0 for success.
void *convscope_compile(int plugin, compile_args *args);
void *convscope_compile_text(int plugin, compile_args *args, const char *code, size_t size); // instead of args' program
int convscope_is_on(int plugin, compile_args *args, const char *platform);
int convscope_load(int plugin, compile_args *args, const char *bytes, size_t size);
int convscope_serialize(int plugin, compile_args *args, serialize_args *result);
void convscope_free(serialize_args *result);
void convscope_drop(int plugin, void *error);
