// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package weights

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"convscope/pkg/weights/format"
)

// A file may hold all tensors of the model, with the right names and shapes, and yet be another network's, which has
// more between them: further convolutions, a normalization, another activation. To leave that out would show another
// network than the file's.

// relative names the network of the model's family that has the file's kernels, or says what else it is; "" if that is
// not known.
func (m Manifest) relative(f *format.File) string {
	var outs []int
	for _, t := range f.Tensors {
		switch s := t.Shape; {
		case len(s) != 4:
		case s[0] == 3 && s[1] == 3:
			outs = append(outs, s[3])
		case s[2] == 3 && s[3] == 3:
			outs = append(outs, s[0])
		}
	}
	slices.Sort(outs)
	normalized := ""
	if slices.ContainsFunc(f.Tensors, isNormalization) {
		normalized = " with batch normalization"
	}
	for _, name := range slices.Sorted(maps.Keys(m.Relatives)) {
		if slices.Equal(outs, slices.Sorted(slices.Values(m.Relatives[name]))) {
			return name + normalized
		}
	}
	if normalized != "" {
		return "a network" + normalized
	}
	return ""
}

// checkOther returns an error when the file has something between the model's tensors that acts on what goes through
// them.
func checkOther(f *format.File, picks []pick, specs []Spec) error {
	used := map[string]int{} // name -> place in specs
	widths := map[int]bool{}
	first, last := len(f.Tensors), 0
	for i, p := range picks {
		used[p.tensor.Name] = i
	}
	for i, t := range f.Tensors {
		if at, ok := used[t.Name]; ok && len(specs[at].Shape) == 4 {
			first, last = min(first, i), i
			widths[specs[at].Shape[3]] = true
		}
	}
	home := commonGroup(picks)
	before, width := "", 0 // the kernel before, and of what comes out of it
	alone := true          // the group has no matrices, so it is the convolutions' own
	var strays []format.Tensor
	kinds := map[int]bool{} // of their widths
	for i, t := range f.Tensors {
		s := t.Shape
		at, ok := used[t.Name]
		if ok && len(s) == 4 {
			before, width = specs[at].Name, specs[at].Shape[3]
			if ops := strangeOps(t.Then, i == last); ops != "" {
				return fmt.Errorf("%w: its graph has %s after %s", ErrUnfit, ops, before)
			}
			if why := strangeConv(t.Conv, specs[at], i == last); why != "" {
				return fmt.Errorf("%w: its convolution %s %s", ErrUnfit, parent(before), why)
			}
		}
		if !strings.HasPrefix(t.Name, home) {
			continue
		}
		alone = alone && len(s) != 2
		inside := first < i && i < last
		switch {
		case ok:
		case len(s) == 4 && inside && (s[2] == width && s[3] == width || s[0] == width && s[1] == width):
			return fmt.Errorf("%w: it has one more convolution after %s: %s %v", ErrUnfit, before, t.Name, s)
		case t.Type == "int64": // of a shape or of pads, not of a picture
		case len(s) == 1 && widths[s[0]] && (inside || !f.Ordered) && !hasKernel(f, t.Name):
			strays = append(strays, t)
			kinds[s[0]] = true
		}
	}
	// By names alone a vector may also be of the head, unless that has a group of its own.
	if len(strays) > 0 && (f.Ordered || alone || len(kinds) > 2) {
		return fmt.Errorf("%w: it has %s %v among its convolutions, which acts on what comes out of them: fold it "+
			"into the kernels before",
			ErrUnfit, strays[0].Name, strays[0].Shape)
	}
	return nil
}

// commonGroup is what the names of all the model's kernels begin with, up to the end of a part, such as "features.".
func commonGroup(picks []pick) string {
	common := ""
	for i, p := range picks {
		name := p.tensor.Name
		if i == 0 {
			common = name
		}
		for !strings.HasPrefix(name, common) {
			common = common[:len(common)-1]
		}
	}
	return common[:strings.LastIndexAny(common, "/.")+1]
}

// hasKernel says whether a tensor with two or more axes stands in the same group.
func hasKernel(f *format.File, name string) bool {
	group := parent(name)
	return group != "" && slices.ContainsFunc(f.Tensors, func(t format.Tensor) bool {
		return len(t.Shape) > 1 && parent(t.Name) == group
	})
}

var normalizing = regexp.MustCompile(
	`(?i)running_(mean|var)|moving_(mean|var)|gamma|beta|batch_?norm|(^|[^a-z])bn([^a-z]|$)`)

// strangeOps names the operations after a convolution that a plain chain with ReLU and pooling by the maximum doesn't
// have. After the last one only what comes first is of the chain, and that may be what flattens.
func strangeOps(then []string, isLast bool) string {
	known := []string{"Relu", "MaxPool", "Identity", "Dropout", "Cast", "Transpose", "Pad"}
	if isLast {
		then = then[:min(len(then), 1)]
		known = append(known, "Flatten", "Reshape", "Shape", "AveragePool", "GlobalAveragePool", "GlobalMaxPool",
			"ReduceMean", "ReduceMax")
	}
	strange := slices.DeleteFunc(slices.Clone(then), func(op string) bool { return slices.Contains(known, op) })
	return strings.Join(strange, " and ")
}

// siblings leaves of a file that has too many kernels those that stand in one group with as many as are wanted, if
// there is one such group: the others are another part's, such as a head's.
func siblings(f *format.File, want int) *format.File {
	groups := map[string]int{}
	for _, t := range f.Tensors {
		if len(t.Shape) == 4 {
			groups[withoutNumbers(parent(t.Name))]++
		}
	}
	found, count := "", 0
	for group, n := range groups {
		if n == want {
			found, count = group, count+1
		}
	}
	if len(groups) < 2 || count != 1 {
		return f
	}
	some := *f
	some.Tensors = slices.DeleteFunc(slices.Clone(f.Tensors), func(t format.Tensor) bool {
		return len(t.Shape) == 4 && withoutNumbers(parent(t.Name)) != found
	})
	return &some
}

var numbers = regexp.MustCompile(`_?[0-9]+`)

func withoutNumbers(name string) string { return numbers.ReplaceAllString(name, "") }
