// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

//go:build cgo

#define _GNU_SOURCE // for sched_getaffinity

#include "handler.h"

#include "convolve.h"
#include "depthwise.h"
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

// attribute returns the one at i if it has that name and kind, or NULL.
static const void *attribute(const ffi_attributes *a, int64_t i, const char *name, int kind) {
  size_t length = strlen(name);
  int is = a->types[i] == kind && a->names[i]->length == length && memcmp(a->names[i]->text, name, length) == 0;
  return is ? a->items[i] : NULL;
}

// form_of reads the call's attribute form, of count in all, the first. It returns -1 where it is none below end.
static int64_t form_of(const ffi_attributes *a, int64_t count, int64_t end) {
  const ffi_scalar *scalar = a->count == count ? attribute(a, 0, "form", FFI_SCALAR) : NULL;
  int64_t form = scalar != NULL && scalar->type == FFI_S64 ? *(const int64_t *)scalar->value : -1;
  return form < end ? form : -1;
}

// bias_at reads the bias of that many channels. It returns whether there is one.
static int bias_at(const ffi_items *arguments, int64_t i, int64_t channels, const float **bias) {
  const ffi_buffer *flat = array(arguments, i, 1), *deep = array(arguments, i, 4);
  int64_t one[] = {1, 1, 1, channels};
  if (flat != NULL ? flat->dims[0] != channels : deep == NULL || memcmp(deep->dims, one, sizeof one) != 0) {
    return 0;
  }
  *bias = flat != NULL ? flat->data : deep->data;
  return 1;
}

static const char unknown_form[] = "convscope: a call of an unknown form";
static const char other_operands[] = "convscope: a call with other operands than its form has";
static const char other_type[] = "convscope: a convolution takes float32 of rank 4";
static const char other_shapes[] = "convscope: the shapes of a convolution's arrays don't fit";
static const char other_bias[] = "convscope: the shape of a convolution's bias doesn't fit";

// arrays reads a call of so many operands, of which x and the kernel come first, and of one result. It returns what is
// wrong with them, or NULL.
static const char *arrays(const ffi_frame *frame, int64_t operands, const ffi_buffer **x, const ffi_buffer **kernel,
                          const ffi_buffer **y) {
  if (frame->arguments.count != operands || frame->results.count != 1 || frame->results.types[0] != FFI_BUFFER) {
    return other_operands;
  }
  *x = array(&frame->arguments, 0, 4), *kernel = array(&frame->arguments, 1, 4), *y = array(&frame->results, 0, 4);
  return *x == NULL || *kernel == NULL || *y == NULL ? other_type : NULL;
}

