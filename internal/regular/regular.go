// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// Package regular opens regular files and nothing else: to open a pipe that nobody writes into would wait forever, and a device may
// do anything.
package regular

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// ErrKind means that a path leads to something that is no regular file.
var ErrKind = errors.New("not a regular file")

// Open opens the regular file at path, also through links, and returns its size. Errors are those of the file system or wrap ErrKind.
func Open(path string) (file *os.File, size int64, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, 0, err
	}
	if err := Check(path, info.Mode()); err != nil {
		return nil, 0, err
	}
	if file, err = os.Open(path); err != nil {
		return nil, 0, err
	}
	return file, info.Size(), nil
}

// Check returns an error that wraps ErrKind and says what the path leads to, unless it is a regular file.
func Check(path string, mode fs.FileMode) error {
	switch {
	case mode.IsRegular():
		return nil
	case mode.IsDir():
		return fmt.Errorf("%s is a directory, %w: name the file in it", path, ErrKind)
	case mode&fs.ModeNamedPipe != 0:
		return fmt.Errorf("%s is a pipe, %w: save what comes out of it and name that file", path, ErrKind)
	case mode&fs.ModeSocket != 0:
		return fmt.Errorf("%s is a socket, %w", path, ErrKind)
	}
	return fmt.Errorf("%s is a device, %w", path, ErrKind)
}
