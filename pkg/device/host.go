// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package device

import (
	"os"
	"path/filepath"
	"runtime"

	"convscope/internal/fetch"
)

// host is all that the choice looks at, so that a test can make one up.
type host struct {
	getenv   func(string) string
	home     string                 // "" if unknown
	shared   string                 // where the system keeps what is installed for everybody
	cache    func() (string, error) // convscope's cache
	platform string                 // "linux/amd64"
	notBuilt error                  // why this program has no XLA
	gpu      gpu
	open     func(path string, kind Kind, options string) (*opened, error) // loads a plugin that passed the checks
	sources  func(h host, kind Kind) []source                              // where to get a plugin from
}

func thisHost() host {
	home, err := os.UserHomeDir()
	if err != nil {
		home = ""
	}
	return host{
		getenv:   os.Getenv,
		home:     home,
		shared:   "/usr/local/lib",
		cache:    fetch.CacheDir,
		platform: runtime.GOOS + "/" + runtime.GOARCH,
		notBuilt: errNotBuilt,
		gpu:      thisGPU(),
		open:     openXLA,
		sources:  sources,
	}
}

// pluginCache returns the directory that holds the plugins convscope got, one directory each.
func (h host) pluginCache() (string, error) {
	dir, err := h.cache()
	if err != nil {
		return "", err
	}
	dir, err = filepath.Abs(dir) // plugins are loaded by absolute path
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, "pjrt"), nil
}
