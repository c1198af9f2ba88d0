// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// Package compiled keeps the programs that XLA has compiled, so that what was compiled once on this machine is loaded
// by every later process: the next cell, the next run, the next size of the playground.
//
//	store, err := compiled.Open()
//	key := compiled.Key(compiled.Identify(plugin), program, options)
//	if bytes := store.Read(key); bytes == nil { // compile it, and
//		store.Write(key, bytes)
//	}
//
// Kept programs are machine code. So they lie in a directory of the user's own that nobody else may write to, each
// with a hash that is checked before the plugin sees it, and never serve another processor, plugin or set of XLA's
// flags.
package compiled
