// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package onnx

import (
	"fmt"
	"math"
	"slices"

	"convscope/pkg/weights/onnxfile"
)

// array is a value that is known without a picture: an initializer, or what the graph makes of some.
type array struct {
	dims []int
	// real says that its elements are floats, not whole numbers.
	real bool
	// values are the elements, where the array was computed here; those of initializers stay in the file.
	values []float64
	// file is an initializer, laid out in the shape base, whose axes are taken in the order turned, nil for their own.
	file         *onnxfile.Tensor
	base, turned []int
}

const (
	// maxElements is how many elements an array that is computed here may have.
	maxElements = 1 << 24
	// maxGrown is how many elements one may have that is larger than what it is made of.
	maxGrown = 1 << 20
	// maxExact is the largest whole number that an array is trusted with.
	maxExact = 1 << 53
)

// newArray is an array of computed values.
func newArray(dims []int, real bool, values []float64) *array {
	return &array{dims: dims, real: real, values: values}
}

// wholes is a list of whole numbers.
func wholes(list ...int) *array {
	values := make([]float64, len(list))
	for i, v := range list {
		values[i] = float64(v)
	}
	return newArray([]int{len(list)}, false, values)
}

// fileArray is an initializer or a constant.
func fileArray(t onnxfile.Tensor) (*array, error) {
	if !t.IsFloat() && !t.IsInteger() {
		return nil, fmt.Errorf("it is %s, which is not read", t.Type)
	}
	if _, err := count(t.Shape); err != nil {
		return nil, err
	}
	return &array{dims: t.Shape, real: t.IsFloat(), file: &t, base: t.Shape}, nil
}

// count is how many elements a shape holds.
func count(dims []int) (int, error) {
	n := 1 // as if none were 0, so that no product of some of them is too large either
	for _, d := range dims {
		if d < 0 {
			return 0, fmt.Errorf("a size of %d", d)
		}
		if n > math.MaxInt32/max(d, 1) {
			return 0, fmt.Errorf("shape %v is too large", dims)
		}
		n *= max(d, 1)
	}
	if slices.Contains(dims, 0) {
		return 0, nil
	}
	return n, nil
}

// size is count of the array's own shape, which has been checked.
func (a *array) size() int { n, _ := count(a.dims); return n }

// transposed takes the axes in another order.
func (a *array) transposed(order []int) (*array, error) {
	if !isOrder(order, len(a.dims)) {
		return nil, fmt.Errorf("%v is no order of the axes of %v", order, a.dims)
	}
	dims := make([]int, len(order))
	for i, axis := range order {
		dims[i] = a.dims[axis]
	}
	if a.file != nil {
		turned := slices.Clone(order)
		if a.turned != nil {
			for i, axis := range order {
				turned[i] = a.turned[axis]
			}
		}
		return &array{dims: dims, real: a.real, file: a.file, base: a.base, turned: turned}, nil
	}
	values, err := a.read()
	return newArray(dims, a.real, turn(values, a.dims, order)), err
}

// reshaped has other sizes for as many elements.
func (a *array) reshaped(dims []int) (*array, error) {
	n, err := count(dims)
	if err == nil && n != a.size() {
		err = fmt.Errorf("%v doesn't hold the %d values of %v", dims, a.size(), a.dims)
	}
	if err != nil {
		return nil, err
	}
	if a.file != nil && a.turned == nil {
		return &array{dims: dims, real: a.real, file: a.file, base: dims}, nil
	}
	values, err := a.read()
	return newArray(dims, a.real, values), err
}

// read returns the elements in the order of the axes.
func (a *array) read() ([]float64, error) {
	if a.file == nil {
		return a.values, nil
	}
	if a.size() > maxElements {
		return nil, fmt.Errorf("an array of shape %v is too large to compute with while reading", a.dims)
	}
	var values []float64
	if a.file.IsFloat() {
		list, err := a.file.Float32s()
		if err != nil {
			return nil, err
		}
		values = make([]float64, len(list))
		for i, v := range list {
			values[i] = float64(v)
		}
	} else {
		list, err := a.file.Int64s()
		if err != nil {
			return nil, err
		}
		values = make([]float64, len(list))
		for i, v := range list {
			values[i] = float64(max(min(v, maxExact), -maxExact))
		}
	}
	if a.turned != nil {
		values = turn(values, a.base, a.turned)
	}
	return values, nil
}

// float32s returns the elements as weights, in the order of the axes.
func (a *array) float32s() ([]float32, error) {
	if a.file != nil && a.file.IsFloat() {
		values, err := a.file.Float32s()
		if err == nil && a.turned != nil {
			values = turn(values, a.base, a.turned)
		}
		return values, err
	}
	values, err := a.read()
	out := make([]float32, len(values))
	for i, v := range values {
		out[i] = float32(v)
	}
	return out, err
}

// ints returns the elements as whole numbers. Numbers beyond 32 bits, such as the end of a slice that has none, stand
// for the largest.
func (a *array) ints() ([]int, error) {
	if a.size() > maxGrown {
		return nil, fmt.Errorf("a list of %d numbers is too long", a.size())
	}
	values, err := a.read()
	out := make([]int, len(values))
	for i, v := range values {
		if math.IsNaN(v) {
			return nil, fmt.Errorf("a number that is none")
		}
		out[i] = int(max(min(v, math.MaxInt32), -math.MaxInt32))
	}
	return out, err
}

// isOrder says whether the list has each axis once.
func isOrder(list []int, rank int) bool {
	if len(list) != rank {
		return false
	}
	sorted := slices.Sorted(slices.Values(list))
	for i, axis := range sorted {
		if axis != i {
			return false
		}
	}
	return true
}

// turn puts the elements of an array of that shape in another order of its axes.
func turn[T any](values []T, dims, order []int) []T {
	if len(values) == 0 {
		return values
	}
	out := make([]T, 0, len(values))
	step := make([]int, len(dims)) // how far apart neighbours along each axis are
	for i, n := len(dims)-1, 1; i >= 0; i-- {
		step[i] = n
		n *= dims[i]
	}
	index := make([]int, len(order))
	at := 0
	for range values {
		out = append(out, values[at])
		for k := len(order) - 1; k >= 0; k-- {
			axis := order[k]
			index[k]++
			at += step[axis]
			if index[k] < dims[axis] {
				break
			}
			at -= step[axis] * dims[axis]
			index[k] = 0
		}
	}
	return out
}

// axisIn takes an axis that may count from the end to one from the start.
func axisIn(axis, rank int) (int, error) {
	if axis < -rank || axis >= rank {
		return 0, fmt.Errorf("there is no axis %d among %d", axis, rank)
	}
	if axis < 0 {
		axis += rank
	}
	return axis, nil
}

// axesIn is axisIn for several.
func axesIn(axes []int, rank int) ([]int, error) {
	out := make([]int, len(axes))
	for i, axis := range axes {
		var err error
		if out[i], err = axisIn(axis, rank); err != nil {
			return nil, err
		}
		if slices.Contains(out[:i], out[i]) {
			return nil, fmt.Errorf("axis %d is named twice", axis)
		}
	}
	return out, nil
}
