// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package child

import (
	"os"
	"slices"
	"strings"
)

// Environ returns this process's environment without the variables that drop names, and with the settings added.
func Environ(drop func(name string) bool, settings ...string) []string {
	kept := slices.DeleteFunc(os.Environ(), func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		return drop(name)
	})
	return append(kept, settings...)
}

// Named is a drop for Environ: the variables of these names.
func Named(names ...string) func(name string) bool {
	return func(name string) bool { return slices.Contains(names, name) }
}
