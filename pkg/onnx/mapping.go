// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package onnx

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/edsrzf/mmap-go"

	"convscope/internal/progress"
)

// mapping is a file that is mapped, not loaded, as long as something refers to it.
type mapping struct {
	path    string
	content mmap.MMap
}

// mapped maps a file; the file may be closed then.
func mapped(f *os.File) (*mapping, error) {
	content, err := mmap.Map(f, mmap.RDONLY, 0)
	if err != nil {
		return nil, fmt.Errorf("map file: %w", err)
	}
	m := &mapping{path: f.Name(), content: content}
	runtime.AddCleanup(m, func(content mmap.MMap) { _ = content.Unmap() }, content)
	return m, nil
}

// guard turns a reader's panic into an error: also the fault of a mapped file that shrinks while it is read. The text
// of errors, which may quote the file, becomes printable.
func (m *mapping) guard(read func() error) (err error) {
	defer runtime.KeepAlive(m)
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %s", ErrDamaged, strings.Join(strings.Fields(fmt.Sprint(r)), " "))
		}
		if err != nil {
			err = printableError{fmt.Errorf("%s: %w", m.path, err)}
		}
	}()
	return read()
}

// printableError is an error whose text may quote the file.
type printableError struct{ error }

func (e printableError) Error() string { return progress.Printable(e.error.Error()) }
func (e printableError) Unwrap() error { return e.error }
