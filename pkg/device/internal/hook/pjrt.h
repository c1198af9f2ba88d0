// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// The part of PJRT's C API that the hook takes. Its structs only ever grow at their ends, within one major version;
// layout_test.go holds what stands here against go-xla's whole header.

#include <stddef.h>

enum {
  FIELD_ERROR_DESTROY = 5, // which pointer-sized field of the table it is
  FIELD_CLIENT_PLATFORM_NAME = 17,
  FIELD_CLIENT_COMPILE = 25,
  FIELD_EXECUTABLE_DESTROY = 45,
  FIELD_EXECUTABLE_SERIALIZE = 54,
  FIELD_LOADED_EXECUTABLE_GET_EXECUTABLE = 56,
  FIELD_EXECUTABLE_DESERIALIZE_AND_LOAD = 61,

  EXTENSION_FFI = 5, // the type of the extension that registers handlers
};

typedef struct extension {
  size_t size;
  int type;
  const struct extension *next;
} extension;

typedef struct {
  size_t size;
  const char *name;
  size_t name_size;
  void *handler;
  const char *platform;
  size_t platform_size;
  int traits;
} handler_args;

typedef struct {
  extension head;
  void *type_register;
  void *user_data_add;
  void *(*register_handler)(handler_args *args);
} ffi_extension;

typedef struct {
  size_t size;
  const extension *extensions;
  size_t version_size;
  void *version_extensions;
  int major, minor;
} table_head;

typedef struct {
  size_t size;
  void *extensions;
  char *code;
  size_t code_size;
  const char *format;
  size_t format_size;
} program;

typedef struct {
  size_t size;
  void *extensions;
  void *client;
  const program *program;
  const char *options;
  size_t options_size;
  void *executable; // out
} compile_args;

typedef struct {
  size_t size;
  void *extensions;
  void *client;
  const char *name; // out
  size_t name_size; // out
} platform_args;

typedef struct {
  size_t size;
  void *extensions;
  void *object;
} destroy_args;

typedef struct {
  size_t size;
  void *extensions;
  void *loaded;
  void *executable; // out
} executable_args;

typedef struct {
  size_t size;
  void *extensions;
  const void *executable;
  const char *bytes; // out, as long as backing lives
  size_t bytes_size; // out
  void *backing;     // out
  void (*free_backing)(void *); // out
} serialize_args;

typedef struct {
  size_t size;
  void *extensions;
  void *client;
  const char *bytes;
  size_t bytes_size;
  void *loaded; // out
  const char *options;
  size_t options_size;
} load_args;
