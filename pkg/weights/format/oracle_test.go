// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package format_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/onnx-gomlx/onnx"
	"github.com/gomlx/onnx-gomlx/onnx/parser"

	"convscope/pkg/weights/format"
)

// TestOracle reads the same ONNX file with onnx-gomlx.
func TestOracle(t *testing.T) {
	path := put(t, "w.onnx", content(t, ".onnx", net))
	theirs, err := parser.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	store := model.NewStore()
	if err := theirs.VariablesToScope(store.RootScope()); err != nil {
		t.Fatal(err)
	}
	f, err := format.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, mine := range f.Tensors {
		// Scopes are split by slashes, which onnx-gomlx replaces.
		name := strings.ReplaceAll(mine.Name, model.ScopeSeparator, "|")
		v := store.RootScope().At(onnx.ModelScope).GetVariable(name)
		if v == nil {
			t.Fatalf("onnx-gomlx has no %s", name)
		}
		value, err := v.Value()
		if err != nil {
			t.Fatal(err)
		}
		want, err := tensors.CopyFlatData[float32](value)
		if err != nil {
			t.Fatal(err)
		}
		got, err := mine.Float32s()
		if err != nil || !slices.Equal(got, want) || !slices.Equal(mine.Shape, value.Shape().Dimensions) {
			t.Errorf("%s: %v, shape %v, theirs %v", mine.Name, err, mine.Shape, value.Shape())
		}
	}
}
