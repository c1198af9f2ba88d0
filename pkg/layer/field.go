// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package layer

import "math"

// Field is what of a picture a layer's output positions see.
type Field struct {
	// Size is the height and width, in pixels, of what one position sees; 0 stands for the whole picture. What gates
	// learn from means over the picture, as in squeeze-and-excitation, and what normalizations do, isn't counted.
	Size [2]int
	// Stride is how many pixels of the picture one step in the output spans.
	Stride [2]float64
}

// All says whether positions see the whole picture.
func (f Field) All() bool { return f.Size == [2]int{} }

// ReceptiveField returns what of a picture the positions of a layer's output see. The error is an
// [*UnknownLayerError].
func (n *Network) ReceptiveField(layer string) (Field, error) {
	at, err := n.find(layer)
	if err != nil {
		return Field{}, err
	}
	return n.ReceptiveFields()[at], nil
}

// ReceptiveFields is [Network.ReceptiveField] for each layer.
func (n *Network) ReceptiveFields() []Field {
	height, width := n.Size()
	places, shapes := n.places(), n.Shapes(height, width)
	picture := []int{height, width, n.Input.Channels}
	pixel := Field{Size: [2]int{1, 1}, Stride: [2]float64{1, 1}}
	fields := make([]Field, len(n.Layers))
	for i := range fields {
		widest := pixel
		for k, name := range n.Layers[i].Inputs {
			field := pixel
			if at, known := places[name]; known && at < i {
				field = fields[at]
			}
			if k == 0 || widest.All() {
				widest = field
			} else if !field.All() {
				for axis := range 2 {
					widest.Size[axis] = max(widest.Size[axis], field.Size[axis])
				}
			}
		}
		fields[i] = widest.through(n.Layers[i].Op, n.inputShapes(i, picture, places, shapes), shapes[i])
	}
	return fields
}

// through is what positions see after one Op more.
func (f Field) through(op Op, inputs [][]int, output []int) Field {
	if f.All() || len(inputs) == 0 || inputs[0] == nil || output == nil {
		return f
	}
	switch op := op.(type) {
	case Window:
		size, stride := op.Window()
		if resize, is := op.(Resize); is && len(inputs[0]) == 3 && len(output) == 3 {
			for axis, fixed := range []int{resize.Height, resize.Width} {
				if fixed > 0 {
					stride[axis] = float64(inputs[0][axis]) / float64(output[axis])
				}
			}
		}
		for axis := range 2 {
			f.Size[axis] += int(math.Ceil(float64(size[axis]-1) * f.Stride[axis]))
			f.Stride[axis] *= stride[axis]
		}
	case Slice:
		parts, err := op.parts(inputs[0])
		for axis := range 2 {
			if part, cut := parts[axis]; err == nil && cut && len(inputs[0]) == 3 {
				f.Stride[axis] *= math.Abs(float64(part.step))
			}
		}
	case Reduce, Flatten, Reshape: // where positions go together
		if len(inputs[0]) >= 3 && (len(output) < 3 || size(output) < size(inputs[0]) && size(output[:2]) == 1) {
			return Field{Stride: f.Stride}
		}
	}
	return f
}
