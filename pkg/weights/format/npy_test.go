// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package format_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"convscope/internal/file"
	"convscope/pkg/weights/format"
)

func TestReadNPY(t *testing.T) {
	good := npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }", "\x00\x00\x80\x3f\x00\x00\x00\x40")
	got, err := format.ReadNPY(put(t, "start.npy", []byte(good)))
	if err != nil {
		t.Fatal(err)
	}
	values, err := tensors.CopyFlatData[float32](got)
	if err != nil || !slices.Equal(values, []float32{1, 2}) || !slices.Equal(got.Shape().Dimensions, []int{1, 2}) {
		t.Errorf("got %v %v, %v", got.Shape(), values, err)
	}

	tests := []struct {
		name, file string
		want       error
		text       string
	}{
		{"truncated", good[:len(good)-1], format.ErrCutArray,
			"cut or damaged: float32 of shape [1 2] needs 8 bytes, the file holds 7"},
		{"too long", good + "x", format.ErrCutArray, "needs 8 bytes, the file holds 9"},
		{"header only", good[:20], format.ErrCutArray, "ends within its header"},
		{"magic only", good[:6], format.ErrCutArray, "ends within its header"},
		{"empty", "", format.ErrNotArray, "this is none"},
		{"picture", "\x89PNG\r\n\x1a\n0123456789", format.ErrNotArray,
			"a .npy file of numbers is needed: this looks like a PNG picture"},
		{"archive", string(zipped("x.npy", good)), format.ErrNotArray, "save the one array with np.save"},
		{"integers", npy("{'descr': '<i8', 'fortran_order': False, 'shape': (1,), }", "12345678"),
			format.ErrNotArray, "int64"},
		{"complex", npy("{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }", "12345678"),
			format.ErrNotArray, "complex64"},
		{"records", npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", "1234"),
			format.ErrNotArray, "records"},
		{"objects", npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", "12345678"), format.ErrNotArray,
			"pickled Python objects"},
		{"escapes", npy("{'descr': '\x1b[2J', 'fortran_order': False, 'shape': (1,), }", "12345678"),
			format.ErrNotArray, ""},
		{"giant", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999, 99999999999), }", "1234"),
			format.ErrCutArray, "the shape [99999999999 99999999999]"},
		{"negative", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (-1, -1), }", "1234"),
			format.ErrCutArray, "dimension"},
		{"no order", npy("{'descr': '<f4', 'shape': (1,), }", "1234"), format.ErrCutArray, "fortran_order"},
		{"NaN", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1), }", "\x00\x00\x00\x00\x00\x00\xc0\x7f"),
			format.ErrNotFinite, "the value at [1 0] is NaN"},
		{"too large for float32", npy("{'descr': '>f8', 'fortran_order': False, 'shape': (1,), }",
			"\x7f\xe0\x00\x00\x00\x00\x00\x00"), format.ErrNotFinite, "the value at [0] is +Inf as float32"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := format.ReadNPY(put(t, "start.npy", []byte(test.file)))
			wantError(t, err, test.want, test.text)
		})
	}
	t.Run("directory", func(t *testing.T) {
		_, err := format.ReadNPY(t.TempDir())
		wantError(t, err, file.ErrNotRegular, "not a regular file")
	})
}

// TestReadNPYTypes reads one to six in each type, order of bytes and order of axes.
func TestReadNPYTypes(t *testing.T) {
	const f2, f4, f8 = "\x3c\x00\x40\x00\x42\x00\x44\x00\x45\x00\x46\x00",
		"\x3f\x80\x00\x00\x40\x00\x00\x00\x40\x40\x00\x00\x40\x80\x00\x00\x40\xa0\x00\x00\x40\xc0\x00\x00",
		"\x3f\xf0\x00\x00\x00\x00\x00\x00\x40\x00\x00\x00\x00\x00\x00\x00\x40\x08\x00\x00\x00\x00\x00\x00" +
			"\x40\x10\x00\x00\x00\x00\x00\x00\x40\x14\x00\x00\x00\x00\x00\x00\x40\x18\x00\x00\x00\x00\x00\x00"
	for kind, big := range map[string]string{"f2": f2, "f4": f4, "f8": f8, "u1": "\x01\x02\x03\x04\x05\x06"} {
		for _, order := range "<>" {
			data := []byte(big)
			if size := len(data) / 6; order == '<' {
				for i := 0; i < len(data); i += size {
					slices.Reverse(data[i : i+size])
				}
			}
			for fortran, want := range map[string][]float32{"False": {1, 2, 3, 4, 5, 6}, "True": {1, 3, 5, 2, 4, 6}} {
				header := fmt.Sprintf("{'descr': '%c%s', 'fortran_order': %s, 'shape': (2, 3), }", order, kind, fortran)
				got, err := format.ReadNPY(put(t, "x.npy", []byte(npy(header, string(data)))))
				require.NoError(t, err, header)
				values, err := tensors.CopyFlatData[float32](got)
				require.NoError(t, err)
				require.Equal(t, want, values, header)
			}
		}
	}
}

func TestReadPictures(t *testing.T) {
	picture := func(dims string) string {
		return put(t, "start.npy", []byte(npy("{'descr': '|u1', 'fortran_order': False, 'shape': "+dims+", }", "123456")))
	}
	for dims, want := range map[string][]int{"(1, 2, 3)": {1, 1, 2, 3}, "(1, 2, 1, 3)": {1, 2, 1, 3},
		"(2, 1, 1, 3)": {2, 1, 1, 3}, "(3, 2, 1)": {1, 3, 2, 1}} {
		got, err := format.ReadPictures(picture(dims))
		require.NoError(t, err)
		require.Equal(t, want, got.Shape().Dimensions, dims)
	}
	for _, dims := range []string{"(6,)", "(2, 3)", "(1, 1, 1, 2, 3)"} {
		_, err := format.ReadPictures(picture(dims))
		require.ErrorContains(t, err, "[height, width, channels] is needed", dims)
	}
	_, err := format.ReadPictures(picture("(3, 3)"))
	wantError(t, err, format.ErrCutArray, "the start picture: ")
}

func FuzzReadNPY(f *testing.F) {
	f.Add([]byte(npy("{'descr': '<f4', 'fortran_order': True, 'shape': (1, 2), }", "12345678")))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, b []byte) {
		path := filepath.Join(dir, "start.npy")
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := format.ReadNPY(path); err != nil && strings.Contains(err.Error(), "\n") {
			t.Errorf("more than one line: %q", err)
		}
	})
}
