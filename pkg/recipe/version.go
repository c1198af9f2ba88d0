// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package recipe

import (
	"runtime"
	"runtime/debug"
	"strings"
)

// Versions are those of the programs that make a picture. One that is not known is "".
type Versions struct {
	// Go is the compiler's.
	Go string `json:"go"`
	// Convscope is this module's: a release, or the commit's pseudo-version where the go command noted it.
	Convscope string `json:"convscope,omitempty"`
	// GoMLX, Compute and GoXLA are those of the modules that build, describe and run the graphs.
	GoMLX   string `json:"gomlx,omitempty"`
	Compute string `json:"compute,omitempty"`
	GoXLA   string `json:"go_xla,omitempty"`
}

// Current returns the versions in the running program. Test programs don't know those of their modules.
func Current() Versions {
	v := Versions{Go: Word(runtime.Version())}
	build, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	for _, module := range append(build.Deps, &build.Main) {
		switch version := moduleVersion(module); module.Path {
		case "convscope":
			v.Convscope = version
		case "github.com/gomlx/gomlx":
			v.GoMLX = version
		case "github.com/gomlx/compute":
			v.Compute = version
		case "github.com/gomlx/go-xla":
			v.GoXLA = version
		}
	}
	return v
}

// moduleVersion returns a module's version, "" when it is built from a folder. Whether that folder has changes is left
// out: a picture saved in the clone is one already, and the next build of the same source would give another recipe.
func moduleVersion(m *debug.Module) string {
	if m.Replace != nil {
		m = m.Replace
	}
	if m.Version == "(devel)" {
		return ""
	}
	return Word(strings.TrimSuffix(m.Version, "+dirty"))
}
