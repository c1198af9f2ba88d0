// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package jupyter

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"convscope/internal/fetch"
	"convscope/internal/progress"
)

// markerName is the file that makes a directory count as built. It is written last, in one step, so that a directory
// without it is the remains of a build that was interrupted.
//
// The directory is built under its final name, not moved there: a virtual environment has its own path in its files.
const markerName = ".ready"

// ensure makes the directory hold what build puts there. It returns at once when the marker is there and check is
// content; else it waits for its turn, removes what is there and builds. build returns what the marker shall say.
// A build that fails or is interrupted leaves nothing behind.
func ensure(ctx context.Context, dir string, check func(marker string) error, build func() (marker string, err error)) error {
	if usable(dir, check) == nil {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return fmt.Errorf("making the cache directory: %w (set CONVSCOPE_CACHE to a directory that can be written)", err)
	}
	unlock, err := fetch.Lock(ctx, dir+".lock")
	if err != nil {
		return err
	}
	defer unlock()
	state := usable(dir, check)
	if state == nil {
		return nil // another process built it meanwhile
	}
	if !errors.Is(state, errAbsent) {
		progress.Line(fmt.Sprintf("%s: %v: building it again", filepath.Base(dir), state))
	}
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("removing the remains of an earlier build: %w", err)
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		return fmt.Errorf("making the cache directory: %w", err)
	}
	marker, err := build()
	if err == nil {
		err = ctx.Err()
	}
	if err == nil {
		err = fetch.WriteAtomic(filepath.Join(dir, markerName), func(w io.Writer) error {
			_, err := io.WriteString(w, marker)
			return err
		})
	}
	if err != nil {
		_ = os.RemoveAll(dir)
		return err
	}
	return nil
}

// errAbsent means that nothing was built yet; errHalf that a build was interrupted.
var (
	errAbsent = errors.New("not built yet")
	errHalf   = errors.New("half-built")
)

// usable says why the directory cannot be used as it is, or nil.
func usable(dir string, check func(marker string) error) error {
	marker, err := os.ReadFile(filepath.Join(dir, markerName))
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
			return errAbsent
		}
		return errHalf
	}
	if err != nil {
		return err
	}
	return check(strings.TrimSpace(string(marker)))
}
