// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package file

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// maxProbe is how many bytes a check writes at most.
const maxProbe = 16 << 20

// Check finds out whether [Write] could write a file of at least that many bytes, before work is spent on it. It
// leaves nothing behind and changes nothing. Errors say what to do.
func Check(path string, size int64) error {
	p, err := find(path)
	if err == nil {
		err = p.check(size)
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, plain(err))
	}
	return nil
}

func (p place) check(size int64) error {
	if p.info != nil {
		switch mode := p.info.Mode(); {
		case mode.IsDir():
			return errors.New("it is a folder: name a file")
		case p.open != nil:
			return nil
		case mode&fs.ModeNamedPipe != 0 && !p.hidden: // it may have no reader, and waiting for one can't be interrupted
			return errors.New("it is a pipe: name a file, or write to /dev/stdout and pipe that")
		case mode&fs.ModeSocket != 0:
			return errors.New("it is a socket: name a file")
		case mode&fs.ModeDevice != 0 && mode&fs.ModeCharDevice == 0:
			return errors.New("it is a disk: name a file")
		}
		if p.hidden && p.info.Mode()&fs.ModeNamedPipe != 0 {
			return nil // opening and closing it would be its end for the reader
		}
		if err := p.writable(); err != nil {
			return fmt.Errorf("it can't be written to (%w): name another file", plain(err))
		}
		if p.stream() {
			return nil
		}
	}
	if err := p.probe(size); err != nil && !p.keeps(err) {
		return fmt.Errorf("its folder %s takes no such file (%w): choose another", filepath.Dir(p.path), plain(err))
	}
	return nil
}

// probe writes so many zeros beside the place, and takes them away again.
func (p place) probe(size int64) error {
	pending, err := p.begin()
	if err != nil {
		return &replaceError{err}
	}
	defer pending.Cleanup() //nolint:errcheck // it says nothing about the place
	zeros := make([]byte, 64<<10)
	for left := min(max(size, 1), maxProbe); left > 0; left -= int64(len(zeros)) {
		if _, err := pending.Write(zeros[:min(left, int64(len(zeros)))]); err != nil {
			return err
		}
	}
	return nil
}

// Folder makes a folder for results, with those above it, and tries whether files can be made in it.
func Folder(path string) error {
	if err := os.MkdirAll(path, 0o755); err != nil {
		return fmt.Errorf("making the folder %s: %w: name another", path, plain(err))
	}
	if err := (place{path: filepath.Join(path, "probe")}).probe(1); err != nil {
		return fmt.Errorf("the folder %s takes no files: %w: name another", path, plain(err))
	}
	return nil
}

// plain is a file system's error without the path, which may be that of a file beside the place that nobody has heard
// of.
func plain(err error) error {
	var refused *replaceError
	if errors.As(err, &refused) {
		err = refused.error
	}
	switch e := err.(type) {
	case *fs.PathError:
		return e.Err
	case *os.LinkError:
		return e.Err
	}
	return err
}
