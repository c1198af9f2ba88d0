// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package format_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"

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
		{"truncated", good[:len(good)-1], format.ErrDamaged, ""},
		{"too long", good + "x", format.ErrDamaged, "needs 8 bytes, the file holds 9"},
		{"header only", good[:20], format.ErrUnknown, ""},
		{"empty", "", format.ErrUnknown, ""},
		{"picture", "\x89PNG\r\n\x1a\n0123456789", format.ErrUnknown, "a .npy file is needed"},
		{"float64", npy("{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }", "12345678"), format.ErrUnknown, "<f8"},
		{"objects", npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", "12345678"), format.ErrUnknown, "|O"},
		{"giant", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999, 99999999999), }", "1234"), format.ErrDamaged, "more bytes than the file"},
		{"negative", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (-1, -1), }", "1234"), format.ErrDamaged, "dimension"},
		{"no order", npy("{'descr': '<f4', 'shape': (1,), }", "1234"), format.ErrDamaged, "fortran_order"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := format.ReadNPY(put(t, "start.npy", []byte(test.file)))
			wantError(t, err, test.want, test.text)
		})
	}
	t.Run("directory", func(t *testing.T) {
		_, err := format.ReadNPY(t.TempDir())
		wantError(t, err, file.ErrNotRegular, "it is a folder")
	})
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
