// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package weights_test

import (
	"crypto/md5"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"convscope/pkg/weights"
	"convscope/pkg/weights/internal/sample"
)

const envTop = "CONVSCOPE_TEST_TOP"

var (
	denses = []string{"fc1", "fc2", "predictions"}
	// withTop is the small net with dense layers on a flattened picture of 2 x 2; fc2 is square.
	withTop = append(slices.Clone(official), sample.Top(1, denses, 2, 32, 6, 6, 5)...)
	// otherTop has the same convolutions, and other dense layers.
	otherTop = append(slices.Clone(official), sample.Top(2, denses, 2, 32, 6, 6, 5)...)
)

// topManifest knows the convolutions by their hashes, and the rest by the whole file.
func topManifest(file []byte) weights.Manifest {
	m := manifest(withTop)
	m.Model, m.Env = "tiny-top", envTop
	for i := range m.Tensors[len(official):] {
		m.Tensors[len(official)+i].SHA256 = ""
	}
	m.Keras = weights.Download{URL: "http://localhost:1/tiny_with_top.h5", Bytes: int64(len(file)),
		MD5: fmt.Sprintf("%x", md5.Sum(file))}
	return m
}

// officialTop writes the file that is the official one in these tests.
func officialTop(t *testing.T) (path string, m weights.Manifest) {
	t.Helper()
	path, err := sample.Write(t.TempDir(), "w.h5", withTop)
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return path, topManifest(file)
}

