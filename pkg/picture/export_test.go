// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package picture

// Fitted is the size that Fit gives a picture.
var Fitted = fitted
