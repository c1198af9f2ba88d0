// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package network

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/agnivade/levenshtein"

	"convscope/internal/file"
	"convscope/pkg/keras"
	"convscope/pkg/layer"
	"convscope/pkg/onnx"
	"convscope/pkg/weights/format"
)

// readers read networks, by the ending of the file.
var readers = map[string]func(path string) (*layer.Network, error){
	".keras": keras.Read, ".h5": keras.Read, ".hdf5": keras.Read, ".onnx": onnx.Read,
}

// Reads says whether a file of that name may hold a network that [Open] reads, by its ending.
func Reads(name string) bool { return readers[strings.ToLower(filepath.Ext(name))] != nil }

// foreign are endings of files that are no networks that can be read, and what to do.
var foreign = map[string]string{
	".pt": torchFile, ".pth": torchFile, ".ckpt": torchFile, ".bin": torchFile, ".pkl": torchFile,
	".safetensors": weightsFile, ".npz": weightsFile, ".npy": weightsFile,
	".pb":      "it is a graph of TensorFlow's: convert it with python -m tf2onnx.convert",
	".tflite":  "it is for TensorFlow Lite: convert it with python -m tf2onnx.convert --tflite",
	".pdmodel": "it is PaddlePaddle's: convert it with paddle2onnx",
	".json":    archFile,
	".data":    "it may hold the weights of an .onnx file beside it: give that one",
}

const (
	archFile = "it may hold a network without its weights: build the model in Python, model.load_weights(...), " +
		"and model.save(\"my.keras\")"
	torchFile = "it is a pickle of PyTorch's, a program that is never run here: load it there and export it with " +
		"torch.onnx.export(model, torch.zeros(1, 3, 224, 224), \"model.onnx\")"
	weightsFile = "it holds weights without the network: save the whole model, as .keras or .onnx"
)

// readFile reads the network in a file.
func readFile(path string) (*layer.Network, error) {
	info, err := os.Stat(path)
	ending := strings.ToLower(filepath.Ext(path))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, missing(path, ending)
	case err != nil:
		return nil, fmt.Errorf("the network %q: %w", path, plainly(err))
	case info.IsDir() && ending == ".keras":
		return keras.Read(path) // which knows a file's contents, unpacked
	case info.IsDir():
		return nil, fmt.Errorf("%q is a folder: give the network's file, .keras, .h5 or .onnx; one of TensorFlow's "+
			"SavedModel becomes .onnx with python -m tf2onnx.convert", path)
	}
	opened, err := file.Open(path)
	if err != nil {
		return nil, fmt.Errorf("no network: %w", err)
	}
	opened.Close()
	read := readers[ending]
	if (read == nil || ending == ".onnx") && isKeras(path) {
		read = keras.Read
	}
	if read != nil && info.Size() == 0 {
		return nil, fmt.Errorf("%q is empty: save the network again, or copy it anew", path)
	}
	if read != nil {
		net, err := read(path)
		if errors.Is(err, format.ErrUnknown) {
			return nil, fmt.Errorf("%q is no network that can be read, whatever its name says: give a "+
				".keras, .h5 or .onnx file",
				path)
		}
		if errors.Is(err, format.ErrDamaged) {
			err = fmt.Errorf("%w: save the network again, or copy it anew", err)
		}
		return net, err
	}
	if advice, known := foreign[ending]; known {
		return nil, fmt.Errorf("%q is no network that can be read: %s", path, advice)
	}
	return nil, fmt.Errorf("%q is no network that can be read: give a .keras, .h5 or .onnx file", path)
}

// isKeras says whether a file holds what Keras saves, whatever its name.
func isKeras(path string) bool {
	if archive, err := zip.OpenReader(path); err == nil {
		defer archive.Close()
		return slices.ContainsFunc(archive.File, func(f *zip.File) bool { return f.Name == "model.weights.h5" })
	}
	opened, err := file.Open(path)
	if err != nil {
		return false
	}
	defer opened.Close()
	head := make([]byte, len(hdf5))
	_, err = io.ReadFull(opened, head)
	return err == nil && string(head) == hdf5
}

// hdf5 is how HDF5 files begin.
const hdf5 = "\x89HDF\r\n\x1a\n"

// missing says what to do about a path or name that there is not.
func missing(path, ending string) error {
	near := nearest(path)
	switch {
	case strings.Contains(path, "://"):
		return fmt.Errorf("%q is an address: download the file first, and give its path", path)
	case near != "":
		return fmt.Errorf("there is no network %q: did you mean %q? Others are files, .keras, .h5 or .onnx", path, near)
	case strings.HasPrefix(path, "~"):
		return fmt.Errorf("there is no file %q: what ~ stands for is known to the shell alone, so "+
			"write the whole path", path)
	case readers[ending] != nil || foreign[ending] != "":
		return fmt.Errorf("there is no file %q with a network", path)
	}
	return fmt.Errorf("there is no network %q: give a file, .keras, .h5 or .onnx, or one that comes along: %s",
		path, names())
}

// nearest is the file with a network, or the network that comes along, that a name may be meant for; "" for none.
func nearest(path string) string {
	plain := func(name string) string {
		return strings.Map(func(c rune) rune {
			if unicode.IsLetter(c) || unicode.IsDigit(c) {
				return unicode.ToLower(c)
			}
			return -1
		}, name)
	}
	base := filepath.Base(path)
	asked, bare := plain(base), plain(strings.TrimSuffix(base, filepath.Ext(base)))
	best, least := "", 3 // letters that differ, of four or more
	offer := func(name, called string) {
		distance := levenshtein.ComputeDistance(asked, plain(called))
		stem := plain(strings.TrimSuffix(called, filepath.Ext(called)))
		if len(bare) >= 3 && (stem == bare || stem == asked) {
			distance = 0
		}
		if distance < least && distance*2 < len(asked) {
			best, least = name, distance
		}
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	const most = 1 << 12
	for i := 0; err == nil && i < min(len(entries), most); i++ {
		if name := entries[i].Name(); Reads(name) && name != base {
			offer(filepath.Join(filepath.Dir(path), name), name)
		}
	}
	for _, b := range BuiltIns() {
		offer(b.Name, b.Name)
		if part := plain(b.Name); len(asked) >= 3 && strings.Contains(part, asked) && best == "" {
			best = b.Name
		}
	}
	return best
}

// names lists the networks that come along.
func names() string {
	var all []string
	for _, b := range BuiltIns() {
		all = append(all, b.Name)
	}
	return strings.Join(all, ", ")
}

// plainly is a file's error without its path, which is named already.
func plainly(err error) error {
	if path := new(fs.PathError); errors.As(err, &path) {
		return path.Err
	}
	return err
}
