// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package format

import (
	"errors"
	"fmt"
	"io/fs"
	"runtime/debug"
	"strings"

	"convscope/internal/file"
	"convscope/internal/progress"
	"convscope/pkg/weights/internal/hdf5"
	"convscope/pkg/weights/internal/number"
	"convscope/pkg/weights/onnxfile"
)

// Accepted lists the formats, for messages.
const Accepted = ".h5, .keras, .onnx, .safetensors or .npz"

var (
	// ErrUnknown means that a file is in none of the accepted formats.
	ErrUnknown = errors.New("not a weights file (" + Accepted + ")")
	// ErrDamaged means that a file is in a known format but truncated, damaged, or larger than any model's.
	ErrDamaged = onnxfile.ErrDamaged
	// ErrUnread means that a file is in a known format and may well be whole, but in a way that is not read.
	ErrUnread = hdf5.ErrUnread
)

// maxTensors is how many tensors a file may list. The largest public networks have a few thousand.
const maxTensors = 10_000

// File is an open weights file.
type File struct {
	// Format names what the file is: "Keras .h5", "ONNX", "safetensors", "NumPy .npz".
	Format string
	// Tensors lists what may be weights, in the model's order where the file knows it (Keras, ONNX), else by
	// name, with numbers in names compared as numbers.
	Tensors []Tensor
	// Ordered means that Tensors stand in the order of the layers, which only Keras and ONNX know.
	Ordered bool
	// Backend is what Keras ran on, "tensorflow" or "theano", where its file says so.
	Backend string
	// Config is Keras' description of the network, JSON that nobody has checked, "" where there is none.
	Config string
	// Version is that of Keras, "2.15.0", where its file says so.
	Version string
	// OutputFirst means that convolution kernels are [out, in, height, width], as ONNX defines, and not known
	// from the format to be [height, width, in, out].
	OutputFirst bool

	close func() error
}

// Tensor is one named tensor of a file.
type Tensor struct {
	Name  string
	Shape []int
	// Type is the type of the file's elements: "float16", "bfloat16", "float32" and "float64" can be read, others such
	// as "int8" not.
	Type string
	// Axes and Rows say how a matrix is used, where the format tells.
	Axes Axes
	Rows Rows
	// Then lists the operations of an ONNX graph from the one that uses the tensor to the next convolution.
	Then []string
	// Conv says how the file's network uses a kernel, nil where the file doesn't tell.
	Conv *Conv

	read func() ([]float32, error)
}

// Open reads the list of tensors of the file at path. Errors are one line and wrap ErrUnknown, ErrDamaged or
// the file system's own (fs.ErrNotExist).
func Open(path string) (f *File, err error) {
	opened, size, err := file.OpenSized(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%s: %w; give a weights file (%s)", path, fs.ErrNotExist, Accepted)
	case errors.Is(err, file.ErrNotRegular):
		return nil, fmt.Errorf("%w: %w", ErrUnknown, err)
	case err != nil:
		return nil, err
	}
	defer func() {
		if err != nil {
			opened.Close()
		}
	}()
	open, err := sniff(opened, size)
	if err == nil {
		err = guard(func() (err error) {
			f, err = open(opened, size)
			return err
		})
	}
	if err != nil {
		return nil, printableError{fmt.Errorf("%s: %w", path, err)}
	}
	for i := range f.Tensors {
		f.Tensors[i].Name = progress.Printable(f.Tensors[i].Name)
	}
	if f.close == nil {
		f.close = opened.Close
	}
	return f, nil
}

// Check returns an error, which wraps ErrUnread, when the tensor's type is one that Float32s does not read.
func (t Tensor) Check() error {
	if t.read == nil {
		return fmt.Errorf("tensor %s %w: it is %s, needed are %s", t.Name, ErrUnread, t.Type, number.Readable)
	}
	return nil
}

// Float32s reads the tensor's values, the last axis fastest, widened or narrowed to float32.
func (t Tensor) Float32s() (values []float32, err error) {
	if err := t.Check(); err != nil {
		return nil, err
	}
	err = guard(func() (err error) {
		values, err = t.read()
		return err
	})
	if err != nil {
		return nil, printableError{fmt.Errorf("tensor %s: %w", t.Name, err)}
	}
	return values, nil
}

// Close ends the use of the file. Values that were read stay valid.
func (f *File) Close() error { return f.close() }

// guard turns a reader's panic into ErrDamaged: also the fault of a mapped file that shrinks while it is read.
func guard(read func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %s", ErrDamaged, strings.Join(strings.Fields(fmt.Sprint(r)), " "))
		}
	}()
	return read()
}

// printableError is an error whose text may quote the file.
type printableError struct{ error }

func (e printableError) Error() string { return progress.Printable(e.error.Error()) }
func (e printableError) Unwrap() error { return e.error }
