// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// Package convolve holds the convolution in C that XLA's CPU programs call: 3x3, stride 1, a border of one zero, in
// float32. [Handler] takes XLA's calls, checks them and passes them on, with XLA's own threads as helpers.
package convolve
