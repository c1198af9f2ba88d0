// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package format

import (
	"archive/zip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path"
	"strings"

	"convscope/pkg/weights/onnxfile"
)

// maxDirectory is how many bytes of a zip archive its list of entries may take: those of 10,000 tensors take less than
// half of that.
const maxDirectory = 4 << 20

// bounded reads up to so many bytes. What zip keeps in memory of its list of entries is a few times what it reads.
type bounded struct {
	io.ReaderAt
	left int64
}

func (b *bounded) ReadAt(p []byte, at int64) (int, error) {
	if b.left -= int64(len(p)); b.left < 0 {
		return 0, errors.New("a list of entries longer than any model's")
	}
	return b.ReaderAt.ReadAt(p, at)
}

// OpenZip reads a zip archive's list of entries, in bounded memory.
func OpenZip(r io.ReaderAt, size int64) (*zip.Reader, error) {
	limit := &bounded{r, maxDirectory}
	z, err := zip.NewReader(limit, size)
	limit.left = math.MaxInt64 // of what the entries hold
	return z, err
}

// openNpz lists the arrays of a NumPy archive, or opens the weights in a .keras archive. GoMLX's reader takes memory
// for whatever shape a header declares, and reads float32 only.
func openNpz(f *os.File, size int64) (*File, error) {
	z, err := OpenZip(f, size)
	if err != nil {
		return nil, fmt.Errorf("%w: %s", ErrDamaged, err)
	}
	if len(z.File) > maxTensors {
		return nil, fmt.Errorf("%w: %d entries", ErrDamaged, len(z.File))
	}
	out := &File{Format: "NumPy .npz"}
	for _, entry := range z.File {
		name, ok := strings.CutSuffix(entry.Name, ".npy")
		if !ok {
			continue
		}
		t, err := npyEntry(entry)
		if err != nil {
			return nil, fmt.Errorf("array %s: %w", name, err)
		}
		t.Name = name
		out.Tensors = append(out.Tensors, t)
	}
	if len(out.Tensors) == 0 {
		for _, entry := range z.File {
			switch path.Base(entry.Name) {
			case "model.weights.h5":
				out, err := openKerasArchive(f, entry)
				if err != nil {
					return nil, err
				}
				var about struct {
					Version string `json:"keras_version"`
				}
				if json.Unmarshal(beside(z, entry.Name, "metadata.json"), &about) == nil {
					out.Version = about.Version
				}
				if config := beside(z, entry.Name, "config.json"); config != nil {
					out.Config = string(config)
					out.describeKeras(config, false)
				}
				return out, nil
			case "data.pkl":
				return nil, fmt.Errorf("%w: it looks like a PyTorch file; save it as .safetensors", ErrUnknown)
			}
		}
		return nil, fmt.Errorf("%w: a zip archive with no array in it", ErrUnknown)
	}
	byName(out.Tensors)
	return out, nil
}

// beside reads an entry of an archive that lies beside another, nil if it cannot be read or is too long.
func beside(z *zip.Reader, other, name string) []byte {
	r, err := z.Open(path.Join(path.Dir(other), name))
	if err != nil {
		return nil
	}
	defer r.Close()
	text, err := io.ReadAll(io.LimitReader(r, maxConfig+1))
	if err != nil {
		return nil
	}
	return text
}

// openKerasArchive opens the weights in a .keras archive, which Keras keeps there as they are.
func openKerasArchive(f *os.File, entry *zip.File) (*File, error) {
	at, err := entry.DataOffset()
	size := int64(min(entry.UncompressedSize64, math.MaxInt64))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %s", ErrDamaged, err)
	case entry.Method != zip.Store || entry.UncompressedSize64 != entry.CompressedSize64:
		return nil, fmt.Errorf("%w: a .keras archive that was compressed; unzip model.weights.h5 and give that",
			ErrUnread)
	}
	out, err := openKeras(io.NewSectionReader(f, at, size), size)
	if err == nil {
		out.Format = "Keras .keras"
	}
	return out, err
}

// npyEntry reads one array's header.
func npyEntry(entry *zip.File) (t Tensor, err error) {
	r, err := entry.Open()
	if err != nil {
		return t, fmt.Errorf("%w: %s", ErrDamaged, err)
	}
	defer r.Close()
	a, err := readNpyHeader(r)
	if err != nil {
		return t, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	t.Type, t.Shape = a.kind, a.shape
	if !a.numbers {
		return t, nil
	}
	have := int64(min(entry.UncompressedSize64, 1<<40)) - int64(a.length)
	want, err := onnxfile.BytesOf(a.shape, a.number.Size, have)
	if err != nil {
		return t, err
	} else if want != have {
		return t, fmt.Errorf("%w: shape %v in %d bytes", ErrDamaged, t.Shape, have)
	}
	t.read = func() ([]float32, error) {
		r, err := entry.Open()
		if err != nil {
			return nil, fmt.Errorf("%w: %s", ErrDamaged, err)
		}
		defer r.Close()
		if _, err = io.CopyN(io.Discard, r, int64(a.length)); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
		}
		values, err := a.values(r)
		if err == nil {
			_, err = io.Copy(io.Discard, io.LimitReader(r, 1)) // the checksum is compared at the entry's end
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
		}
		return values, nil
	}
	return t, nil
}
