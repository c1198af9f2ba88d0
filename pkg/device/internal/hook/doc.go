// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// Package hook stands between go-xla and XLA's plugins, at the PJRT C API. [Set] puts a function of its own in the
// place of the plugin's compile call. That function lets package rewrite put calls of package convolve into the
// program, looks the result up in package compiled, by a hash over all that it depends on, and loads it; only if that
// fails does it compile, and keeps the result. Whatever goes wrong, the plugin compiles what go-xla gave it as if
// nothing were here, and nobody is told.
//
//	hook.Set("/path/to/plugin.so", "its SHA-256") // before the first client of that plugin
//	fmt.Println(hook.Calls("/path/to/plugin.so"), hook.Convolutions().Calls)
package hook
