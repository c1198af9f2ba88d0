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
	"syscall"

	"convscope/internal/fetch"
	"convscope/internal/progress"
)

// markerName is the file that makes a directory count as built. It says what was built.
const markerName = ".ready"

// damage is the finding that a built directory cannot be used any more, whoever tries it and when. Any other error of
// a check, such as a cancelled context or a process that could not be started, says nothing about the directory.
type damage struct{ about string }

func (d damage) Error() string { return d.about }

// The findings before there is anything to check.
var (
	errAbsent = damage{"not built yet"}
	errHalf   = damage{"half-built"}
)

// ensure makes the directory hold what build puts into the one that it is given. It returns at once when the marker is
// there and check is content. Only a check that finds [damage] makes it build anew: beside the old directory, which a
// lab may be running from, and which is replaced when the new one is complete. build returns what the marker shall
// say. A build that fails or is interrupted changes nothing.
func ensure(ctx context.Context, dir string, check func(marker string) error,
	build func(dir string) (marker string, err error)) error {
	state := usable(dir, check)
	if !errors.As(state, new(damage)) {
		return undecided(dir, state)
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return fmt.Errorf("making the cache directory: %w (set CONVSCOPE_CACHE to a directory that can be written)",
			err)
	}
	unlock, err := fetch.Lock(ctx, dir+".lock")
	if err != nil {
		return err
	}
	defer unlock()
	if state = usable(dir, check); !errors.As(state, new(damage)) {
		return undecided(dir, state) // another process built it meanwhile
	}
	if state != errAbsent {
		progress.Line(fmt.Sprintf("%s: %v: building it again", filepath.Base(dir), state))
	}
	prefix := "." + filepath.Base(dir) + ".part-"
	sweepParts(filepath.Dir(dir), prefix)
	part, err := os.MkdirTemp(filepath.Dir(dir), prefix)
	if err != nil {
		return fmt.Errorf("making the cache directory: %w", err)
	}
	defer os.RemoveAll(part)
	marker, err := build(part)
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return err
	}
	err = fetch.WriteAtomic(filepath.Join(part, markerName), func(w io.Writer) error {
		_, err := io.WriteString(w, marker)
		return err
	})
	if err != nil {
		return err
	}
	return replace(dir, part)
}

// undecided is the error of a check that proves nothing; nil stays nil.
func undecided(dir string, err error) error {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return fmt.Errorf("%w: try again; if it stays so, remove %s, and it is made anew", err, dir)
}

// replace puts the new directory in the place of the old one, if there is one.
func replace(dir, part string) error {
	if err := os.Chmod(part, 0o755); err != nil {
		return err
	}
	old := part + ".old"
	if err := os.Rename(dir, old); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("replacing what was damaged: %w", err)
	}
	if err := os.Rename(part, dir); err != nil {
		return errors.Join(err, os.Rename(old, dir))
	}
	_ = os.RemoveAll(old) // what is left of it, the next build removes
	return nil
}

// sweepParts removes what killed builds left. It is called with the lock held.
func sweepParts(parent, prefix string) {
	entries, _ := os.ReadDir(parent)
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), prefix) {
			_ = os.RemoveAll(filepath.Join(parent, entry.Name()))
		}
	}
}

// usable says why the directory cannot be used as it is, or nil.
func usable(dir string, check func(marker string) error) error {
	marker, err := os.ReadFile(filepath.Join(dir, markerName))
	switch {
	case errors.Is(err, syscall.ENOTDIR):
		return errAbsent
	case errors.Is(err, fs.ErrNotExist):
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
