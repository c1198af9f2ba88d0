// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package fetch

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/renameio/v2"
)

// WriteAtomic writes a file that appears at path complete or not at all: write fills a temporary file in the
// same directory, which is then fsynced and renamed. It creates the directory. If write fails, or the disk is
// full, nothing is left behind and what stood at path before is still there.
func WriteAtomic(path string, write func(w io.Writer) error) (err error) {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("create cache directory: %w", err)
	}
	f, err := renameio.NewPendingFile(path, renameio.WithTempDir(dir), renameio.WithPermissions(0o644))
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer func() {
		// Cleanup after a rename does nothing.
		if e := f.Cleanup(); e != nil && err == nil {
			err = fmt.Errorf("write %s: %w", path, e)
		}
	}()
	if err := write(f); err != nil {
		return err
	}
	if err := f.CloseAtomicallyReplace(); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
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
