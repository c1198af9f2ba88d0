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
	// spread says that the file may hold one number for all.
	spread bool
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

// weight makes a tensor of the file the weight of a row, of the shape that the row's Op takes.
func weight(t format.Tensor, shape []int, spread bool) (layer.Weight, error) {
	if err := t.Check(); err != nil {
		return layer.Weight{}, err
	}
	spread = spread && product(t.Shape) == 1
	if !spread && !slices.Equal(trim(t.Shape), trim(shape)) {
		return layer.Weight{}, fmt.Errorf("tensor %s is %v, needed is %v", t.Name, t.Shape, shape)
	}
	return layer.Weight{Shape: shape, Read: func() (*tensors.Tensor, error) {
		values, err := t.Float32s()
		if err != nil {
			return nil, err
		}
		if spread && len(values) == 1 {
			values = slices.Repeat(values, product(shape))
		}
		if want := product(shape); len(values) != want {
			return nil, fmt.Errorf("tensor %s has %d values, needed are %d", t.Name, len(values), want)
		}
		return tensors.FromFlatDataAndDimensions(values, shape...), nil
	}}, nil
}

// constant is a weight that stands in the description.
func constant(values []float32, shape []int) layer.Weight {
	return layer.Weight{Shape: shape, Read: func() (*tensors.Tensor, error) {
		return tensors.FromFlatDataAndDimensions(slices.Clone(values), shape...), nil
	}}
}

// trim leaves out the ones in front, which Keras keeps in PReLU's and Normalization's.
func trim(shape []int) []int {
	for len(shape) > 0 && shape[0] == 1 {
		shape = shape[1:]
	}
	return shape
}

func product(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}
