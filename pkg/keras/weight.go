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
	// find returns the i-th of a layer's n tensors, which has one of these roles.
	find(at place, i, n int, roles []string) (format.Tensor, bool)
}

// place is where a layer is: the names of the networks around it and its own, and its folder in a .keras file.
type place struct {
	path   []string
	folder string
}

// newShelf sorts the tensors of a file.
func newShelf(f *format.File) shelf {
	if f.Ordered {
		return newGroups(f.Tensors)
	}
	s := folders{}
	for _, t := range f.Tensors {
		name := strings.ReplaceAll(t.Name, `\`, "/")                                // from Windows
		s[strings.ReplaceAll(name, "_layer_checkpoint_dependencies", "layers")] = t // from TensorFlow 2.12
	}
	return s
}

// folders are the tensors of a .keras file by folder and number.
type folders map[string]format.Tensor

func (s folders) find(at place, i, _ int, _ []string) (format.Tensor, bool) {
	t, ok := s[fmt.Sprintf("%s/vars/%d", at.folder, i)]
	return t, ok
}

// groups are the tensors of a .h5 file. Each is called GROUP/.../layer/role, where GROUP is a layer of the outermost
// network; what comes between is mostly the layer's name again, or the path within an inner network.
type groups struct {
	within map[string][]entry // by what a name begins with
	own    map[string][]entry // by layer/role
	loose  map[string][]entry // the same, without the numbers that some versions hang on layers
}

type entry struct {
	name string
	t    format.Tensor
}

// numbered is what some versions hang on names to make them differ.
var numbered = regexp.MustCompile(`_\d+$`)

func newGroups(tensors []format.Tensor) groups {
	s := groups{map[string][]entry{}, map[string][]entry{}, map[string][]entry{}}
	for _, t := range tensors {
		e := entry{strings.TrimSuffix(strings.TrimPrefix(t.Name, "model_weights/"), ":0"), t}
		parts := strings.Split(e.name, "/")
		n := len(parts)
		for i := 1; i < min(n, maxDepth); i++ {
			lead := strings.Join(parts[:i], "/")
			s.within[lead] = append(s.within[lead], e)
		}
		// A layer's own name may have slashes in it.
		for i := max(n-1-maxDepth, 0); i < n-1; i++ {
			tail := strings.Join(parts[i:], "/")
			s.own[tail] = append(s.own[tail], e)
			loose := numbered.ReplaceAllString(strings.Join(parts[i:n-1], "/"), "") + "/" + parts[n-1]
			s.loose[loose] = append(s.loose[loose], e)
		}
	}
	return s
}

func (s groups) find(at place, i, n int, roles []string) (format.Tensor, bool) {
	group, name := at.path[0], at.path[len(at.path)-1]
	inner := strings.Join(at.path[1:], "/")
	for _, role := range roles {
		for _, index := range []map[string][]entry{s.own, s.loose} {
			found, ok := format.Tensor{}, false
			for _, e := range index[name+"/"+role] {
				if !strings.HasPrefix(e.name, group+"/") {
					continue
				}
				if inner == "" || strings.HasSuffix(e.name, "/"+inner+"/"+role) {
					return e.t, true
				}
				if !ok {
					found, ok = e.t, true
				}
			}
			if ok {
				return found, true
			}
		}
		if inner != "" {
			continue
		}
		for _, e := range s.within[group] { // all of it is the layer's own, whatever it was once called
			last := e.name[strings.LastIndexByte(e.name, '/')+1:]
			if last == role || numbered.ReplaceAllString(last, "") == role {
				return e.t, true
			}
		}
	}
	if own := s.within[group]; inner == "" && len(own) == n {
		return own[i].t, true
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
