// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package keras

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"

	"convscope/pkg/weights/format"
)

// ErrForeign means that something isn't a network that Keras saved as .keras or .h5.
var ErrForeign = errors.New("not a network that Keras saved")

// What to do about files of other kinds.
const (
	saveKeras  = `save it from Python with model.save("my.keras")`
	saveONNX   = `save it from Python with torch.onnx.export(model, picture, "my.onnx")`
	giveWhole  = `build the model in Python, model.load_weights(...), and ` + saveKeras
	loadSaved  = `load it in the Python that saved it, and ` + saveKeras
	exportBack = `save the network it was made from with model.save("my.keras")`
)

// foreignFolder says what a folder is.
func foreignFolder(dir string) error {
	has := func(name string) bool { _, err := os.Stat(filepath.Join(dir, name)); return err == nil }
	what, advice := "a folder", "give a file, .keras or .h5"
	switch {
	case has("saved_model.pb") || has("keras_metadata.pb"):
		what, advice = "a TensorFlow SavedModel, a folder", loadSaved
	case has("config.json") && has("model.weights.h5"):
		what, advice = "what a .keras file holds, unpacked", "pack it again: cd into it and zip -0 -r ../my.keras ."
	}
	return fmt.Errorf("%s: %w: it is %s; %s", dir, ErrForeign, what, advice)
}

// foreign says what a file is that isn't Keras', and what to do; nil if it may be Keras'.
func foreign(name string, r io.ReaderAt, size int64) error {
	head := make([]byte, min(size, 512))
	if _, err := r.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	what, advice := looks(strings.ToLower(filepath.Ext(name)), head)
	if bytes.HasPrefix(head, []byte("PK\x03\x04")) {
		what, advice = inZip(r, size)
	}
	if what == "" {
		return nil
	}
	return fmt.Errorf("%w: it is %s; %s", ErrForeign, what, advice)
}

// looks tells a file that is neither HDF5 nor a zip archive by its first bytes, and by its name where those are
// shared.
func looks(extension string, head []byte) (what, advice string) {
	begins := func(mark string) bool { return bytes.HasPrefix(head, []byte(mark)) }
	switch {
	case len(head) >= 8 && string(head[4:8]) == "TFL3":
		return "a TensorFlow Lite model", exportBack
	case len(head) > 2 && head[0] == 0x80 && head[1] >= 2 && head[1] <= 5: // a pickle's protocol
		if extension == ".pt" || extension == ".pth" || extension == ".bin" {
			return "a PyTorch file, which is Python code and isn't run", saveONNX
		}
		return "a Python pickle, which is code and isn't run", saveKeras + ", or for PyTorch " + saveONNX
	case begins("\x08") && extension == ".pb":
		return "a TensorFlow graph", loadSaved
	case begins("\x08") && extension == ".onnx":
		return "an ONNX graph", "give it to what reads .onnx"
	case begins("{"):
		return "JSON, a description without weights", giveWhole
	case begins("\x93NUMPY"):
		return "a NumPy array", giveWhole
	case len(head) > 8 && head[8] == '{' && extension == ".safetensors":
		return "weights without a network (safetensors)", giveWhole
	case begins("\x1f\x8b"):
		return "packed with gzip", "unpack it"
	case bytes.Contains(head, []byte("ustar")), extension == ".tar":
		return "a tar archive", "unpack it"
	case extension == ".index" || strings.HasPrefix(extension, ".data-") || extension == ".ckpt":
		return "a TensorFlow checkpoint, weights without a network", giveWhole
	}
	return "", ""
}

// inZip tells a zip archive that is no .keras file by what is in it, "" if it is one.
func inZip(r io.ReaderAt, size int64) (what, advice string) {
	z, err := format.OpenZip(r, size)
	if err != nil {
		return "", "" // the reader of weights says what is damaged
	}
	arrays := false
	for _, entry := range z.File {
		switch base := path.Base(entry.Name); {
		case base == "config.json" || base == "model.weights.h5":
			return inKeras(z)
		case base == "data.pkl":
			return "a PyTorch file, which is Python code and isn't run", saveONNX
		case base == "saved_model.pb":
			return "a TensorFlow SavedModel, zipped", loadSaved
		case strings.HasSuffix(base, ".keras") || strings.HasSuffix(base, ".h5") || strings.HasSuffix(base, ".hdf5"):
			return "a zip archive around " + printable(base), "unzip it and give that"
		}
		arrays = arrays || strings.HasSuffix(entry.Name, ".npy")
	}
	if arrays {
		return "a NumPy archive, weights without a network", giveWhole
	}
	return "a zip archive without a network in it", "give a .keras file, as it is"
}

// inKeras says what a .keras file lacks, and if it was packed in another way than Keras does.
func inKeras(z *zip.Reader) (what, advice string) {
	has := map[string]*zip.File{}
	for _, entry := range z.File {
		has[entry.Name] = entry
	}
	weights := has["model.weights.h5"]
	switch {
	case has["model.weights.npz"] != nil, has["model.weights.json"] != nil:
		return "a .keras file whose weights are in another form than .h5", "load it in Python and " + saveKeras
	case has["config.json"] == nil && weights == nil:
		return "a .keras file in a folder of a zip archive",
			"unzip it, cd into that folder and zip -0 -r ../my.keras ."
	case has["config.json"] == nil:
		return "a .keras file without its config.json", saveKeras
	case weights == nil:
		return "a .keras file without its model.weights.h5", saveKeras
	case weights.Method != zip.Store:
		return "a .keras file that was packed again, with compression",
			"unzip it and pack it with zip -0, or " + saveKeras
	}
	return "", ""
}
