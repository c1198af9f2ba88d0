// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

//go:build !cgo || noxla || !((linux && (amd64 || arm64)) || (darwin && arm64))

package device

import (
	"runtime"
	"slices"
)

// errNotBuilt says why this build has no XLA: no plugin is even looked for then.
var errNotBuilt error = notBuilt(runtime.GOOS + "/" + runtime.GOARCH)

func notBuilt(platform string) *BuildError {
	if !slices.Contains([]string{"linux/amd64", "linux/arm64", "darwin/arm64"}, platform) {
		return &BuildError{"there is no XLA for " + platform, "use Linux, or a Mac with Apple silicon"}
	}
	return &BuildError{"this program was built without XLA: without cgo, or with the tag noxla",
		"install a C compiler (on Debian and Ubuntu: apt install gcc libc6-dev; on a Mac: xcode-select --install), " +
			"unset CGO_ENABLED, and build it again without that tag"}
}

func openXLA(string, Kind, string) (*opened, error) { return nil, errNotBuilt }

const cpuRelease = ""
