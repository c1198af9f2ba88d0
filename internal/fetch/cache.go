// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package fetch

import (
	"fmt"
	"os"
	"path/filepath"
)

// EnvCache names the environment variable that moves the cache: CONVSCOPE_CACHE.
const EnvCache = "CONVSCOPE_CACHE"

// CacheDir returns the absolute path of the directory that holds everything convscope fetches:
// $CONVSCOPE_CACHE, or else convscope in the user's cache directory (os.UserCacheDir). It does not create it.
func CacheDir() (string, error) {
	if dir := os.Getenv(EnvCache); dir != "" {
		abs, err := filepath.Abs(dir)
		if err != nil {
			return "", fmt.Errorf("cache directory %s=%s: %w", EnvCache, dir, err)
		}
		return abs, nil
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no cache directory (%w): set %s to a directory that can be written", err, EnvCache)
	}
	return filepath.Join(dir, "convscope"), nil
}
