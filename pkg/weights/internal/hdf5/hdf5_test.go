// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package hdf5_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	oracle "github.com/scigolib/hdf5"

	"convscope/pkg/weights/internal/hdf5"
)

// read returns a file of testdata, unpacked.
func read(t testing.TB, name string) []byte {
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err == nil && strings.HasSuffix(name, ".gz") {
		var z *gzip.Reader
		if z, err = gzip.NewReader(bytes.NewReader(b)); err == nil {
			b, err = io.ReadAll(z)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func open(t testing.TB, b []byte) *hdf5.File {
	f, err := hdf5.Open(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// ramp is what most datasets of types.h5 and chunks_*.h5 have: -3 to 14 in steps of a half.
var ramp = func() []float32 {
	list := make([]float32, 35)
	for i := range list {
		list[i] = float32(i)/2 - 3
	}
	return list
}()

// list describes all that is in a file, a line for each group and dataset.
func list(f *hdf5.File) (lines []string, err error) {
	err = f.Walk(func(path string, o *hdf5.Object) error {
		line := path
		for _, name := range []string{"layer_names", "weight_names"} {
			if names, ok, err := o.Strings(name); err != nil {
				return err
			} else if ok {
				line += fmt.Sprintf(" %s=%s", name, names)
			}
		}
		if o.IsDataset() {
			shape, err := o.Shape()
			if err != nil {
				return err
			}
			line += fmt.Sprint(" ", shape)
			if v, err := o.Float32s(); err != nil {
				line += " " + strings.TrimPrefix(err.Error(), hdf5.ErrFormat.Error()+": ")
			} else if len(v) == len(ramp) && slices.Equal(v, ramp) {
				line += " right"
			} else if len(v) > 0 {
				line += fmt.Sprintf(" %g..%g", v[0], v[len(v)-1])
			}
		}
		lines = append(lines, line)
		return nil
	})
	return lines, err
}

// chunks is what list gives for chunks_*.h5.
func chunks(grows, growsTwice string) []string {
	return []string{
		"/",
		"/all [5 7] right",
		"/big [5 7] right",
		"/checksum [5 7] right",
		"/early [5 7] right",
		"/grows " + grows,
		"/grows twice " + growsTwice,
		"/gzip [5 7] right",
		"/half written [4 2] 1 of 2 chunks were written",
		"/larger [5 7] right",
		"/lzf [5 7] cannot be read: compressed with LZF; write it with gzip or as it is",
		"/many [2100] 0..1049.5",
		"/plain [5 7] right",
		"/single [5 7] right",
		"/unfiltered [4 3] 0..2.5",
	}
}

func TestRead(t *testing.T) {
	layers := []string{
		"/ layer_names=[input_1 block1_conv1 block1_conv2 block2_conv1 block1_pool]",
		"/block1_conv1 weight_names=[block1_conv1_W_1:0 block1_conv1_b_1:0]",
		"/block1_conv1/block1_conv1_W_1:0 [3 3 3 2] 0..26.5",
		"/block1_conv1/block1_conv1_b_1:0 [2] 100..100.5",
		"/block1_conv2 weight_names=[block1_conv2_W_1:0 block1_conv2_b_1:0]",
		"/block1_conv2/block1_conv2_W_1:0 [3 3 2 2] 0..17.5",
		"/block1_conv2/block1_conv2_b_1:0 [2] 100..100.5",
		"/block1_pool weight_names=[]",
		"/block2_conv1 weight_names=[block2_conv1_W_1:0 block2_conv1_b_1:0]",
		"/block2_conv1/block2_conv1_W_1:0 [3 3 2 4] 0..35.5",
		"/block2_conv1/block2_conv1_b_1:0 [4] 100..101.5",
		"/input_1 weight_names=[]",
	}
	tests := []struct {
		file string
		want []string
	}{
		{"legacy.h5", layers},
		{"latest.h5", layers},
		{"variable.h5", layers},
		{"circle.h5", []string{"/", "/a"}},
		{"user.h5", layers},
		{"strange.h5", []string{
			"/",
			"/big [3] 0..0",
			"/chunked [4 4] 0..7.5",
			"/compact [3] 0..1",
			"/empty [0]",
			"/float64 [3] 0..0",
			"/gzip [4 4] 0..7.5",
			"/half [3] 0..0",
			"/scalar [] 7..7",
			"/text [] cannot be read: its elements are lists, needed are float16, bfloat16, float32 or float64",
			"/unwritten [4] values were never written",
		}},
		{"types.h5", []string{
			"/",
			"/bfloat16 [5 7] right",
			"/bigf2 [5 7] right",
			"/bigf4 [5 7] right",
			"/bigf8 [5 7] right",
			"/bool [5 7] cannot be read: its elements are an enumeration, needed are float16, bfloat16, float32 or float64",
			"/int8 [5 7] cannot be read: its elements are int8, needed are float16, bfloat16, float32 or float64",
			"/littlef2 [5 7] right",
			"/littlef4 [5 7] right",
			"/littlef8 [5 7] right",
			"/uint16 [5 7] cannot be read: its elements are uint16, needed are float16, bfloat16, float32 or float64",
		}},
		{"chunks_earliest.h5.gz", chunks("[5 7] right", "[5 7] right")},
		{"chunks_latest.h5.gz", chunks(
			"[5 7] cannot be read: it can grow, and its chunks are in an index of kind 4; write it without "+
				"maxshape, or not with libver=\"latest\"", "[5 7] cannot be read: it can grow, and its chunks are in an "+
				"index of kind 5; write it without maxshape, or not with libver=\"latest\"")},
		{"odd.h5", []string{
			"/",
			"/elsewhere [4] cannot be read: its values are in another file",
			"/virtual [4] cannot be read: a virtual dataset, whose values are in others",
		}},
	}
	for _, test := range tests {
		t.Run(test.file, func(t *testing.T) {
			got, err := list(open(t, read(t, test.file)))
			slices.Sort(got)
			if err != nil || !slices.Equal(got, test.want) {
				t.Errorf("error %v, got\n%s\nwant\n%s", err, strings.Join(got, "\n"), strings.Join(test.want, "\n"))
			}
		})
	}
	for _, file := range []string{"dense.h5.gz", "levels.h5.gz"} {
		t.Run(file, func(t *testing.T) {
			got, err := list(open(t, read(t, file)))
			if err != nil || len(got) != 203 || !slices.Contains(got, "/layers/199") ||
				!slices.Contains(got, "/layers/last [] 7..7") {
				t.Errorf("error %v, %d objects: %q", err, len(got), got)
			}
		})
	}
}

// TestOracle compares with another reader what both can read, and reads what another writer wrote.
func TestOracle(t *testing.T) {
	t.Run("reader", func(t *testing.T) {
		theirs, err := oracle.Open(filepath.Join("testdata", "legacy.h5"))
		if err != nil {
			t.Fatal(err)
		}
		defer theirs.Close()
		want := map[string][]float64{}
		theirs.Walk(func(path string, o oracle.Object) {
			if d, ok := o.(*oracle.Dataset); ok {
				if want[path], err = d.Read(); err != nil {
					t.Error(err)
				}
			}
		})
		compare(t, open(t, read(t, "legacy.h5")), want)
	})
	t.Run("writer", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "w.h5")
		w, err := oracle.CreateForWrite(path, oracle.CreateTruncate)
		if err != nil {
			t.Fatal(err)
		}
		want := map[string][]float64{}
		for _, group := range []string{"/layers", "/layers/conv2d", "/layers/conv2d/vars"} {
			if _, err := w.CreateGroup(group); err != nil {
				t.Fatal(err)
			}
		}
		for i := range 3 {
			name := fmt.Sprint("/layers/conv2d/vars/", i)
			d, err := w.CreateDataset(name, oracle.Float32, []uint64{2, 2})
			if err == nil {
				err = d.Write([]float32{float32(i), 1.5, -2, 3e-7})
			}
			if err != nil {
				t.Fatal(err)
			}
			want[name] = []float64{float64(i), 1.5, -2, float64(float32(3e-7))}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		compare(t, open(t, b), want)
	})
}

func compare(t *testing.T, f *hdf5.File, want map[string][]float64) {
	t.Helper()
	found := 0
	err := f.Walk(func(path string, o *hdf5.Object) error {
		if !o.IsDataset() {
			return nil
		}
		found++
		got, err := o.Float32s()
		if err != nil {
			return err
		}
		if len(got) != len(want[path]) {
			return fmt.Errorf("%s has %d values, want %d", path, len(got), len(want[path]))
		}
		for i, v := range got {
			if float64(v) != want[path][i] {
				return fmt.Errorf("%s[%d] is %g, want %g", path, i, v, want[path][i])
			}
		}
		return nil
	})
	if err != nil || found != len(want) {
		t.Errorf("%d of %d datasets, %v", found, len(want), err)
	}
}

func TestBad(t *testing.T) {
	whole := read(t, "legacy.h5")
	edit := func(at int, with string) []byte {
		b := slices.Clone(whole)
		copy(b[at:], with)
		return b
	}
	tests := []struct {
		name string
		file []byte
		text string
	}{
		{"empty", nil, "no HDF5 signature"},
		{"text", []byte("PK not an HDF5 file"), "no HDF5 signature"},
		{"signature only", whole[:8], "superblock"},
		{"half", whole[:len(whole)/2], fmt.Sprintf("truncated: %d of %d bytes", len(whole)/2, len(whole))},
		{"one byte short", whole[:len(whole)-1], "truncated"},
		{"a version to come", edit(8, "\x09"), "superblock version 9"},
		{"offsets of four bytes", edit(13, "\x04"), "offsets of 4 bytes"},
		{"root beyond the end", edit(64, "\xff\xff\xff\xff\xff\xff\xff\x7f"), "beyond the end"},
		{"root is data", edit(64, "\x00\x00\x00\x00"), "no object header"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f, err := hdf5.Open(bytes.NewReader(test.file), int64(len(test.file)))
			if err == nil {
				_, err = list(f)
			}
			if !errors.Is(err, hdf5.ErrFormat) && !errors.Is(err, hdf5.ErrUnread) || !strings.Contains(err.Error(), test.text) {
				t.Errorf("got %v, want %q", err, test.text)
			}
		})
	}
}

// TestFlips changes each byte of a file: it may read otherwise or fail, and nothing else.
func TestFlips(t *testing.T) {
	for _, name := range []string{"legacy.h5", "variable.h5", "circle.h5", "strange.h5", "dense.h5.gz",
		"types.h5", "user.h5", "odd.h5",
		"chunks_earliest.h5.gz", "chunks_latest.h5.gz",
	} {
		whole := read(t, name)
		step := 1 + len(whole)/300
		for i := 0; i < len(whole); i += step {
			for _, with := range []byte{0, 0xff, whole[i] ^ 1, whole[i] ^ 0x80} {
				b := slices.Clone(whole)
				b[i] = with
				if f, err := hdf5.Open(bytes.NewReader(b), int64(len(b))); err == nil {
					_, _ = list(f)
				}
			}
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, name := range []string{"legacy.h5", "latest.h5", "variable.h5", "circle.h5", "strange.h5", "dense.h5.gz",
		"types.h5", "user.h5", "odd.h5",
		"chunks_earliest.h5.gz", "chunks_latest.h5.gz",
	} {
		f.Add(read(f, name))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := hdf5.Open(bytes.NewReader(b), int64(len(b)))
		if err == nil {
			_, err = list(file)
		}
		if err != nil && !errors.Is(err, hdf5.ErrFormat) && !errors.Is(err, hdf5.ErrUnread) {
			t.Errorf("an error of another kind: %v", err)
		}
	})
}