// decode makes a convolution of the call. It returns what is wrong with it, or NULL.
static const char *decode(const ffi_frame *frame, convolution *c) {
  int64_t form = form_of(&frame->attributes, 1, FORM_END);
  if (form < 0) {
    return unknown_form;
  }
  int has_bias = (form & FORM_BIAS) != 0, has_mask = (form & FORM_MASK) != 0;
  const ffi_buffer *x, *kernel, *y;
  const char *wrong = arrays(frame, 2 + has_bias + has_mask, &x, &kernel, &y);
  if (wrong != NULL || (has_mask && (form & FORM_RECTIFY))) {
    return wrong != NULL ? wrong : other_operands;
  }
  memset(c, 0, sizeof *c);
  c->x = x->data, c->kernel = kernel->data, c->y = y->data;
  c->batch = x->dims[0], c->height = x->dims[1], c->width = x->dims[2], c->in = x->dims[3], c->out = y->dims[3];
  c->backward = (form & FORM_BACKWARD) != 0, c->relu = (form & FORM_RELU) != 0, c->rectify = (form & FORM_RECTIFY) != 0;
  int64_t in = c->backward ? c->out : c->in, out = c->backward ? c->in : c->out;
  int64_t fits[] = {3, 3, in, out};
  if (memcmp(kernel->dims, fits, sizeof fits) != 0 || memcmp(x->dims, y->dims, 3 * sizeof *x->dims) != 0) {
    return other_shapes;
  }
  if (has_bias && !bias_at(&frame->arguments, 2, c->out, &c->bias)) {
    return other_bias;
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

// decode_depthwise makes a depthwise convolution of the call. It returns what is wrong with it, or NULL.
static const char *decode_depthwise(const ffi_frame *frame, depthwise *d) {
  int64_t form = form_of(&frame->attributes, 3, FORM_DEPTHWISE_END);
  int has_bias = (form & FORM_BIAS) != 0, has_after = (form & FORM_AFTER) != 0;
  if (form < 0 || form & (FORM_MASK | FORM_RECTIFY) || (has_after && form & FORM_RELU)) {
    return unknown_form;
  }
  const ffi_buffer *x, *kernel, *y;
  const char *wrong = arrays(frame, 2 + has_bias + has_after, &x, &kernel, &y);
  if (wrong != NULL) {
    return wrong;
  }
  memset(d, 0, sizeof *d);
  d->x = x->data, d->kernel = kernel->data, d->y = y->data;
  d->batch = x->dims[0], d->channels = x->dims[3];
  d->turned = (form & FORM_BACKWARD) != 0, d->relu = (form & FORM_RELU) != 0;
  if (y->dims[0] != d->batch || y->dims[3] != d->channels || kernel->dims[2] != 1 || kernel->dims[3] != d->channels) {
    return other_shapes;
  }
  const ffi_scalar *most = attribute(&frame->attributes, 1, "most", FFI_SCALAR);
  if (most == NULL || most->type != FFI_F32) {
    return "convscope: a depthwise convolution without the attribute most";
  }
  d->most = *(const float *)most->value;
  if (has_after) {
    const ffi_buffer *after = array(&frame->arguments, 2 + has_bias, 4);
    if (after == NULL || memcmp(after->dims, y->dims, 4 * sizeof *y->dims) != 0) {
      return other_shapes;
    }
    d->after = after->data;
  }
  const ffi_array *window = attribute(&frame->attributes, 2, "window", FFI_ARRAY);
  if (window == NULL || window->type != FFI_S64 || window->length != 8) {
    return "convscope: a depthwise convolution without a window";
  }
  const int64_t *w = window->values, farthest = 1 << 30;
  for (int i = 0; i < 2; i++) {
    d->size[i] = x->dims[1 + i], d->out[i] = y->dims[1 + i], d->taps[i] = kernel->dims[i];
    d->stride[i] = w[i], d->low[i] = w[2 + i], d->spread[i] = w[4 + i], d->reach[i] = w[6 + i];
    int64_t numbers[] = {w[i], w[4 + i], w[6 + i]}; // all of which are 1 or more
    int possible = w[2 + i] >= -farthest && w[2 + i] <= farthest;
    for (int k = 0; k < 3; k++) {
      possible = possible && numbers[k] >= 1 && numbers[k] <= farthest;
    }
    if (!possible) {
      return "convscope: a depthwise convolution with an impossible window";
    }
  }
  return has_bias && !bias_at(&frame->arguments, 2, d->channels, &d->bias) ? other_bias : NULL;
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

// helpers_of are the threads that may help with a call.
static helpers helpers_of(ffi_frame *frame) {
  helpers h = {frame, 0, NULL};
  if (covers(frame->api->size, ffi_api, threads)) {
    int64_t threads = 0, most = processors() - 1; // but the caller's
    ffi_threads_args args = {sizeof args, NULL, frame->context, &threads};
    if (succeeded(frame, frame->api->threads(&args)) && threads > 0 && most > 0) {
      h.threads = threads < most ? threads : most;
      h.run = run;
    }
  }
  return h;
}

// answer takes a call and lets compute do it if it is one to compute something. compute sets exhausted where memory
// is, and returns what is wrong, or NULL.
static void *answer(ffi_frame *frame, const char *(*compute)(ffi_frame *frame, int *exhausted)) {
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
  int exhausted = 0;
  const char *wrong = compute(frame, &exhausted);
  if (wrong != NULL) {
    return fail(frame, FFI_INVALID_ARGUMENT, wrong);
  }
  return exhausted ? fail(frame, FFI_RESOURCE_EXHAUSTED, "convscope: out of memory in a convolution") : NULL;
}

static const char *compute_convolution(ffi_frame *frame, int *exhausted) {
  convolution c;
  const char *wrong = decode(frame, &c);
  if (wrong == NULL) {
    helpers h = helpers_of(frame);
    *exhausted = convscope_convolve(&c, &h);
  }
  return wrong;
}

static const char *compute_depthwise(ffi_frame *frame, int *exhausted) {
  depthwise d;
  const char *wrong = decode_depthwise(frame, &d);
  if (wrong == NULL) {
    helpers h = helpers_of(frame);
    *exhausted = convscope_depthwise(&d, &h);
  }
  return wrong;
}

void *convscope_handle(void *call) { return answer(call, compute_convolution); }

void *convscope_handle_depthwise(void *call) { return answer(call, compute_depthwise); }
