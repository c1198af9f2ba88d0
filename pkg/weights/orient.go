// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package weights

import (
	"fmt"
	"strings"

	"convscope/pkg/weights/format"
)

// Theano convolves where others correlate: its kernels are turned by 180 degrees, in files of Keras 1 and in those
// that say so. Other programs have height and width the other way round. The shapes tell nothing of that, but a kernel
// that is the official one once it is turned does.

// orientation is how a file's kernels lie.
type orientation struct{ turned, swapped bool }

func (o orientation) String() string {
	var parts []string
	if o.turned {
		parts = append(parts, "kernels turned by 180 degrees, as Theano has them")
	}
	if o.swapped {
		parts = append(parts, "height and width of the kernels exchanged")
	}
	return strings.Join(parts, ", ")
}

// apply brings a kernel [height, width, in, out] into the model's form.
func (o orientation) apply(kernel []float32, shape []int) []float32 {
	height, width, row := shape[0], shape[1], shape[2]*shape[3]
	out := make([]float32, 0, len(kernel))
	for y := range height {
		for x := range width {
			fromY, fromX := y, x
			if o.turned {
				fromY, fromX = height-1-y, width-1-x
			}
			if o.swapped {
				fromY, fromX = fromX, fromY
			}
			out = append(out, kernel[(fromY*width+fromX)*row:][:row]...)
		}
	}
	return out
}

// provenBy is the largest kernel, in bytes, that is tried each way: the first few layers, which training often leaves
// as they are.
const provenBy = 1 << 20

// orient finds out how the file's kernels lie and brings them into the model's form.
func (l *loaded) orient(f *format.File, specs []Spec) (orientation, error) {
	found, proven := orientation{}, false
	for i, s := range specs {
		if len(s.Shape) != 4 || s.SHA256 == "" || s.Bytes() > provenBy || proven {
			continue
		}
		for _, o := range []orientation{{}, {turned: true}, {swapped: true}, {true, true}} {
			if o.swapped && s.Shape[0] != s.Shape[1] {
				continue
			}
			if hashOf(bytesOf(o.apply(l.values[i], s.Shape))) == s.SHA256 {
				found, proven = o, true
				break
			}
		}
	}
	switch {
	case proven:
	case f.Backend == "theano":
		found.turned = true
	case l.oldKeras && f.Backend == "":
		return found, fmt.Errorf("%w: its kernels are [out, in, height, width], as Keras 1 had them for "+
			"Theano, and nothing tells whether they are turned by 180 degrees too: load and save them with the "+
			"Keras that wrote them, in TensorFlow's order",
			ErrUnfit)
	}
	if found == (orientation{}) {
		return found, nil
	}
	for i, s := range specs {
		if len(s.Shape) == 4 {
			l.values[i] = found.apply(l.values[i], s.Shape)
		}
	}
	return found, nil
}
