// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

#include <stdlib.h>

#include "pjrt.h"

// convscope_hook puts convscopeCompile in the place of the compile call of the plugin at path. 0 is success.
int convscope_hook(const char *path);

// The plugin's own functions, for the client and program of args. Those that return an int return 0 for success.
void *convscope_compile(compile_args *args);
int convscope_is_on(compile_args *args, const char *platform);
int convscope_load(compile_args *args, const char *bytes, size_t size);
int convscope_serialize(compile_args *args, serialize_args *result);
void convscope_free(serialize_args *result);
