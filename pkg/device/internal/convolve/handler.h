// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

#ifndef CONVSCOPE_HANDLER_H
#define CONVSCOPE_HANDLER_H

// The bits of a call's form: package rewrite's, which writes the calls. A depthwise one has neither mask nor rectify,
// and alone may have after.
enum {
  FORM_BACKWARD = 1,
  FORM_BIAS = 2,
  FORM_RELU = 4,
  FORM_MASK = 8,
  FORM_RECTIFY = 16,
  FORM_END = 32,
  FORM_AFTER = 32,
  FORM_DEPTHWISE_END = 64,
};

// convscope_handle answers one call, an XLA_FFI_CallFrame, with an XLA_FFI_Error or NULL.
void *convscope_handle(void *call);

// convscope_handle_depthwise answers one call of a depthwise convolution likewise.
void *convscope_handle_depthwise(void *call);

#endif
