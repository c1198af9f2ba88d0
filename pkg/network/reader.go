// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package network

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"convscope/pkg/keras"
	"convscope/pkg/layer"
	"convscope/pkg/onnx"
)

// readers read networks, by the ending of the file.
var readers = map[string]func(path string) (*layer.Network, error){
	".keras": keras.Read, ".h5": keras.Read, ".hdf5": keras.Read, ".onnx": onnx.Read,
}

// foreign are endings of files that are no networks that can be read, and what to do.
var foreign = map[string]string{
	".pt": torchFile, ".pth": torchFile, ".ckpt": torchFile, ".bin": torchFile, ".pkl": torchFile,
	".safetensors": weightsFile, ".npz": weightsFile, ".npy": weightsFile,
	".pb":     "it is a graph of TensorFlow's: convert it with python -m tf2onnx.convert",
	".tflite": "it is for TensorFlow Lite: convert it with python -m tf2onnx.convert --tflite",
}

const (
	torchFile   = "it is a pickle of PyTorch's, a program that is never run here: load it there and export it with torch.onnx.export(model, torch.zeros(1, 3, 224, 224), \"model.onnx\")"
	weightsFile = "it holds weights without the network: save the whole model, as .keras or .onnx"
)

// readFile reads the network in a file.
func readFile(path string) (*layer.Network, error) {
	info, err := os.Stat(path)
	ending := strings.ToLower(filepath.Ext(path))
	switch {
	case errors.Is(err, fs.ErrNotExist) && ending == "":
		return nil, fmt.Errorf("there is no network %q: give a file, .keras, .h5 or .onnx, or one that comes along: %s", path, names())
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("there is no file %q with a network", path)
	case err != nil:
		return nil, fmt.Errorf("the network %q: %w", path, plainly(err))
	case info.IsDir():
		return nil, fmt.Errorf("%q is a folder: give the network's file, .keras, .h5 or .onnx; one of TensorFlow's SavedModel becomes .onnx with python -m tf2onnx.convert", path)
	}
	if read := readers[ending]; read != nil {
		net, err := read(path)
		if err != nil {
			return nil, err
		}
		return net, nil
	}
	if advice, known := foreign[ending]; known {
		return nil, fmt.Errorf("%q is no network that can be read: %s", path, advice)
	}
	return nil, fmt.Errorf("%q is no network that can be read: give a .keras, .h5 or .onnx file", path)
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
