// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package fetch

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"convscope/internal/file"
)

// WriteAtomic writes a file that appears at path complete or not at all, as [file.Write] does: write fills a temporary file in the
// same directory, which is then fsynced and renamed. It creates the directory. If write fails, or the disk is
// full, nothing is left behind and what stood at path before is still there.
func WriteAtomic(path string, write func(w io.Writer) error) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("create cache directory: %w", err)
	}
	return file.Write(path, write)
}

// Sweep removes the temporary files that killed processes left beside path: those of WriteAtomic, Download,
// Wheel.Download and Wheel.Member. Call it with the lock for path held, so that no living process loses its own.
func Sweep(path string) {
	dir, base := filepath.Split(path)
	for _, pattern := range []string{"." + base + "[0-9]*", tempPrefix(base) + "*"} {
		left, _ := filepath.Glob(filepath.Join(dir, pattern))
		for _, p := range left {
			_ = os.RemoveAll(p) // a left-over that cannot be removed is only in the way of disk space
		}
	}
}

// tempPrefix begins the name of the temporary directory that pip works in on the way to base.
func tempPrefix(base string) string { return "." + base + ".pip-" }
