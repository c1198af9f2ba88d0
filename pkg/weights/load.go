// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package weights

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	urlpath "path"
	"unsafe"

	"convscope/pkg/weights/format"
)

// loaded is a whole model in memory.
type loaded struct {
	format string
	values [][]float32 // in the manifest's order
	table  []Spec      // with the values' own hashes
	differ []string    // names of the tensors that are not the official ones
	open   []string    // names of the tensors whose official hash is not known
	extra  string      // what else the file holds
}

// load reads every tensor that the model needs out of a weights file in any format.
func load(ctx context.Context, path string, m Manifest) (*loaded, error) {
	f, err := format.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	picks, err := match(f, m.Tensors)
	if errors.Is(err, ErrNoClassifier) && m.Keras.URL != "" {
		err = fmt.Errorf("%w; one with it is %s", err, urlpath.Base(m.Keras.URL))
	}
	if err != nil {
		return nil, fmt.Errorf("%s (%s): %w", path, f.Format, err)
	}
	l := &loaded{format: f.Format, extra: unused(f, picks)}
	for i, s := range m.Tensors {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("%s: %w", path, context.Cause(ctx))
		}
		values, err := picks[i].read()
		if err != nil {
			return nil, fmt.Errorf("%s (%s): %w", path, f.Format, err)
		}
		hash := hashOf(bytesOf(values))
		switch s.SHA256 {
		case hash:
		case "":
			l.open = append(l.open, s.Name)
		default:
			l.differ = append(l.differ, s.Name)
		}
		l.values = append(l.values, values)
		l.table = append(l.table, Spec{s.Name, s.Shape, hash, s.SHA256 == "" || s.recorded})
	}
	return l, nil
}

// official returns nil, or an error that names the first tensor that is not the official one. Tensors without a known hash are
// official when the whole file is, of which whole is what isWhole says.
func (l *loaded) official(whole error) error {
	switch {
	case len(l.differ) > 0:
		return fmt.Errorf("%w (%d of %d tensors differ, the first is %s%s)",
			ErrNotOfficial, len(l.differ), len(l.table), l.differ[0], l.extra)
	case len(l.open) > 0 && whole != nil:
		return fmt.Errorf("%w; %d tensors from %s on can only be told by that, the other %d are right",
			whole, len(l.open), l.open[0], len(l.table)-len(l.open))
	}
	return nil
}

func hashOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// bytesOf returns the values' bytes, without a copy. Every platform that GoMLX runs on is little-endian, as the
// hashes and the cache are; elsewhere the hashes would not match, which is safe.
func bytesOf(values []float32) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(values))), 4*len(values))
}

// float32sOf is the reverse of bytesOf. b must be aligned to four bytes.
func float32sOf(b []byte) []float32 {
	return unsafe.Slice((*float32)(unsafe.Pointer(unsafe.SliceData(b))), len(b)/4)
}
