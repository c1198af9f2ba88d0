// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// Package compiled keeps the programs that XLA has compiled, so that what was compiled once on this machine is loaded
// by every later process: the next cell, the next run, the next size of the playground.
//
// It stands below go-xla, at the PJRT C API. [Keep] puts a function of its own in the place of the plugin's compile
// call. That function looks the program up, by a hash over all that the result depends on, and loads it; only if that
// fails does it compile, and keeps the result. Whatever goes wrong, the plugin compiles as if nothing were here, and
// nobody is told.
//
//	compiled.Keep("/path/to/plugin.so", "its SHA-256") // before the first client of that plugin
//	fmt.Println(compiled.Usage().Entries)
//
// Kept programs are machine code. So they lie in a directory of the user's own that nobody else may write to, each
// with a hash that is checked before the plugin sees it, and never serve another processor, plugin or set of XLA's
// flags.
package compiled
