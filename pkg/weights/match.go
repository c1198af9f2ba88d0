// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package weights

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"convscope/pkg/weights/format"
)

// match finds the model's tensors in a file: by the layers' names if the file uses them, else by order and
// shape. Kernels and matrices may have their output axis first if the format says so, or if all of them fit only so.
func match(f *format.File, m Manifest) ([]pick, error) {
	picks, err := find(f, m.Tensors)
	if err == nil {
		err = checkOther(f, picks, m.Tensors)
	}
	if err == nil {
		return picks, countRows(picks, m.Tensors, f)
	}
	if name := m.relative(f); name != "" && errors.Is(err, ErrUnfit) && !errors.Is(err, ErrNoClassifier) {
		why := strings.TrimPrefix(err.Error(), ErrUnfit.Error()+": ")
		err = fmt.Errorf("%w, but those of %s: %s", ErrUnfit, name, why)
	}
	return nil, err
}

// isNormalization says whether the last parts of a vector's name, the layer's and its own, are those of a batch
// normalization.
func isNormalization(t format.Tensor) bool {
	layer := strings.TrimSuffix(parent(t.Name), "/vars") // as Keras 3 has it
	return len(t.Shape) == 1 && normalizing.MatchString(t.Name[len(parent(layer)):])
}

func find(f *format.File, specs []Spec) ([]pick, error) {
	if err := hasClassifier(f, specs); err != nil {
		return nil, err
	}
	how := byOrder
	if slices.ContainsFunc(specs, func(s Spec) bool { return len(named(f, s)) > 0 }) {
		how = byName
	}
	picks, err := how(f, specs, axes{kernels: f.OutputFirst})
	if err != nil && !f.OutputFirst {
		picks, err = turnedOr(how, f, specs, err)
	}
	return picks, err
}

// turnedOr matches under the assumption that all outputs come first, or else returns why the plain one failed.
func turnedOr(how func(*format.File, []Spec, axes) ([]pick, error), f *format.File, specs []Spec,
	plain error) ([]pick, error) {
	if picks, err := how(f, specs, axes{kernels: true, matrices: true}); err == nil {
		return picks, nil
	}
	for _, mixed := range []axes{{kernels: true}, {matrices: true}} {
		if _, err := how(f, specs, mixed); err == nil {
			return nil, fmt.Errorf("%w: its kernels and its matrices have their axes in different orders, so the "+
				"order of a flattened picture cannot be told: save all tensors as Keras has them, or all as PyTorch",
				ErrUnfit)
		}
	}
	return nil, plain
}

// hasClassifier returns an error when the model has matrices and the file has none.
func hasClassifier(f *format.File, specs []Spec) error {
	first := slices.IndexFunc(specs, Spec.isMatrix)
	if first < 0 || slices.ContainsFunc(f.Tensors, func(t format.Tensor) bool { return len(t.Shape) == 2 }) {
		return nil
	}
	return fmt.Errorf("%w: %w: no tensor for %s %v", ErrUnfit, ErrNoClassifier, specs[first].Name, specs[first].Shape)
}

// named returns the tensors whose name has the layer's name in it as a word, perhaps numbered by an exporter
// (block1_conv1_1), and that have the right number of axes: which of a layer's tensors one is, its rank tells.
func named(f *format.File, s Spec) []format.Tensor {
	layer, _, _ := cutLast(s.Name, "/")
	word := regexp.MustCompile(`(^|[^0-9A-Za-z_])` + regexp.QuoteMeta(layer) + `(_[0-9]+)?([^0-9A-Za-z]|$)`)
	var found []format.Tensor
	for _, t := range f.Tensors {
		if len(t.Shape) == len(s.Shape) && word.MatchString(t.Name) && !isNormalization(t) {
			found = append(found, t)
		}
	}
	return found
}

func byName(f *format.File, specs []Spec, a axes) ([]pick, error) {
	picks := make([]pick, 0, len(specs))
	for _, s := range specs {
		found := named(f, s)
		if len(found) == 0 {
			return nil, fmt.Errorf("%w: no tensor for %s %v", ErrUnfit, s.Name, s.Shape)
		}
		fit := slices.DeleteFunc(slices.Clone(found), func(t format.Tensor) bool { return !a.fit(t, s) })
		if len(fit) == 0 {
			return nil, fmt.Errorf("%w: tensor %s is %v, %s needs %v",
				ErrUnfit, found[0].Name, found[0].Shape, s.Name, a.shape(s))
		}
		if len(fit) > 1 {
			return nil, fmt.Errorf("%w: both %s and %s could be %s", ErrUnfit, fit[0].Name, fit[1].Name, s.Name)
		}
		picks = append(picks, a.pick(fit[0]))
	}
	return picks, nil
}

// byOrder takes the kernels and the matrices in the file's order, of which there must be as many as the model
// has, and for each bias the one that shares its kernel's name up to the last part, or else the tensor after it.
func byOrder(f *format.File, specs []Spec, a axes) ([]pick, error) {
	want := map[int]int{} // how many, by number of axes
	for _, s := range specs {
		want[len(s.Shape)]++
	}
	f = siblings(f, want[4])
	places := map[int][]int{} // by number of axes, in f.Tensors
	for i, t := range f.Tensors {
		places[len(t.Shape)] = append(places[len(t.Shape)], i)
	}
	if have := len(places[4]); have != want[4] {
		return nil, fmt.Errorf("%w: it has %d convolution kernels, the model has %d", ErrUnfit, have, want[4])
	}
	if have := len(places[2]); want[2] > 0 && have != want[2] {
		return nil, fmt.Errorf("%w: it has %d matrices, the model has %d", ErrUnfit, have, want[2])
	}
	picks := make([]pick, 0, len(specs))
	last := -1 // place of the latest kernel or matrix
	for _, s := range specs {
		at := -1
		switch n := len(s.Shape); {
		case n == 4 || n == 2:
			last, places[n] = places[n][0], places[n][1:]
			at = last
		case last >= 0:
			at = biasOf(f, last)
		}
		if at < 0 {
			return nil, fmt.Errorf("%w: no tensor for %s %v", ErrUnfit, s.Name, s.Shape)
		}
		t := f.Tensors[at]
		if !a.fit(t, s) {
			return nil, fmt.Errorf("%w: tensor %s is %v where %s needs %v",
				ErrUnfit, t.Name, t.Shape, s.Name, a.shape(s))
		}
		picks = append(picks, a.pick(t))
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
		if (len(t.Shape) == 4 || len(t.Shape) == 2) && group != "" && parent(t.Name) == group {
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

// unused names the kernels of a file that are no part of the model, at most three of them, and vectors that go with no
// kernel: a sign that it is another model's, or has a head.
func unused(f *format.File, picks []pick) string {
	var names []string
	for _, t := range f.Tensors {
		extra := len(t.Shape) == 4 || isNormalization(t)
		if extra && !slices.ContainsFunc(picks, func(p pick) bool { return p.tensor.Name == t.Name }) {
			names = append(names, t.Name)
		}
	}
	if len(names) > 3 {
		names = append(names[:3], "...")
	}
	return strings.Join(names, ", ")
}
