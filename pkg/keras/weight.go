// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package keras

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"convscope/pkg/layer"
	"convscope/pkg/weights/format"

	"github.com/gomlx/gomlx/core/tensors"
)

// want is one weight of a row: the role that the Op has for it, and those of Keras, in this and older versions.
type want struct {
	role string
	file []string
	// swap says that the last two axes of a kernel are in the other order in the file.
	swap bool
}

// shelf finds a layer's tensors in a file.
type shelf interface {
	// find returns the i-th of a layer's tensors, which has one of these roles.
	find(at place, i int, roles []string) (format.Tensor, bool)
}

// place is where a layer is: the names of the networks around it and its own, and its folder in a .keras file.
type place struct {
	path   []string
	folder string
}

// newShelf sorts the tensors of a file.
func newShelf(f *format.File) shelf {
	if !f.Ordered {
		s := folders{}
		for _, t := range f.Tensors {
			name := strings.ReplaceAll(t.Name, `\`, "/") // from Windows
			name = strings.ReplaceAll(name, "_layer_checkpoint_dependencies", "layers")
			s[name] = t
		}
		return s
	}
	s := groups{}
	for _, t := range f.Tensors {
		name := strings.TrimPrefix(t.Name, "model_weights/")
		name = strings.TrimSuffix(name, ":0")
		s = append(s, entry{name, t})
	}
	return s
}

// folders are the tensors of a .keras file by folder and number.
type folders map[string]format.Tensor

func (s folders) find(at place, i int, _ []string) (format.Tensor, bool) {
	t, ok := s[fmt.Sprintf("%s/vars/%d", at.folder, i)]
	return t, ok
}

// groups are the tensors of a .h5 file: GROUP/.../layer/role, in the order of the network.
type groups []entry

type entry struct {
	name string
	t    format.Tensor
}

// numbered is what some versions hang on names to make them differ.
var numbered = regexp.MustCompile(`_\d+$`)

func (s groups) find(at place, _ int, roles []string) (format.Tensor, bool) {
	top := at.path[0] + "/"
	in := func(e entry) bool { return strings.HasPrefix(e.name, top) }
	for _, role := range roles {
		own := at.path[len(at.path)-1] + "/" + role
		tests := []func(name string) bool{
			func(name string) bool { return strings.HasSuffix(name, "/"+strings.Join(at.path, "/")+"/"+role) },
			func(name string) bool { return strings.HasSuffix(name, "/"+strings.Join(at.path[1:], "/")+"/"+role) },
			func(name string) bool { return strings.HasSuffix(name, "/"+own) },
		}
		if len(at.path) == 1 { // all of the group is the layer's own, whatever it was once called
			tests = append(tests, func(name string) bool { return strings.HasSuffix(name, "/"+role) },
				func(name string) bool { return strings.HasSuffix(numbered.ReplaceAllString(name, ""), "/"+role) })
		} else {
			tests = append(tests, func(name string) bool {
				parts := strings.Split(name, "/")
				return len(parts) > 1 && numbered.ReplaceAllString(parts[len(parts)-2], "")+"/"+parts[len(parts)-1] == own
			})
		}
		for _, test := range tests {
			at := slices.IndexFunc(s, func(e entry) bool { return in(e) && test(e.name) })
			if at >= 0 {
				return s[at].t, true
			}
		}
	}
	return format.Tensor{}, false
}

// weight makes a tensor of the file the weight of a row.
func weight(t format.Tensor, shape []int, swap bool) (layer.Weight, error) {
	if err := t.Check(); err != nil {
		return layer.Weight{}, err
	}
	have := slices.Clone(t.Shape)
	if swap && len(have) > 1 {
		n := len(have)
		have[n-2], have[n-1] = have[n-1], have[n-2]
	}
	if shape == nil {
		shape = have
	}
	if !fits(have, shape) {
		return layer.Weight{}, fmt.Errorf("tensor %s is %v, needed is %v", t.Name, have, shape)
	}
	return layer.Weight{Shape: shape, Read: func() (*tensors.Tensor, error) {
		values, err := t.Float32s()
		if err != nil {
			return nil, err
		}
		if swap {
			n := len(t.Shape)
			values = swapped(values, t.Shape[n-2], t.Shape[n-1])
		}
		if want := product(shape); len(values) != want {
			return nil, fmt.Errorf("tensor %s has %d values, needed are %d", t.Name, len(values), want)
		}
		return tensors.FromFlatDataAndDimensions(values, shape...), nil
	}}, nil
}

// fits says whether values of one shape can be read as of another: it is the same, or the last two axes are one, as a
// depthwise kernel's are.
func fits(have, want []int) bool {
	if slices.Equal(trim(have), trim(want)) {
		return true
	}
	n := len(have)
	return n == 4 && len(want) == 4 && slices.Equal(have[:2], want[:2]) && want[2] == 1 && have[2]*have[3] == want[3]
}

// trim leaves out the ones in front, which Keras keeps in PReLU's and Normalization's.
func trim(shape []int) []int {
	for len(shape) > 1 && shape[0] == 1 {
		shape = shape[1:]
	}
	return shape
}

// swapped turns the last two axes, of a and b, around.
func swapped(values []float32, a, b int) []float32 {
	out := make([]float32, len(values))
	for at := 0; at+a*b <= len(values); at += a * b {
		for i := range a {
			for j := range b {
				out[at+j*a+i] = values[at+i*b+j]
			}
		}
	}
	return out
}

func product(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}
