// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package file

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// ErrNotRegular is returned, wrapped, for a folder, a pipe, a device or a socket where a regular file is needed.
var ErrNotRegular = errors.New("not a regular file")

// Open opens a regular file, or a link to one, for reading. It never waits: opening a pipe would, for its other end,
// and no signal could end that. Errors wrap [ErrNotRegular], or are the file system's.
func Open(path string) (*os.File, error) {
	info, err := os.Stat(path) // before opening, which does something to some devices
	if err == nil {
		err = regular(path, info)
	}
	if err != nil {
		return nil, err
	}
	opened, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0) // another may stand there by now
	if err != nil {
		return nil, err
	}
	if info, err = opened.Stat(); err == nil {
		err = regular(path, info)
	}
	if err != nil {
		_ = opened.Close()
		return nil, err
	}
	return opened, nil
}

// regular returns an error that says what the file is, if it is not a regular one.
func regular(path string, info fs.FileInfo) error {
	if info.Mode().IsRegular() {
		return nil
	}
	return fmt.Errorf("%s: %w: it is %s", path, ErrNotRegular, kind(info))
}

// kind is what a file is that is not regular.
func kind(info fs.FileInfo) string {
	switch mode := info.Mode(); {
	case mode.IsDir():
		return "a folder"
	case mode&fs.ModeNamedPipe != 0:
		return "a pipe"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	}
	return "a device"
}

// OpenSized is [Open] with the file's size in bytes.
func OpenSized(path string) (*os.File, int64, error) {
	opened, err := Open(path)
	if err != nil {
		return nil, 0, err
	}
	info, err := opened.Stat()
	if err != nil {
		_ = opened.Close()
		return nil, 0, err
	}
	return opened, info.Size(), nil
}
