// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package weights

import (
	"fmt"
	"slices"

	"convscope/pkg/weights/format"
)

// The model has kernels as [height, width, in, out] and matrices as [in, out], and a matrix that takes a flattened
// picture counts its rows by height, width and channel: Keras' way. PyTorch has [out, in, height, width] and [out,
// in], with rows counted by channel, height and width. ONNX has kernels as PyTorch, and its graph says how a matrix is
// used.

// axes is an assumption about a file: whether kernels, and matrices of which the format does not tell, have their
// output first.
type axes struct{ kernels, matrices bool }

// outputFirst says how a tensor of the file is, under the assumption.
func (a axes) outputFirst(t format.Tensor) bool {
	switch {
	case len(t.Shape) == 4:
		return a.kernels && t.Axes != format.InputFirst
	case len(t.Shape) != 2 || t.Axes == format.InputFirst:
		return false
	}
	return a.matrices || t.Axes == format.OutputFirst
}

// fit reports whether the tensor can be the model's, under the assumption.
func (a axes) fit(t format.Tensor, s Spec) bool {
	shape := s.Shape
	if a.outputFirst(t) {
		shape = turned(shape)
	}
	return slices.Equal(t.Shape, shape)
}

// shape is what a tensor must have in the file, for messages.
func (a axes) shape(s Spec) []int {
	if len(s.Shape) == 4 && a.kernels || len(s.Shape) == 2 && a.matrices {
		return turned(s.Shape)
	}
	return s.Shape
}

// turned is the shape of a kernel or matrix with its output first.
func turned(shape []int) []int {
	if len(shape) == 4 {
		return []int{shape[3], shape[2], shape[0], shape[1]}
	}
	return []int{shape[1], shape[0]}
}

// pick is the tensor of a file that stands for a tensor of the model.
type pick struct {
	tensor      format.Tensor
	outputFirst bool // the kernel is [out, in, height, width], the matrix [out, in]
	channels    int  // of a matrix whose rows are counted [channels, height, width]: how many; else 0
}

func (a axes) pick(t format.Tensor) pick { return pick{tensor: t, outputFirst: a.outputFirst(t)} }

// countRows notes how the first matrix after the convolutions counts its rows. A graph tells how its matrices are
// used, or else nothing does; other files are as a whole Keras' or PyTorch's. Keras 1 flattened pictures as its
// kernels had them.
func countRows(picks []pick, specs []Spec, f *format.File) error {
	graph := f.OutputFirst
	channels := 0          // of the picture that comes out of the convolutions, until it is flattened
	channelsFirst := false // Keras' matrices, by its kernels
	for i, s := range specs {
		t := picks[i].tensor
		if len(s.Shape) == 4 {
			channels, channelsFirst = s.Shape[3], picks[i].outputFirst && !graph
		}
		if !s.isMatrix() {
			continue
		}
		flattens := channels > 0 && s.Shape[0] > channels && s.Shape[0]%channels == 0
		switch {
		case graph && (t.Axes == format.AxesUnknown || flattens && t.Rows == format.RowsUnknown):
			return fmt.Errorf("%w: how the graph comes to %s, and so the order of its rows, cannot be told: save "+
				"the tensors as Keras or PyTorch has them, in .safetensors or .npz",
				ErrUnfit, t.Name)
		case flattens && (channelsFirst || t.Rows == format.ChannelsFirst ||
			t.Rows == format.RowsUnknown && picks[i].outputFirst):
			picks[i].channels = channels
		}
		channels = 0
	}
	return nil
}

// read returns the values in the model's order of axes and rows.
func (p pick) read() ([]float32, error) {
	values, err := p.tensor.Float32s()
	if err != nil {
		return nil, err
	}
	shape := p.tensor.Shape
	switch {
	case len(shape) == 4 && p.outputFirst:
		return outputLast(values, shape[0], shape[1], shape[2]*shape[3]), nil
	case len(shape) != 2 || !p.outputFirst && p.channels == 0:
		return values, nil
	}
	// A matrix whose rows count [channels, places] is a kernel with one axis for the places.
	channels := max(p.channels, 1)
	if p.outputFirst {
		outs, rows := shape[0], shape[1]
		return outputLast(values, outs, channels, rows/channels), nil
	}
	rows, outs := shape[0], shape[1]
	places := rows / channels
	to := make([]float32, 0, len(values))
	for place := range places {
		for c := range channels {
			to = append(to, values[(c*places+place)*outs:][:outs]...)
		}
	}
	return to, nil
}

// outputLast turns [out, in, area] into [area, in, out].
func outputLast(from []float32, outs, ins, area int) []float32 {
	to := make([]float32, len(from))
	for o := range outs {
		for i := range ins {
			for a, v := range from[(o*ins+i)*area:][:area] {
				to[(a*ins+i)*outs+o] = v
			}
		}
	}
	return to
}
