// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package onnx

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"convscope/internal/file"
	"convscope/pkg/layer"
	"convscope/pkg/weights/onnxfile"
)

var (
	// ErrUnknown means that a file is no ONNX file.
	ErrUnknown = errors.New("not an ONNX file")
	// ErrDamaged means that a file is truncated, damaged, or larger than any network's.
	ErrDamaged = onnxfile.ErrDamaged
	// ErrUnread means that a file may well be whole, but holds no network that can be read.
	ErrUnread = onnxfile.ErrUnread
)

// Read reads the network in an ONNX file. Weights stay in the file, which must not change, and in those beside it
// until they are needed. Layers have the names of the modules in the program that was exported, where the file tells;
// names of the file's own nodes and values find them too.
//
// Operations that aren't known become layers whose Shape is an error that names them; all that doesn't need them
// works. Errors are one line and wrap [ErrUnknown], [ErrDamaged], [ErrUnread] or the file system's own.
func Read(path string) (*layer.Network, error) {
	opened, size, err := file.OpenSized(path)
	switch {
	case errors.Is(err, file.ErrNotRegular):
		return nil, fmt.Errorf("%w: %w", ErrUnknown, err)
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%s: %w", path, fs.ErrNotExist)
	case err != nil:
		return nil, err
	}
	defer opened.Close()
	if err := sniff(opened, size); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	m, err := mapped(opened)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return m.read()
}

// read reads the network in the file.
func (m *mapping) read() (net *layer.Network, err error) {
	err = m.guard(func() (err error) {
		net, err = network(m)
		return err
	})
	if err != nil {
		return nil, err
	}
	return net, nil
}

// sniff returns an error for a file that is no ONNX file, by its first bytes.
func sniff(f *os.File, size int64) error {
	head := make([]byte, min(size, 64))
	if _, err := f.ReadAt(head, 0); err != nil {
		return err
	}
	const export = `write one with torch.onnx.export(model, x, "model.onnx"), where x is a batch of one picture`
	switch trimmed := bytes.TrimSpace(head); {
	case len(head) == 0:
		return fmt.Errorf("%w: the file is empty", ErrDamaged)
	case head[0] == 0x08: // field 1, the version of the format, comes first in every ONNX file
		return nil
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), len(head) > 1 && head[0] == 0x80 && head[1] >= 2 && head[1] <= 5:
		return fmt.Errorf("%w: it looks like PyTorch's own, a Python pickle, which is not read; %s",
			ErrUnknown, export)
	case bytes.HasPrefix(trimmed, []byte("<")):
		return fmt.Errorf("%w: it looks like a web page; download the file itself", ErrUnknown)
	case bytes.HasPrefix(trimmed, []byte("version https://git-lfs")):
		return fmt.Errorf("%w: it is a Git LFS pointer; run git lfs pull", ErrUnknown)
	}
	return fmt.Errorf("%w; %s", ErrUnknown, export)
}

// network reads the content of an ONNX file.
func network(m *mapping) (*layer.Network, error) {
	model, err := onnxfile.Parse(m.content, m.path)
	if err != nil {
		return nil, err
	}
	base := filepath.Base(m.path)
	s := &source{model: model, file: m, name: strings.TrimSuffix(base, filepath.Ext(base))}
	if err := s.findInput(); err != nil {
		return nil, err
	}
	if err := s.arrange(); err != nil {
		return nil, err
	}
	r := s.fitting()
	r.end()
	addLevels(&r.net.Input, model.Metadata)
	if err := r.usable(); err != nil {
		return nil, err
	}
	return r.net, nil
}

// usable returns an error if no layer can be computed.
func (r *reader) usable() error {
	var first error
	for _, l := range r.net.Layers {
		if u, is := l.Op.(layer.Unsupported); !is {
			return nil
		} else if first == nil {
			first = errors.New(u.Why)
		}
	}
	if first == nil {
		return fmt.Errorf("%w: no operation in it takes the picture", ErrUnread)
	}
	return fmt.Errorf("%w: %w", ErrUnread, first)
}
