// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// Package quiet keeps the raw log lines of libraries from the reader: what goes wrong comes back as an error.
// Importing it is enough. go-xla complains of a missing HOME and /etc/ld.so.conf while it is initialized, and this
// package is initialized before: of packages whose imports are ready, Go takes the first by path.
//
//	import _ "convscope/internal/quiet" // before go-xla
package quiet
