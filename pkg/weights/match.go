// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package weights

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"convscope/pkg/weights/format"
)

// pick is the tensor of a file that stands for a tensor of the model.
type pick struct {
	tensor      format.Tensor
	outputFirst bool // the kernel is [out, in, height, width]
}

// match finds the model's tensors in a file: by the layers' names if the file uses them, else by order and
// shape. Kernels may have their output axis first if the format says so, or if all of them fit only so.
func match(f *format.File, specs []Spec) ([]pick, error) {
	how := byOrder
	if slices.ContainsFunc(specs, func(s Spec) bool { return len(named(f, s)) > 0 }) {
		how = byName
	}
	if f.OutputFirst {
		return how(f, specs, true)
	}
	picks, err := how(f, specs, false)
	if err != nil {
		if swapped, e := how(f, specs, true); e == nil {
			return swapped, nil
		}
	}
	return picks, err
}

// named returns the tensors whose name has the layer's name in it as a word, perhaps numbered by an exporter
// (block1_conv1_1), and that have the right number of axes: which of a layer's tensors one is, its rank tells.
func named(f *format.File, s Spec) []format.Tensor {
	layer, _, _ := cutLast(s.Name, "/")
	word := regexp.MustCompile(`(^|[^0-9A-Za-z_])` + regexp.QuoteMeta(layer) + `(_[0-9]+)?([^0-9A-Za-z]|$)`)
	var found []format.Tensor
	for _, t := range f.Tensors {
		if len(t.Shape) == len(s.Shape) && word.MatchString(t.Name) {
			found = append(found, t)
		}
	}
	return found
}

func byName(f *format.File, specs []Spec, outputFirst bool) ([]pick, error) {
	picks := make([]pick, 0, len(specs))
	for _, s := range specs {
		found := named(f, s)
		if len(found) == 0 {
			return nil, fmt.Errorf("%w: no tensor for %s %v", ErrUnfit, s.Name, s.Shape)
		}
		fit := slices.DeleteFunc(slices.Clone(found), func(t format.Tensor) bool { return !fits(t, s, outputFirst) })
		if len(fit) == 0 {
			return nil, fmt.Errorf("%w: tensor %s is %v, %s needs %v",
				ErrUnfit, found[0].Name, found[0].Shape, s.Name, axes(s, outputFirst))
		}
		if len(fit) > 1 {
			return nil, fmt.Errorf("%w: both %s and %s could be %s", ErrUnfit, fit[0].Name, fit[1].Name, s.Name)
		}
		picks = append(picks, pick{fit[0], outputFirst && len(s.Shape) == 4})
	}
	return picks, nil
}

// byOrder takes the kernels in the file's order, of which there must be as many as the model has, and for each
// bias the one that shares its kernel's name up to the last part, or else the tensor after the kernel.
func byOrder(f *format.File, specs []Spec, outputFirst bool) ([]pick, error) {
	var kernels []int // places in f.Tensors
	for i, t := range f.Tensors {
		if len(t.Shape) == 4 {
			kernels = append(kernels, i)
		}
	}
	want := 0
	for _, s := range specs {
		if len(s.Shape) == 4 {
			want++
		}
	}
	if len(kernels) != want {
		return nil, fmt.Errorf("%w: it has %d convolution kernels, the model has %d", ErrUnfit, len(kernels), want)
	}
	picks := make([]pick, 0, len(specs))
	last := -1 // place of the latest kernel
	for _, s := range specs {
		at := -1
		switch {
		case len(s.Shape) == 4:
			last, kernels = kernels[0], kernels[1:]
			at = last
		case last >= 0:
			at = biasOf(f, last)
		}
		if at < 0 {
			return nil, fmt.Errorf("%w: no tensor for %s %v", ErrUnfit, s.Name, s.Shape)
		}
		t := f.Tensors[at]
		if !fits(t, s, outputFirst) {
			return nil, fmt.Errorf("%w: tensor %s is %v where %s needs %v",
				ErrUnfit, t.Name, t.Shape, s.Name, axes(s, outputFirst))
		}
		picks = append(picks, pick{t, outputFirst && len(s.Shape) == 4})
	}
	return picks, nil
}

func biasOf(f *format.File, kernel int) int {
	group := parent(f.Tensors[kernel].Name)
	for i, t := range f.Tensors {
		if len(t.Shape) == 1 && group != "" && parent(t.Name) == group {
			return i
		}
	}
	next := kernel + 1
	if next >= len(f.Tensors) || len(f.Tensors[next].Shape) != 1 {
		return -1
	}
	// The tensor after it may be another kernel's, when this one has none.
	group = parent(f.Tensors[next].Name)
	for _, t := range f.Tensors {
		if len(t.Shape) == 4 && group != "" && parent(t.Name) == group {
			return -1
		}
	}
	return next
}

// parent is a tensor's name without its last part.
func parent(name string) string {
	head, _, ok := cutLast(strings.TrimSuffix(name, ":0"), "/.")
	if !ok {
		return ""
	}
	return head
}

func cutLast(s, any string) (before, after string, found bool) {
	if i := strings.LastIndexAny(s, any); i >= 0 {
		return s[:i], s[i+1:], true
	}
	return s, "", false
}

// axes is the shape that a tensor must have in the file.
func axes(s Spec, outputFirst bool) []int {
	if outputFirst && len(s.Shape) == 4 {
		return []int{s.Shape[3], s.Shape[2], s.Shape[0], s.Shape[1]}
	}
	return s.Shape
}

func fits(t format.Tensor, s Spec, outputFirst bool) bool {
	return slices.Equal(t.Shape, axes(s, outputFirst))
}

// read returns the values in the model's order of axes.
func (p pick) read() ([]float32, error) {
	values, err := p.tensor.Float32s()
	if err != nil || !p.outputFirst {
		return values, err
	}
	return outputLast(values, p.tensor.Shape), nil
}

// outputLast turns a kernel [out, in, height, width] into [height, width, in, out].
func outputLast(from []float32, shape []int) []float32 {
	outs, ins, area := shape[0], shape[1], shape[2]*shape[3]
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

// unused names the kernels of a file that are no part of the model, at most three of them: a sign that it is
// another model's.
func unused(f *format.File, picks []pick) string {
	var names []string
	for _, t := range f.Tensors {
		if len(t.Shape) == 4 && !slices.ContainsFunc(picks, func(p pick) bool { return p.tensor.Name == t.Name }) {
			names = append(names, t.Name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	more := cmp.Or(strings.Repeat(", ...", min(1, max(len(names)-3, 0))), "")
	return "; not used: " + strings.Join(names[:min(len(names), 3)], ", ") + more
}
