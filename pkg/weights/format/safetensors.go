// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package format

import (
	"cmp"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"

	"convscope/pkg/weights/internal/number"
	"convscope/pkg/weights/onnxfile"
)

// maxHeader is how long a safetensors header may be. VGG16's is 3 kB.
const maxHeader = 2 << 20

// openSafetensors reads the header: its length in eight bytes, then JSON, then the values, which must be
// covered by the tensors without gap or overlap. (go-huggingface has a reader too, but it needs a hub
// repository for each file and takes the header's offsets on trust.)
func openSafetensors(f *os.File, size int64) (*File, error) {
	var length [8]byte
	if _, err := f.ReadAt(length[:], 0); err != nil {
		return nil, fmt.Errorf("%w: %s", ErrDamaged, err)
	}
	n := binary.LittleEndian.Uint64(length[:])
	if n > maxHeader || int64(n) > size-8 {
		return nil, fmt.Errorf("%w: a header of %d bytes in a file of %d", ErrDamaged, n, size)
	}
	head := make([]byte, n)
	if _, err := f.ReadAt(head, 8); err != nil {
		return nil, fmt.Errorf("%w: %s", ErrDamaged, err)
	}
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(head, &raw); err != nil {
		return nil, fmt.Errorf("%w: header: %s", ErrDamaged, err)
	}
	delete(raw, "__metadata__")
	if len(raw) > maxTensors {
		return nil, fmt.Errorf("%w: %d tensors", ErrDamaged, len(raw))
	}

	type entry struct {
		Name    string   `json:"-"`
		Type    string   `json:"dtype"`
		Shape   []int    `json:"shape"`
		Offsets [2]int64 `json:"data_offsets"`
	}
	var entries []entry
	for name, text := range raw {
		e := entry{Name: name}
		if err := json.Unmarshal(text, &e); err != nil {
			return nil, fmt.Errorf("%w: tensor %s: %s", ErrDamaged, name, err)
		}
		entries = append(entries, e)
	}
	slices.SortFunc(entries, func(a, b entry) int { // of two that begin in the same place, an empty one comes first
		return cmp.Or(cmp.Compare(a.Offsets[0], b.Offsets[0]), cmp.Compare(a.Offsets[1], b.Offsets[1]))
	})

	out := &File{Format: "safetensors"}
	data, at := size-8-int64(n), int64(0)
	for _, e := range entries {
		if e.Offsets[0] != at || e.Offsets[1] < at {
			return nil, fmt.Errorf("%w: tensor %s is not where the one before it ends", ErrDamaged, e.Name)
		}
		at = e.Offsets[1]
		if at > data {
			return nil, fmt.Errorf("%w: truncated: tensor %s ends at byte %d of %d", ErrDamaged, e.Name, at, data)
		}
		t := Tensor{Name: e.Name, Shape: e.Shape, Type: safetensorsType(e.Type)}
		if kind, ok := number.Find(t.Type, binary.LittleEndian); ok {
			want, err := onnxfile.BytesOf(e.Shape, kind.Size, data)
			if err != nil {
				return nil, err
			} else if want != at-e.Offsets[0] {
				return nil, fmt.Errorf("%w: tensor %s %v has %d bytes", ErrDamaged, e.Name, e.Shape, at-e.Offsets[0])
			}
			from := 8 + int64(n) + e.Offsets[0]
			t.read = func() ([]float32, error) { return kind.Read(io.NewSectionReader(f, from, want), want/kind.Size) }
		}
		out.Tensors = append(out.Tensors, t)
	}
	if at != data {
		return nil, fmt.Errorf("%w: %d bytes after the last tensor", ErrDamaged, data-at)
	}
	byName(out.Tensors)
	return out, nil
}

// safetensorsType gives a type of safetensors the name that other formats have for it.
func safetensorsType(name string) string {
	switch name {
	case "F16", "F32", "F64":
		return "float" + name[1:]
	case "BF16":
		return "bfloat16"
	case "I8", "I16", "I32", "I64":
		return "int" + name[1:]
	case "U8", "U16", "U32", "U64":
		return "uint" + name[1:]
	}
	return name
}
