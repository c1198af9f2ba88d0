// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package network_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/internal/sketch"
	"convscope/pkg/layer"
	"convscope/pkg/network"
	"convscope/pkg/weights/format"
	_ "convscope/vgg16" // registers itself
)

func TestWhatIsNoNetwork(t *testing.T) {
	dir := t.TempDir()
	for name, test := range map[string]struct{ file, words string }{
		"PyTorch":         {"model.pt", "export it with torch.onnx.export"},
		"a checkpoint":    {"model.PTH", "a program that is never run here"},
		"weights":         {"w.safetensors", "it holds weights without the network"},
		"TensorFlow":      {"graph.pb", "tf2onnx"},
		"a picture":       {"cat.jpg", "give a .keras, .h5 or .onnx file"},
		"damaged Keras":   {"net.keras", "net.keras"},
		"no such file":    {"", "there is no file"},
		"a file gone":     {"gone.h5", "there is no file"},
		"a version":       {"model_v1.2", "give a file, .keras, .h5 or .onnx"},
		"near a name":     {"vgg61", `did you mean "vgg16"?`},
		"no such name":    {"resnet50", "one that comes along: vgg16"},
		"a part of one":   {"VGG", `did you mean "vgg16"?`},
		"an address":      {"https://example.com/net.onnx", "download the file first"},
		"a home":          {"~/net.onnx", "what ~ stands for"},
		"a folder":        {".", "is a folder"},
		"empty":           {"empty.onnx", "is empty: save the network again"},
		"no Keras":        {"text.h5", "whatever its name says"},
		"an architecture": {"net.json", "without its weights"},
		"a vast message":  {"a\nb.xyz", "no network that can be read"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(dir, test.file)
			switch {
			case test.file == "":
				path = filepath.Join(dir, "gone.onnx")
			case test.file == "gone.h5" || test.file == "model_v1.2" || strings.ContainsAny(test.file, "~:") ||
				!strings.Contains(test.file, "."):
				path = test.file
			case test.file == "empty.onnx":
				require.NoError(t, os.WriteFile(path, nil, 0o600))
			case test.file != ".":
				require.NoError(t, os.WriteFile(path, []byte("no network"), 0o600))
			}
			_, err := network.Options{Model: path}.Read()
			require.ErrorContains(t, err, test.words)
			require.NotContains(t, err.Error(), "\n")
		})
	}
}

// TestCutFiles says of files that are cut short what to do.
func TestCutFiles(t *testing.T) {
	saved, err := os.ReadFile(filepath.Join("..", "..", "notebooks", "texture", "textures.keras"))
	require.NoError(t, err)
	for name, whole := range map[string][]byte{"net.keras": saved, "net.onnx": sketch.ONNX(sketch.Options{Side: 12})} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), name)
			require.NoError(t, os.WriteFile(path, whole[:len(whole)*2/3], 0o600))
			_, err := network.Options{Model: path}.Read()
			require.ErrorContains(t, err, path)
			require.ErrorContains(t, err, "save the network again, or copy it anew")
		})
	}
}

// TestNearbyFiles names the file that a wrong path may be meant for.
func TestNearbyFiles(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	require.NoError(t, os.WriteFile("digits.onnx", sketch.ONNX(sketch.Options{Channels: 1, Side: 12}), 0o600))
	require.NoError(t, os.Symlink("gone", "link.onnx"))
	far := filepath.Join(dir, "digit.onnx")
	for _, wrong := range []string{"digits", "dgits.onnx", "digits.keras", "Digits.onnx", "digits.onnx ", far} {
		_, err := network.Options{Model: wrong}.Read()
		require.ErrorContains(t, err, `digits.onnx"? Others are files`, "%q", wrong)
	}
	for _, wrong := range []string{"d.onnx", "link.onnx", "lake.onnx", filepath.Join("none", "digits.onnx"), "diggers"} {
		_, err := network.Options{Model: wrong}.Read()
		require.ErrorContains(t, err, "there is no ")
		require.NotContains(t, err.Error(), "did you mean", "%q", wrong)
	}
}

// TestKerasUnderOtherNames sees what a file holds where its name says nothing, or something else.
func TestKerasUnderOtherNames(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"net", "net.zip", "net.onnx", "net.bin"} {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte("\x89HDF\r\n\x1a\n"), 0o600))
		_, err := network.Options{Model: path}.Read()
		require.ErrorIs(t, err, format.ErrDamaged, name)
	}
}

func TestBuiltIn(t *testing.T) {
	for _, name := range []string{"", "vgg16", "VGG16"} {
		net, err := network.Options{Model: name}.Read()
		require.NoError(t, err)
		require.Len(t, net.Layers, 18)
		require.Equal(t, "caffe", network.InputText(net.Input))
	}
	_, err := network.Options{Input: "tf"}.Read()
	require.ErrorContains(t, err, "leave --input tf out")
	_, err = network.Options{Classes: "x"}.Read()
	require.ErrorContains(t, err, "leave --classes x out")
}

