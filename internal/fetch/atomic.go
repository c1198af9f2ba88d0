// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package fetch

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"convscope/internal/file"
)

// WriteAtomic writes a file that appears at path complete or not at all, as [file.Write] does: write fills a temporary
// file in the same directory, which is then fsynced and renamed. It creates the directory. If write fails, or the disk
// is full, nothing is left behind and what stood at path before is still there.
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
	entries, _ := os.ReadDir(filepath.Clean(dir))
	for _, entry := range entries {
		digits, found := strings.CutPrefix(entry.Name(), "."+base)
		atomic := found && digits != "" && strings.Trim(digits, "0123456789") == ""
		if atomic || strings.HasPrefix(entry.Name(), tempPrefix(base)) {
			_ = os.RemoveAll(filepath.Join(dir, entry.Name())) // one that cannot be removed is only in the way of disk space
		}
	}
}

// tempPrefix begins the name of the temporary directory that pip works in on the way to base.
func tempPrefix(base string) string { return "." + base + ".pip-" }
