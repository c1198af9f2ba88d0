// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package compiled

// Seal lets tests forge a whole entry.
var Seal = seal
