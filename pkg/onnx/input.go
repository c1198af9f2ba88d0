// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package onnx

import (
	"cmp"
	"fmt"
	"slices"

	"convscope/pkg/layer"
	"convscope/pkg/weights/onnxfile"
)

// source is an ONNX file's graph before it becomes layers.
type source struct {
	model *onnxfile.Model
	file  *mapping
	name  string
	nodes []*node // in an order of computation, with the names of their layers
	// picture is the name of the input, order where its axes lie, and batch how many pictures it was made for.
	picture string
	order   []int
	batch   int
	input   layer.Input
}

// findInput finds the input that is the picture.
func (s *source) findInput() error {
	tensors := map[string]*onnxfile.Tensor{}
	for i := range s.model.Tensors {
		tensors[s.model.Tensors[i].Name] = &s.model.Tensors[i]
	}
	var inputs []onnxfile.Value
	for _, v := range s.model.Inputs {
		if tensors[v.Name] == nil && v.Name != "" {
			inputs = append(inputs, v)
		}
	}
	at := slices.IndexFunc(inputs, func(v onnxfile.Value) bool { return len(v.Shape) == 4 })
	if at < 0 {
		at = slices.IndexFunc(inputs, func(v onnxfile.Value) bool { return v.Shape == nil })
	}
	if at < 0 {
		if len(inputs) == 0 {
			return fmt.Errorf("%w: the graph has no input", ErrUnread)
		}
		return fmt.Errorf("%w: its input %s is %v, where a batch of pictures, [batch, channels, height, width] or [batch, "+
			"height, width, channels], is needed", ErrUnread, shown(inputs[0].Name), inputs[0].Shape)
	}
	v := inputs[at]
	shape := v.Shape
	if shape == nil {
		shape = []int{-1, -1, -1, -1}
	}
	s.picture = v.Name
	last, channels := s.layout(v.Name, shape, tensors)
	s.order = canonical(4)
	s.input = layer.Input{Channels: shape[1], Height: shape[2], Width: shape[3]}
	if last {
		s.order = natural(4)
		s.input = layer.Input{Channels: shape[3], Height: shape[1], Width: shape[2]}
	}
	if s.input.Channels < 1 {
		s.input.Channels = channels
	}
	if s.input.Channels < 1 {
		return fmt.Errorf("%w: nothing says how many channels the input has", ErrUnread)
	}
	const most = 1 << 15 // positions and channels
	if max(s.input.Channels, s.input.Height, s.input.Width) > most {
		return fmt.Errorf("%w: its input is %v: use at most %d", ErrUnread, shape, most)
	}
	if s.batch = shape[0]; s.batch < 1 {
		s.batch = anyBatch
	}
	s.input.Height, s.input.Width = max(s.input.Height, 0), max(s.input.Width, 0)
	return nil
}

// layout says whether the picture has its channels last, and how many the first convolution takes, 0 if there is none.
// What the graph first does with the picture tells, else its sizes do.
func (s *source) layout(picture string, shape []int, tensors map[string]*onnxfile.Tensor) (last bool, channels int) {
	reached := map[string]bool{picture: true}
	for _, n := range s.model.Nodes {
		i := slices.IndexFunc(n.Inputs, func(name string) bool { return reached[name] })
		if i < 0 {
			continue
		}
		switch n.Op {
		case "Transpose":
			switch perm, _ := n.Ints("perm"); {
			case slices.Equal(perm, []int64{0, 3, 1, 2}):
				return true, s.channelsAfter(n.Outputs, tensors)
			case slices.Equal(perm, []int64{0, 2, 3, 1}):
				return false, 0
			}
		case "Conv":
			if len(n.Inputs) > 1 && tensors[n.Inputs[1]] != nil && len(tensors[n.Inputs[1]].Shape) == 4 {
				return false, tensors[n.Inputs[1]].Shape[1] * int(min(max(n.Int("group", 1), 1), maxGrown))
			}
			return false, 0
		case "Add", "Sub", "Mul", "Div", "Cast", "Identity", "Pad", "Clip", "BatchNormalization", "Relu", "Neg":
			for _, name := range n.Outputs {
				reached[name] = true
			}
		}
	}
	few := func(size int) bool { return size == 1 || size == 3 || size == 4 }
	return few(shape[3]) && !few(shape[1]), 0
}

// channelsAfter is how many channels the first convolution that takes one of these values does.
func (s *source) channelsAfter(names []string, tensors map[string]*onnxfile.Tensor) int {
	reached := map[string]bool{}
	for _, name := range names {
		reached[name] = true
	}
	for _, n := range s.model.Nodes {
		if len(n.Inputs) == 0 || !reached[n.Inputs[0]] {
			continue
		}
		if n.Op == "Conv" && len(n.Inputs) > 1 && tensors[n.Inputs[1]] != nil && len(tensors[n.Inputs[1]].Shape) == 4 {
			return tensors[n.Inputs[1]].Shape[1] * int(min(max(n.Int("group", 1), 1), maxGrown))
		}
		for _, name := range n.Outputs {
			reached[name] = true
		}
	}
	return 0
}

// arrange sorts the nodes and names their layers.
func (s *source) arrange() error {
	taken := map[string]bool{s.picture: true}
	for _, t := range s.model.Tensors {
		taken[t.Name] = true
	}
	nodes, err := sorted(s.model.Nodes, taken)
	if err != nil {
		return err
	}
	s.nodes = s.named(nodes)
	return nil
}

// sizes are those that are tried for a graph that leaves its pictures' open but may fix them later on.
var sizes = []int{224, 299, 32, 28, 64, 96, 128, 160, 192, 240, 256, 260, 300, 320, 331, 380, 384, 416, 448, 480, 512, 528, 600, 640}

// fitting reads the graph for pictures of the size that it names or, if it names none, of that with which most layers
// fit each other.
func (s *source) fitting() *reader {
	height, width := s.input.Height, s.input.Width
	if height > 0 && width > 0 {
		return s.read(height, width)
	}
	var best *reader
	for _, size := range sizes {
		r := s.read(cmp.Or(height, size), cmp.Or(width, size))
		if best == nil || r.misfit < best.misfit {
			if best != nil { // only some sizes go
				r.net.Input.Height, r.net.Input.Width = cmp.Or(height, size), cmp.Or(width, size)
			}
			best = r
		}
		if best.misfit == 0 {
			break
		}
	}
	return best
}
