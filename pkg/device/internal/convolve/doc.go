// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// Package convolve holds the convolutions in C that XLA's CPU programs call, in float32: 3x3 with stride 1 and a
// border of one zero, and depthwise ones with any window. [Handler] and [DepthwiseHandler] take XLA's calls, check
// them and pass them on, with XLA's own threads as helpers.
package convolve
