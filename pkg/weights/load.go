// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package weights

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	urlpath "path"
	"strings"
	"unsafe"

	"convscope/pkg/weights/format"
	"convscope/pkg/weights/internal/number"
)

// loaded is a whole model in memory.
type loaded struct {
	format  string
	values  [][]float32 // in the manifest's order
	table   []Spec      // with the values' own hashes
	differ  []string    // names of the tensors that are not the official ones
	open    []string    // names of the tensors whose official hash is not known
	rounded string      // the type that the values were rounded to, if to one that is shorter than float32
	notes   []string    // what was done to the values, and what else the file holds
	warning string      // what the reader should know
	input   string      // what pictures they take, as was said or as the kernel tells; "" if nothing tells

	// The kernels are [out, in, height, width], as Keras 1 could have them, or as PyTorch has them.
	oldKeras, torch bool
}

// load reads every tensor that the model needs out of a weights file in any format. input says what pictures they
// take, see Options.Input.
func load(ctx context.Context, path string, m Manifest, input string) (*loaded, error) {
	if m.isRaw() {
		return loadRaw(ctx, path, m)
	}
	f, picks, err := openFor(path, m)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	l := &loaded{format: f.Format}
	if l, err = l.read(ctx, f, picks, m, input); err != nil {
		return nil, fmt.Errorf("%s (%s): %w", path, f.Format, err)
	}
	return l, nil
}

// openFor opens a file and finds the model's tensors in it, without reading any.
func openFor(path string, m Manifest) (*format.File, []pick, error) {
	f, err := format.Open(path)
	if err != nil {
		return nil, nil, err
	}
	picks, err := match(f, m)
	if errors.Is(err, ErrNoClassifier) && m.Keras.URL != "" {
		err = fmt.Errorf("%w; one with it is %s", err, urlpath.Base(m.Keras.URL))
	}
	for _, p := range picks {
		err = cmp.Or(err, p.tensor.Check())
	}
	if err != nil {
		f.Close()
		return nil, nil, fmt.Errorf("%s (%s): %w", path, f.Format, err)
	}
	return f, picks, nil
}

func (l *loaded) read(ctx context.Context, f *format.File, picks []pick, m Manifest, input string) (*loaded, error) {
	for i, p := range picks {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		values, err := p.read()
		if err != nil {
			return nil, err
		}
		if at := number.Fault(values); at >= 0 {
			return nil, fmt.Errorf("%w: the value of %s at %v is %g (tensor %s in the file)", ErrNotFinite,
				m.Tensors[i].Name, number.Place(at, m.Tensors[i].Shape), values[at], p.tensor.Name)
		}
		if kind := p.tensor.Type; kind != "float32" && kind != "float64" {
			l.rounded = kind
		}
		l.values = append(l.values, values)
	}
	if first := picks[0]; first.outputFirst && len(first.tensor.Shape) == 4 && !f.OutputFirst {
		// PyTorch's word for a kernel is weight.
		l.oldKeras = strings.HasPrefix(f.Format, "Keras") && !strings.HasSuffix(first.tensor.Name, "weight")
		l.torch = !l.oldKeras
	}
	lie, err := l.orient(f, m.Tensors)
	if err != nil {
		return nil, err
	}
	note, warning := m.takeInput(l, input)
	l.warning = warning
	for _, text := range []string{lie.String(), note} {
		if text != "" {
			l.notes = append(l.notes, text)
		}
	}
	if names := unused(f, picks); names != "" {
		l.notes = append(l.notes, "not used: "+names)
	}
	return l, l.compare(m.Tensors)
}

// compare hashes the values and compares them with the official ones. One that is in the place of another is an error.
func (l *loaded) compare(specs []Spec) error {
	official := map[string]string{} // hash -> name
	for _, s := range specs {
		official[s.SHA256] = s.Name
	}
	for i, s := range specs {
		hash := hashOf(bytesOf(l.values[i]))
		other, known := official[hash]
		switch {
		case s.SHA256 == hash:
		case s.SHA256 == "":
			l.open = append(l.open, s.Name)
		case known:
			return fmt.Errorf("%w: in the place of %s it has the values of %s: its tensors are in another order",
				ErrUnfit, s.Name, other)
		default:
			l.differ = append(l.differ, s.Name)
		}
		l.table = append(l.table, Spec{Name: s.Name, Shape: s.Shape, SHA256: hash,
			recorded: s.SHA256 == "" || s.recorded})
	}
	return nil
}

// official returns nil, or an error that names the first tensor that is not the official one. Tensors without a known
// hash are official when the whole file is, of which whole is what isWhole says.
func (l *loaded) official(whole error) error {
	switch {
	case len(l.differ) > 0 && l.rounded != "":
		return fmt.Errorf("%w bit by bit: they are stored as %s, which rounds them, so that no hash can "+
			"tell how near they are",
			ErrNotOfficial, l.rounded)
	case len(l.differ) > 0:
		return fmt.Errorf("%w (%d of %d tensors differ, the first is %s)",
			ErrNotOfficial, len(l.differ), len(l.table), l.differ[0])
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