// TestInputs reads every way, and what is written of it.
func TestInputs(t *testing.T) {
	colour, gray := layer.Input{Channels: 3, Height: 8, Width: 9}, layer.Input{Channels: 1}
	for text, want := range map[string]struct {
		in          layer.Input
		black, full float64 // of red
		written     string
	}{
		"imagenet":                   {colour, -0.485 / 0.229, (1 - 0.485) / 0.229, "imagenet"},
		"caffe":                      {colour, -123.68, 255 - 123.68, "caffe"},
		"tf":                         {colour, -1, 1, "tf"},
		"unit":                       {gray, 0, 1, "unit"},
		"raw":                        {gray, 0, 255, "raw"},
		"mean=0.1307,std=0.3081":     {gray, -0.1307 / 0.3081, (1 - 0.1307) / 0.3081, "mean=0.1307,std=0.3081"},
		"mean=127,std=128":           {colour, -127. / 128, 1, "mean=127,std=128"},
		"mean=1,2,3":                 {colour, -1, 254, "mean=1,2,3,std=1"},
		"std=255":                    {gray, 0, 1, "unit"},
		"mean=0,0,0, std=1,1,1":      {colour, 0, 1, "unit"},
		"mean=103,116,123,std=1,bgr": {colour, -123, 132, "mean=103,116,123,std=1,bgr"},
	} {
		t.Run(text, func(t *testing.T) {
			got, err := network.ParseInput(want.in, text)
			require.NoError(t, err)
			low, high := got.Range(0)
			require.InDelta(t, want.black, low, 1e-9)
			require.InDelta(t, want.full, high, 1e-9)
			require.Equal(t, want.in.Height, got.Height)
			require.Equal(t, want.written, network.InputText(got))
			again, err := network.ParseInput(want.in, network.InputText(got))
			require.NoError(t, err)
			require.Equal(t, network.InputText(got), network.InputText(again))
		})
	}
	for text, words := range map[string]string{
		"":             "there is no such way",
		"torch":        "choose from imagenet, caffe, tf, unit, raw",
		"mean=1,2":     "give one, or one for each of 3",
		"mean=x":       `"x" is no number`,
		"std=0":        "above 0",
		"std=-1":       "above 0",
		"mean=NaN":     "no number",
		"median=1":     "there is no such way",
		"1,2,3":        "there is no such way",
		"mean=1e300":   "no number",
		"bgr":          "there is no such way",
		"mean=1,,2,3,": "no number",
	} {
		_, err := network.ParseInput(colour, text)
		require.ErrorContains(t, err, words, "%q", text)
	}
	_, err := network.ParseInput(gray, "imagenet")
	require.ErrorContains(t, err, "it is for 3 channels, and this network takes 1")
}

func TestReadClasses(t *testing.T) {
	write := func(text string) string {
		path := filepath.Join(t.TempDir(), "classes")
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	for name, text := range map[string]string{
		"lines":    "cat\ndog\r\nsnow leopard\n",
		"a mark":   "\ufeffcat\ndog\nsnow leopard",
		"a list":   `["cat", "dog", "snow leopard"]`,
		"numbers":  `{"0": "cat", "2": "snow leopard", "1": "dog"}`,
		"names":    `{"snow leopard": 2, "cat": 0, "dog": 1}`,
		"ImageNet": `{"0": ["n1", "cat"], "1": ["n2", "dog"], "2": ["n3", "snow leopard"]}`,
	} {
		got, err := network.ReadClasses(write(text))
		require.NoError(t, err, name)
		require.Equal(t, []string{"cat", "dog", "snow leopard"}, got, name)
	}
	for text, words := range map[string]string{
		"":                     "there are 0",
		"cat\n\ndog":           "class 1 has no name",
		"cat\x1b[31m":          "can't be shown",
		"\xff\xfe":             "give text",
		`{"0": "a", "2": "b"}`: "must be 0 to 1",
		`{"a": 0, "b": 0}`:     "must be 0 to 1",
		`{"x": "a"}`:           "no number of a class",
		`{"0": 1.5}`:           "has no name",
		`[1, 2]`:               "neither a list",
		`{"0": []}`:            "has no name",
	} {
		_, err := network.ReadClasses(write(text))
		require.ErrorContains(t, err, words, "%q", text)
	}
	_, err := network.ReadClasses("gone")
	require.ErrorContains(t, err, "no such file")
}

// FuzzReadClasses takes any text: whatever comes, it is names or an error.
func FuzzReadClasses(f *testing.F) {
	f.Add("cat\ndog")
	f.Add(`{"0": ["n1", "cat"]}`)
	f.Fuzz(func(t *testing.T, text string) {
		path := filepath.Join(t.TempDir(), "classes")
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		names, err := network.ReadClasses(path)
		if err == nil {
			require.NotEmpty(t, names)
		}
	})
}
