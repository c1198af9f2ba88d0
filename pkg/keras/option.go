// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package keras

import (
	"fmt"
	"math"
	"slices"

	"convscope/pkg/layer"
)

// reading is a layer whose options are read. The first that makes no sense, or isn't known here, is kept.
type reading struct {
	*spec
	call    call
	version int     // Keras' major version
	first   bool    // the file has the channels first
	shapes  [][]int // of the inputs, channels last
	fault   string
}

// fail keeps the first fault.
func (r *reading) fail(format string, args ...any) {
	if r.fault == "" {
		r.fault = fmt.Sprintf(format, args...)
	}
}

// value is the first option of these names that is there and not null.
func (r *reading) value(names ...string) any {
	for _, name := range names {
		if v := r.options[name]; v != nil {
			return v
		}
	}
	return nil
}

// number reads an option that is a number, which has a default.
func (r *reading) number(otherwise float64, names ...string) float64 {
	switch v := r.value(names...).(type) {
	case nil:
		return otherwise
	case float64:
		return v
	case []any:
		if len(v) == 1 {
			if f, ok := v[0].(float64); ok {
				return f
			}
		}
	case object: // an array of one number
		if config, ok := v["config"].(object); ok {
			if f, ok := config["value"].(float64); ok {
				return f
			}
		}
	}
	r.fail("its option %s is no number", names[0])
	return otherwise
}

// whole reads an option that is a whole number.
func (r *reading) whole(otherwise int, names ...string) int {
	f := r.number(float64(otherwise), names...)
	n, ok := integer(f)
	if !ok {
		r.fail("its option %s of %g is no whole number", names[0], f)
	}
	return n
}

// integer is a float that is a whole number of reasonable size.
func integer(value any) (int, bool) {
	f, ok := value.(float64)
	if !ok || f != math.Trunc(f) || math.Abs(f) > 1<<30 {
		return 0, false
	}
	return int(f), true
}

// integers reads a list of whole numbers, or one of them.
func integers(value any) ([]int, bool) {
	list, isList := value.([]any)
	if !isList {
		list = []any{value}
	}
	out := make([]int, len(list))
	for i, each := range list {
		n, ok := integer(each)
		if !ok {
			return nil, false
		}
		out[i] = n
	}
	return out, true
}

// pair reads an option that is two whole numbers, or one for both; otherwise stands for none.
func (r *reading) pair(otherwise int, names ...string) [2]int {
	v := r.value(names...)
	if v == nil {
		return [2]int{otherwise, otherwise}
	}
	switch list, ok := integers(v); {
	case ok && len(list) == 1:
		return [2]int{list[0], list[0]}
	case ok && len(list) == 2:
		return [2]int(list)
	}
	r.fail("its option %s is no pair of whole numbers", names[0])
	return [2]int{otherwise, otherwise}
}

// sides reads an option for the top and bottom, left and right: one number, two, or two pairs.
func (r *reading) sides(name string) (begin, end []int) {
	list, _ := r.value(name).([]any)
	if len(list) == 0 {
		list = []any{r.value(name), r.value(name)}
	}
	for _, each := range list {
		n, ok := integers(each)
		if !ok || len(n) > 2 || len(list) != 2 || slices.Min(n) < 0 {
			r.fail("its option %s isn't for four sides", name)
			return nil, nil
		}
		begin, end = append(begin, n[0]), append(end, n[len(n)-1])
	}
	return begin, end
}

// flag reads an option that is true or false.
func (r *reading) flag(otherwise bool, name string) bool {
	switch v := r.value(name).(type) {
	case nil:
		return otherwise
	case bool:
		return v
	}
	r.fail("its option %s is neither true nor false", name)
	return otherwise
}

// word reads an option that is one of some words.
func (r *reading) word(name string, known ...string) string {
	v, ok := r.value(name).(string)
	if !ok && r.value(name) == nil {
		return known[0]
	}
	if !ok || !slices.Contains(known, v) {
		r.fail("its %s of %q is not known here", name, printable(fmt.Sprint(r.value(name))))
		return known[0]
	}
	return v
}

// padding reads "valid" or "same".
func (r *reading) padding() layer.Padding {
	return layer.Padding{Same: r.word("padding", "valid", "same") == "same"}
}

// floats reads numbers in lists of any depth; nil if there are none.
func floats(value any) ([]float64, bool) {
	switch v := value.(type) {
	case nil:
		return nil, true
	case float64:
		return []float64{v}, true
	case []any:
		all := []float64{}
		for _, each := range v {
			more, ok := floats(each)
			if !ok || each == nil {
				return nil, false
			}
			all = append(all, more...)
		}
		return all, true
	case object:
		config, _ := v["config"].(object)
		if class := text(v["class_name"]); class == "__tensor__" || class == "__numpy__" {
			return floats(config["value"])
		}
	}
	return nil, false
}

// axis takes an axis that counts with the batch to one of the layer's input without it, -1 for the last one.
func (r *reading) axis(axis int) int {
	rank := len(r.shapes[0]) + 1
	if axis < 0 {
		axis += rank
	}
	if axis < 1 || axis >= rank {
		r.fail("there is no axis %d in its input of %d dimensions", axis, rank)
		return 0
	}
	if r.first && rank == 4 { // 1, 2, 3 are channels, height and width
		axis = []int{0, 3, 1, 2}[axis]
	}
	return axis - 1
}

// onChannels says whether an option is the axis of the channels alone.
func (r *reading) onChannels(name string) {
	v := r.value(name)
	list, ok := integers(v)
	if v == nil {
		list, ok = []int{-1}, true
	}
	if ok && len(list) == 1 && r.axis(list[0]) == len(r.shapes[0])-1 {
		return
	}
	r.fail("its %s is not that of the channels", name)
}

func (r *reading) rank() int { return len(r.shapes[0]) }
