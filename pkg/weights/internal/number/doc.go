// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// Package number reads the floating-point numbers of files as float32, which is what networks here compute in: halves
// are widened, which is exact, and doubles narrowed.
package number
