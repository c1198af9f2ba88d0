// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// The part of XLA's FFI, xla/ffi/api/c_api.h, that a handler takes which gets arrays and whole numbers. Versions 0.2
// to 0.4 agree in it: within one major version, structs only grow at their ends. layout_test.go holds what stands here.

#ifndef CONVSCOPE_FFI_H
#define CONVSCOPE_FFI_H

#include <stddef.h>
#include <stdint.h>

enum {
  FFI_MAJOR = 0, // of the versions that this was written for
  FFI_MINOR = 2,
  FFI_METADATA = 1, // the kinds of extensions, stages, arguments, attributes and numbers
  FFI_EXECUTE = 3,
  FFI_BUFFER = 1,
  FFI_ARRAY = 1,
  FFI_SCALAR = 3,
  FFI_S64 = 5,
  FFI_F32 = 11,
  FFI_INVALID_ARGUMENT = 3, // the kinds of errors
  FFI_RESOURCE_EXHAUSTED = 8,
};

typedef struct ffi_extension {
  size_t size;
  int type;
  struct ffi_extension *next;
} ffi_extension;

typedef struct {
  size_t size;
  ffi_extension *extensions;
  int major, minor;
} ffi_version;

typedef struct {
  size_t size;
  ffi_version version; // out
  uint32_t traits;     // out
} ffi_metadata;

typedef struct {
  ffi_extension head;
  ffi_metadata *metadata;
} ffi_metadata_extension;

typedef struct {
  size_t size;
  ffi_extension *extensions;
  const char *message;
  int code;
} ffi_error_args;

typedef struct {
  size_t size;
  ffi_extension *extensions;
  void *error;
} ffi_error_destroy_args;

typedef struct {
  size_t size;
  ffi_extension *extensions;
  void *context;
  void (*task)(void *argument);
  void *argument;
} ffi_schedule_args;

typedef struct {
  size_t size;
  ffi_extension *extensions;
  void *context;
  int64_t *threads; // out
} ffi_threads_args;

typedef struct {
  size_t size;
  ffi_extension *extensions;
  ffi_version version;
  const void *internal;
  void *(*error_create)(ffi_error_args *args);
  void *error_message;
  void (*error_destroy)(ffi_error_destroy_args *args);
  void *others[8];
  void *(*schedule)(ffi_schedule_args *args);
  void *(*threads)(ffi_threads_args *args);
} ffi_api;

typedef struct {
  size_t size;
  ffi_extension *extensions;
  int type;
  void *data;
  int64_t rank;
  int64_t *dims;
} ffi_buffer;

typedef struct {
  size_t size;
  ffi_extension *extensions;
  int64_t count;
  int *types;
  void **items;
} ffi_items; // arguments or results

typedef struct {
  const char *text;
  size_t length;
} ffi_span;

typedef struct {
  int type;
  void *value;
} ffi_scalar;

typedef struct {
  int type;
  size_t length;
  void *values;
} ffi_array;

typedef struct {
  size_t size;
  ffi_extension *extensions;
  int64_t count;
  int *types;
  ffi_span **names;
  void **items;
} ffi_attributes;

typedef struct {
  size_t size;
  ffi_extension *extensions;
  const ffi_api *api;
  void *context;
  int stage;
  ffi_items arguments;
  ffi_items results;
  ffi_attributes attributes;
} ffi_frame;

#endif
