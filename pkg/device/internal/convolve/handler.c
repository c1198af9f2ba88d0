// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

//go:build cgo

#define _GNU_SOURCE // for sched_getaffinity

#include "handler.h"

#include "convolve.h"
#include "ffi.h"

#include <sched.h>
#include <string.h>
#include <unistd.h>

// covers says whether a struct of that size has the field.
#define covers(size, type, field) ((size) >= offsetof(type, field) + sizeof(((type *)0)->field))

static void *fail(const ffi_frame *frame, int code, const char *message) {
  ffi_error_args args = {sizeof args, NULL, message, code};
  return frame->api->error_create(&args);
}

// describe answers what XLA asks when a handler is registered: which version it was written for.
static void *describe(const ffi_frame *frame) {
  ffi_metadata_extension *extension = (ffi_metadata_extension *)frame->extensions;
  if (!covers(extension->head.size, ffi_metadata_extension, metadata) ||
      !covers(extension->metadata->size, ffi_metadata, traits)) {
    return fail(frame, FFI_INVALID_ARGUMENT, "convscope: XLA asks for other metadata than expected");
  }
  extension->metadata->version = (ffi_version){sizeof(ffi_version), NULL, FFI_MAJOR, FFI_MINOR};
  extension->metadata->traits = 0;
  return NULL;
}

// array returns a buffer if it is of float32 and of that rank.
static const ffi_buffer *array(const ffi_items *from, int64_t i, int64_t rank) {
  if (from->types[i] != FFI_BUFFER) {
    return NULL;
  }
  const ffi_buffer *b = from->items[i];
  return covers(b->size, ffi_buffer, dims) && b->type == FFI_F32 && b->rank == rank ? b : NULL;
}

// form reads the call's only attribute, or returns -1.
static int64_t form_of(const ffi_attributes *a) {
  static const char name[] = "form";
  if (a->count != 1 || a->types[0] != FFI_SCALAR || a->names[0]->length != sizeof name - 1 ||
      memcmp(a->names[0]->text, name, sizeof name - 1) != 0) {
    return -1;
  }
  const ffi_scalar *scalar = a->items[0];
  return scalar->type == FFI_S64 ? *(const int64_t *)scalar->value : -1;
}

// decode makes a convolution of the call. It returns what is wrong with it, or NULL.
static const char *decode(const ffi_frame *frame, convolution *c) {
  int64_t form = form_of(&frame->attributes);
  if (form < 0 || form >= FORM_END) {
    return "convscope: a call of an unknown form";
  }
  int has_bias = (form & FORM_BIAS) != 0, has_mask = (form & FORM_MASK) != 0;
  if (frame->arguments.count != 2 + has_bias + has_mask || frame->results.count != 1 ||
      frame->results.types[0] != FFI_BUFFER || (has_mask && (form & FORM_RECTIFY))) {
    return "convscope: a call with other operands than its form has";
  }
  const ffi_buffer *x = array(&frame->arguments, 0, 4), *kernel = array(&frame->arguments, 1, 4),
                   *y = array(&frame->results, 0, 4);
  if (x == NULL || kernel == NULL || y == NULL) {
    return "convscope: a convolution takes float32 of rank 4";
  }
  memset(c, 0, sizeof *c);
  c->x = x->data, c->kernel = kernel->data, c->y = y->data;
  c->batch = x->dims[0], c->height = x->dims[1], c->width = x->dims[2], c->in = x->dims[3], c->out = y->dims[3];
  c->backward = (form & FORM_BACKWARD) != 0, c->relu = (form & FORM_RELU) != 0, c->rectify = (form & FORM_RECTIFY) != 0;
  int64_t in = c->backward ? c->out : c->in, out = c->backward ? c->in : c->out;
  int64_t fits[] = {3, 3, in, out};
  if (memcmp(kernel->dims, fits, sizeof fits) != 0 || memcmp(x->dims, y->dims, 3 * sizeof *x->dims) != 0) {
    return "convscope: the shapes of a convolution's arrays don't fit";
  }
  if (has_bias) {
    const ffi_buffer *flat = array(&frame->arguments, 2, 1), *deep = array(&frame->arguments, 2, 4);
    int64_t one[] = {1, 1, 1, c->out};
    if (flat != NULL ? flat->dims[0] != c->out : deep == NULL || memcmp(deep->dims, one, sizeof one) != 0) {
      return "convscope: the shape of a convolution's bias doesn't fit";
    }
    c->bias = flat != NULL ? flat->data : deep->data;
  }
  if (has_mask) {
    const ffi_buffer *mask = array(&frame->arguments, 2 + has_bias, 4);
    if (mask == NULL || memcmp(mask->dims, x->dims, 4 * sizeof *x->dims) != 0) {
      return "convscope: the shape of a convolution's mask doesn't fit";
    }
    c->mask = mask->data;
  }
  return NULL;
}

// succeeded drops an error of XLA's. It says whether there was none.
static int succeeded(const ffi_frame *frame, void *error) {
  if (error == NULL) {
    return 1;
  }
  ffi_error_destroy_args args = {sizeof args, NULL, error};
  frame->api->error_destroy(&args);
  return 0;
}

// run is a helper's, with the frame as its context.
static int run(void *context, void (*task)(void *argument), void *argument) {
  const ffi_frame *frame = context;
  ffi_schedule_args args = {sizeof args, NULL, frame->context, task, argument};
  return !succeeded(frame, frame->api->schedule(&args));
}

// processors counts those that this process may use. XLA's pool may have more threads than that.
static int64_t processors(void) {
#ifdef __linux__
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) {
    return CPU_COUNT(&set);
  }
#endif
  return sysconf(_SC_NPROCESSORS_ONLN);
}

void *convscope_handle(void *call) {
  ffi_frame *frame = call;
  // Errors come through the same table, so where that is another one, there is no way to say so: XLA never gets that
  // far, since it refuses a handler of another major version at its registration.
  if (frame->extensions != NULL && frame->extensions->type == FFI_METADATA) {
    return describe(frame);
  }
  if (!covers(frame->size, ffi_frame, attributes) || frame->api->version.major != FFI_MAJOR ||
      !covers(frame->arguments.size, ffi_items, items) || !covers(frame->results.size, ffi_items, items) ||
      !covers(frame->attributes.size, ffi_attributes, items)) {
    return fail(frame, FFI_INVALID_ARGUMENT, "convscope: a call of another version of XLA's FFI");
  }
  if (frame->stage != FFI_EXECUTE) {
    return fail(frame, FFI_INVALID_ARGUMENT, "convscope: a call at another stage than that of execution");
  }
  convolution c;
  const char *wrong = decode(frame, &c);
  if (wrong != NULL) {
    return fail(frame, FFI_INVALID_ARGUMENT, wrong);
  }
  helpers h = {frame, 0, NULL};
  if (covers(frame->api->size, ffi_api, threads)) {
    int64_t threads = 0, most = processors() - 1; // but the caller's
    ffi_threads_args args = {sizeof args, NULL, frame->context, &threads};
    if (succeeded(frame, frame->api->threads(&args)) && threads > 0 && most > 0) {
      h.threads = threads < most ? threads : most;
      h.run = run;
    }
  }
  if (convscope_convolve(&c, &h) != 0) {
    return fail(frame, FFI_RESOURCE_EXHAUSTED, "convscope: out of memory in a convolution");
  }
  return NULL;
}
