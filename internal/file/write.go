// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package file

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/google/renameio/v2"
)

// permissions are those of a new file, less the umask.
const permissions = 0o644

// Write writes a file that appears complete or not at all: if write fails, or the disk is full, what stood there
// before is still there. A link stays, and what it leads to is replaced; so do the permissions of what is replaced,
// and its owner where possible. A pipe or a device, and the file that the standard output goes to, are written into.
// write may be called twice.
func Write(path string, write func(io.Writer) error) error {
	p, err := find(path)
	if err == nil {
		if p.stream() {
			err = p.pour(write)
		} else if err = p.replace(write); err != nil && p.keeps(err) {
			err = p.pour(write)
		}
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, plain(err))
	}
	return nil
}

// replace puts a new file in the place of what is there.
func (p place) replace(write func(io.Writer) error) error {
	pending, err := p.begin()
	if err != nil {
		return &replaceError{err}
	}
	defer pending.Cleanup() //nolint:errcheck // after the rename there is nothing left to clean
	if err := write(pending); err != nil {
		return err
	}
	if err := pending.Sync(); err != nil {
		return err
	}
	if err := pending.CloseAtomicallyReplace(); err != nil {
		return &replaceError{err}
	}
	return nil
}

// begin makes the file that is to take the place, beside it.
func (p place) begin() (*renameio.PendingFile, error) {
	pending, err := renameio.NewPendingFile(p.path,
		renameio.WithTempDir(filepath.Dir(p.path)), renameio.WithPermissions(permissions),
		renameio.WithExistingPermissions())
	if err != nil || p.info == nil {
		return pending, err
	}
	if owner, ok := p.info.Sys().(*syscall.Stat_t); ok && (int(owner.Uid) != os.Geteuid() ||
		int(owner.Gid) != os.Getegid()) {
		_ = pending.Chown(int(owner.Uid), int(owner.Gid)) // only root can give a file away
		_ = pending.Chmod(p.info.Mode().Perm())
	}
	return pending, nil
}

// replaceError is why a file can't be put in another's place, though it may be possible to write into that.
type replaceError struct{ error }

func (e *replaceError) Unwrap() error { return e.error }

// keeps says whether the place keeps what is there, so that it must be written into: the folder allows no new files,
// or the file is one that a container has mounted.
func (p place) keeps(err error) bool {
	var refused *replaceError
	return p.info != nil && errors.As(err, &refused) && p.writable() == nil
}

// pour writes into what is there.
func (p place) pour(write func(io.Writer) error) error {
	var content bytes.Buffer
	if err := write(&content); err != nil { // before anything is touched
		return err
	}
	if p.open != nil {
		_, err := p.open.Write(content.Bytes())
		return err
	}
	flags := os.O_WRONLY
	switch {
	case p.info.Mode().IsRegular():
		flags |= os.O_TRUNC
	case p.info.Mode()&fs.ModeNamedPipe != 0:
		flags |= syscall.O_NONBLOCK // a pipe whose reader is gone fails at once
	}
	into, err := os.OpenFile(p.path, flags, 0)
	if err != nil {
		return err
	}
	_, err = into.Write(content.Bytes())
	if e := into.Close(); err == nil {
		err = e
	}
	return err
}

// writable tries whether what is there can be opened for writing. It changes nothing.
func (p place) writable() error {
	if p.open != nil || p.info == nil {
		return nil
	}
	into, err := os.OpenFile(p.path, os.O_WRONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return err
	}
	defer into.Close()
	if p.info.Mode()&fs.ModeCharDevice != 0 {
		_, err = into.Write(nil) // a full one says so even then
	}
	return err
}