// write writes a file, or ends the test.
func write(t *testing.T, name string, file []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTopInEachFormat(t *testing.T) {
	_, m := officialTop(t)
	byOrder := sample.Rename(withTop, func(i int, part string) string {
		if i < len(layers) {
			return fmt.Sprintf("features.%d.%s", 7*i, map[string]string{"kernel": "weight", "bias": "bias"}[part])
		}
		return fmt.Sprintf("head.%d.%s", 3*(i-len(layers)), map[string]string{"kernel": "weight", "bias": "bias"}[part])
	})
	torch := sample.OutputFirst(byOrder)
	files := map[string][]byte{
		"keras.safetensors":           sample.Safetensors(withTop),
		"keras.npz":                   sample.Npz(withTop),
		"keras.onnx":                  sample.ONNX(withTop),
		"keras, by order.onnx":        sample.ONNX(byOrder),
		"keras, by order.safetensors": sample.Safetensors(byOrder),
		"torch.safetensors":           sample.Safetensors(torch),
		"torch.npz":                   sample.Npz(torch),
		"torch.onnx":                  sample.TorchONNX(torch),
		"torch, turned.onnx":          sample.TurnedONNX(torch),
		"torch, folded.onnx":          sample.FoldedONNX(torch),
		"torch, by name.onnx":         sample.TorchONNX(sample.OutputFirst(withTop)),
	}
	for name, file := range files {
		t.Run(name, func(t *testing.T) {
			emptyCache(t)
			f, said := open(t, m, write(t, name, file))
			wantTensors(t, f, withTop)
			if f.Official() {
				t.Error("only the whole file tells that its classifier is the official one")
			}
			wantText(t, said.String(), "not the ImageNet weights",
				"6 tensors from fc1/kernel on can only be told by that, the other 6 are right")
			if s, err := weights.State(m); err != nil || s.Exists {
				t.Errorf("unknown weights are in the cache: %v, %v", s, err)
			}
			if part := manifest(official); f.SHA256(part) != part.SHA256() {
				t.Error("the convolutions' own hash is another")
			}
		})
	}
}

func TestTopUnfit(t *testing.T) {
	emptyCache(t)
	_, m := officialTop(t)
	kernels := append(sample.OutputFirst(official), withTop[len(official):]...)
	matrices := append(slices.Clone(official), sample.OutputFirst(withTop)[len(official):]...)
	tests := map[string]struct {
		file []byte
		want []string
	}{
		"no classifier.safetensors": {sample.Safetensors(official),
			[]string{"it has no classifier: no tensor for fc1/kernel [128 6]; one with it is tiny_with_top.h5"}},
		"no classifier.onnx": {sample.ONNX(official), []string{"it has no classifier"}},
		"no fc2.npz": {sample.Npz(slices.Delete(slices.Clone(withTop), 8, 10)),
			[]string{"no tensor for fc2/kernel [6 6]"}},
		"no bias.safetensors": {sample.Safetensors(slices.Delete(slices.Clone(withTop), 11, 12)),
			[]string{"no tensor for predictions/bias [5]"}},
		"another side.safetensors": {sample.Safetensors(append(slices.Clone(official),
			sample.Top(1, denses, 3, 32, 6, 6, 5)...)), []string{"fc1/kernel is [288 6], fc1/kernel needs [128 6]"}},
		"other classes.safetensors": {sample.Safetensors(append(slices.Clone(official), sample.Top(1, denses, 2, 32,
			6, 6, 7)...)), []string{"predictions/kernel is [6 7], predictions/kernel needs [6 5]"}},
		"kernels turned.safetensors": {sample.Safetensors(kernels),
			[]string{"axes in different orders", "save all tensors as Keras has them, or all as PyTorch"}},
		"matrices turned.safetensors": {sample.Safetensors(matrices), []string{"axes in different orders"}},
		"odd graph.onnx": {sample.OddONNX(sample.OutputFirst(withTop)),
			[]string{"how the graph comes to fc1/kernel", "cannot be told"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := weights.Open(t.Context(), m, weights.Options{Path: write(t, name, test.file), Report: func(string) {}})
			wantError(t, err, weights.ErrUnfit, test.want...)
		})
	}
}

// TestTopByItsWholeFile is about what only the file's size and MD5 tell.
func TestTopByItsWholeFile(t *testing.T) {
	t.Run("the official file", func(t *testing.T) {
		emptyCache(t)
		path, m := officialTop(t)
		t.Setenv(envTop, path)
		f, said := open(t, m, "")
		wantTensors(t, f, withTop)
		if !f.Official() {
			t.Errorf("not official: %s", said)
		}
		if s, err := weights.State(m); err != nil || !s.Complete {
			t.Errorf("not kept: %v, %v", s, err)
		}
		again, said := open(t, m, "")
		wantTensors(t, again, withTop)
		wantText(t, said.String(), path, "as kept in the cache")

		t.Setenv(envTop, "")
		kept, said := open(t, m, "")
		wantTensors(t, kept, withTop)
		if !kept.Official() || kept.SHA256() != f.SHA256() || said.String() != "" {
			t.Errorf("from the cache: official %t, %s", kept.Official(), said)
		}
	})
	t.Run("the same size, another file", func(t *testing.T) {
		emptyCache(t)
		path, err := sample.Write(t.TempDir(), "w.h5", otherTop)
		if err != nil {
			t.Fatal(err)
		}
		_, m := officialTop(t)
		f, said := open(t, m, path)
		wantTensors(t, f, otherTop)
		wantText(t, said.String(), "not the ImageNet weights: the file has the official one's size, but the MD5",
			m.Keras.MD5)
		if f.Official() {
			t.Error("official")
		}
	})
	t.Run("another size", func(t *testing.T) {
		emptyCache(t)
		path, m := officialTop(t)
		m.Keras.Bytes++
		_, said := open(t, m, path)
		wantText(t, said.String(), fmt.Sprintf("the file has %d bytes, the official one %d", m.Keras.Bytes-1, m.Keras.Bytes))
	})
	t.Run("other convolutions", func(t *testing.T) {
		emptyCache(t)
		path, err := sample.Write(t.TempDir(), "w.h5", append(slices.Clone(others), withTop[len(official):]...))
		if err != nil {
			t.Fatal(err)
		}
		_, m := officialTop(t)
		_, said := open(t, m, path)
		wantText(t, said.String(), "6 of 12 tensors differ, the first is block1_conv1/kernel")
	})
	t.Run("fetched", func(t *testing.T) {
		emptyCache(t)
		k, served := serve(t, withTop)
		m := topManifest(k.content)
		m.Keras = served.Keras
		f, said := open(t, m, "")
		wantTensors(t, f, withTop)
		wantText(t, said.String(), "12 tensors, all hashes right (of 6 the whole file's), kept in")
		if !f.Official() {
			t.Error("not official")
		}
	})
	t.Run("cannot be fetched", func(t *testing.T) {
		emptyCache(t)
		_, m := officialTop(t)
		_, err := weights.Open(t.Context(), m, weights.Options{Report: func(string) {}})
		wantError(t, err, nil, "cannot get the weights of tiny-top", "set "+envTop+" to its path")
	})
}

func TestDamagedTop(t *testing.T) {
	headerDamage := func(t *testing.T, file string) {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Replace(string(b), "sha256 of fc1/kernel", "sha256 of fc1/kernal", 1)
		if text == string(b) {
			t.Fatal("nothing recorded")
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Run("a tensor, mended from the user's file", func(t *testing.T) {
		emptyCache(t)
		path, m := officialTop(t)
		open(t, m, path)
		damage(t, m, -1)
		f, said := open(t, m, path)
		wantTensors(t, f, withTop)
		wantText(t, said.String(), "tensor predictions/bias has another hash; fetching them again")
		if s, err := weights.State(m); err != nil || !s.Complete {
			t.Errorf("not mended: %v, %v", s, err)
		}
	})
	t.Run("a tensor, and the user's file is gone", func(t *testing.T) {
		emptyCache(t)
		path, m := officialTop(t)
		open(t, m, path)
		damage(t, m, -1)
		f, _ := open(t, m, path)
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		_, _, err := f.Tensor("predictions/bias")
		wantError(t, err, weights.ErrDamagedCache, path)
	})
	t.Run("a recorded hash", func(t *testing.T) {
		emptyCache(t)
		path, m := officialTop(t)
		open(t, m, path)
		headerDamage(t, cacheFile(t, m))
		s, err := weights.State(m)
		if err != nil || s.Complete {
			t.Errorf("%v, %v", s, err)
		}
		f, said := open(t, m, path)
		wantTensors(t, f, withTop)
		wantText(t, said.String(), "its header is another; writing it again")
	})
	for name, file := range map[string]string{
		"nothing": "", "no length": "abc", "a giant header": "\xff\xff\xff\xff\xff\xff\xff\x7f{}",
		"no JSON":   "\x03\x00\x00\x00\x00\x00\x00\x00abc",
		"no hashes": "\x14\x00\x00\x00\x00\x00\x00\x00{\"__metadata__\": {}}",
	} {
		t.Run(name, func(t *testing.T) {
			emptyCache(t)
			path, m := officialTop(t)
			open(t, m, path)
			if err := os.WriteFile(cacheFile(t, m), []byte(file), 0o600); err != nil {
				t.Fatal(err)
			}
			f, said := open(t, m, path)
			wantTensors(t, f, withTop)
			wantText(t, said.String(), "the cached weights are damaged", "writing it again")
		})
	}
}

func TestShape(t *testing.T) {
	emptyCache(t)
	path, m := officialTop(t)
	f, _ := open(t, m, path)
	shape, err := f.Shape("predictions/kernel")
	if err != nil || !slices.Equal(shape, []int{6, 5}) {
		t.Errorf("%v, %v", shape, err)
	}
	_, err = f.Shape("fc3/kernel")
	wantError(t, err, weights.ErrNoTensor, "fc3/kernel")
}
