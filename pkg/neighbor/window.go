// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package neighbor

import "math"

// window is a kernel between two filters, row by row. The zero value is none.
type window struct {
	rows, columns int
	values        []float64
}

// one is the kernel of what is handed on as it is.
var one = window{1, 1, []float64{1}}

// scaled is the kernel times a number.
func (w window) scaled(scale float64) window {
	if scale == 1 {
		return w
	}
	values := make([]float64, len(w.values))
	for i, v := range w.values {
		values[i] = v * scale
	}
	return window{w.rows, w.columns, values}
}

// plus adds two kernels, the smaller one in the middle of the larger.
func (w window) plus(other window) window {
	switch {
	case w.values == nil:
		return other
	case other.values == nil:
		return w
	}
	sum := window{rows: max(w.rows, other.rows), columns: max(w.columns, other.columns)}
	sum.values = make([]float64, sum.rows*sum.columns)
	for _, part := range []window{w, other} {
		top, left := (sum.rows-part.rows)/2, (sum.columns-part.columns)/2
		for i, v := range part.values {
			sum.values[(top+i/part.columns)*sum.columns+left+i%part.columns] += v
		}
	}
	return sum
}

// weight is the L2 norm with the sign of the sum.
func (w window) weight() float64 {
	var sum, squares float64
	for _, v := range w.values {
		sum += v
		squares += v * v
	}
	return signed(math.Sqrt(squares), sum)
}

// signed gives a norm the sign of a sum.
func signed(norm, sum float64) float64 {
	if sum < 0 {
		return -norm
	}
	return norm
}

// rowByRow is the kernel as a copy.
func (w window) rowByRow() [][]float64 {
	rows := make([][]float64, w.rows)
	for i := range rows {
		rows[i] = append([]float64(nil), w.values[i*w.columns:(i+1)*w.columns]...)
	}
	return rows
}
