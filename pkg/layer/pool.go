// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package layer

import (
	"math"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// MaxPool takes the maximum of each window; padding never wins, and of equal values the first has the gradient.
type MaxPool struct {
	// Size is the window's height and width.
	Size [2]int
	// Stride is how far apart windows are; 0 stands for Size.
	Stride [2]int
	// Dilation spreads the window; 0 stands for 1.
	Dilation [2]int
	// Padding is outside the picture.
	Padding Padding
	// Ceil keeps a last window that reaches beyond the padding, as long as it begins inside (torch's ceil_mode).
	Ceil bool
}

// AveragePool takes the mean of each window.
type AveragePool struct {
	// Size, Stride, Dilation, Padding and Ceil are as in [MaxPool].
	Size, Stride, Dilation [2]int
	Padding                Padding
	Ceil                   bool
	// CountPadding counts the padding as zeros; otherwise the mean is of what lies in the picture, as Keras has it.
	CountPadding bool
}

// Shape is [height, width, channels].
func (p MaxPool) Shape(inputs ...[]int) ([]int, error) { return p.pool().shape(inputs) }

// Weights are none.
func (p MaxPool) Weights(...[]int) map[string][]int { return nil }

// Window is the size with its dilation, and the stride.
func (p MaxPool) Window() ([2]int, [2]float64) { return p.pool().window() }

// Channelwise is true.
func (p MaxPool) Channelwise(...[]int) bool { return true }

// Shape is [height, width, channels].
func (p AveragePool) Shape(inputs ...[]int) ([]int, error) { return p.pool().shape(inputs) }

// Weights are none.
func (p AveragePool) Weights(...[]int) map[string][]int { return nil }

// Window is the size with its dilation, and the stride.
func (p AveragePool) Window() ([2]int, [2]float64) { return p.pool().window() }

// Channelwise is true.
func (p AveragePool) Channelwise(...[]int) bool { return true }

// pool is what both are.
type pool struct {
	size, stride, dilation [2]int
	padding                Padding
	ceil                   bool
}

func (p MaxPool) pool() pool     { return pool{p.Size, p.Stride, p.Dilation, p.Padding, p.Ceil} }
func (p AveragePool) pool() pool { return pool{p.Size, p.Stride, p.Dilation, p.Padding, p.Ceil} }

// strides are the stride, or the size.
func (p pool) strides() [2]int {
	for i := range p.stride {
		if p.stride[i] == 0 {
			p.stride[i] = p.size[i]
		}
	}
	return p.stride
}

func (p pool) fit(in []int) (window, error) {
	return p.padding.fit(in, window{kernel: p.size, stride: p.strides(), dilation: p.dilation}, p.ceil)
}

func (p pool) shape(inputs [][]int) ([]int, error) {
	in, err := positions(inputs)
	if err != nil {
		return nil, err
	}
	w, err := p.fit(in)
	return []int{w.out[0], w.out[1], in[2]}, err
}

func (p pool) window() ([2]int, [2]float64) { return spans(p.size, p.dilation), strides(p.strides()) }

// Build adds it to the graph.
//
// It is written as the maximum of strided slices because the gradient of a windowed maximum is slow on XLA's CPU
// backend and missing in GoMLX's pure Go one. Ties go to the first, as in Keras.
func (p MaxPool) Build(_ func(role string) *Node, inputs ...*Node) *Node {
	w := p.pool().mustFit(inputs[0])
	return w.along(w.padded(inputs[0], -math.MaxFloat32), graph.Max)
}

// Build adds it to the graph: as a sum of slices, or where a window is large as products with matrices.
func (p AveragePool) Build(_ func(role string) *Node, inputs ...*Node) *Node {
	x := inputs[0]
	w := p.pool().mustFit(x)
	const large = 25
	if w.kernel[0]*w.kernel[1] > large {
		return sampled(x, p.matrix(w, 0), p.matrix(w, 1)) // [batch, height', width', channels]
	}
	sum := w.along(w.padded(x, 0), graph.Add) // [batch, height', width', channels]
	shares, same := make([]float64, w.out[0]*w.out[1]), true
	for i := range shares {
		shares[i] = 1 / float64(p.counted(w, 0, i/w.out[1])*p.counted(w, 1, i%w.out[1]))
		same = same && shares[i] == shares[0]
	}
	if same {
		return graph.Mul(sum, scalar(x, shares[0]))
	}
	values := tensors.FromFlatDataAndDimensions(shares, 1, w.out[0], w.out[1], 1).Value()
	return graph.Mul(sum, graph.ConstAsDType(x.Graph(), x.DType(), values))
}

// matrix has the share of each position, [out, in], in each mean in a direction.
func (p AveragePool) matrix(w window, direction int) [][]float64 {
	matrix := make([][]float64, w.out[direction])
	for i := range matrix {
		matrix[i] = make([]float64, w.in[direction])
		for k := range w.kernel[direction] {
			place := i*w.stride[direction] - w.begin[direction] + k*w.dilation[direction]
			if place >= 0 && place < w.in[direction] {
				matrix[i][place] = 1 / float64(p.counted(w, direction, i))
			}
		}
	}
	return matrix
}

// counted is how many positions count in a direction for the i-th mean.
func (p AveragePool) counted(w window, direction, i int) (count int) {
	low, high := 0, w.in[direction]
	if p.CountPadding {
		low, high = -w.begin[direction], high+w.end[direction]
		if p.Ceil && !p.Padding.Same { // what lies beyond the padding doesn't count
			high = w.in[direction] + p.Padding.End[direction]
		}
	}
	for k := range w.kernel[direction] {
		if place := i*w.stride[direction] - w.begin[direction] + k*w.dilation[direction]; place >= low &&
			place < high {
			count++
		}
	}
	return max(count, 1)
}

func (p pool) mustFit(x *Node) window {
	w, err := p.fit(x.Shape().Dimensions[1:])
	if err != nil {
		panic(err)
	}
	return w
}

// padded is x [batch, height, width, channels] with the window's padding.
func (w window) padded(x *Node, value float64) *Node {
	return surround(x, []int{0, w.begin[0], w.begin[1], 0}, []int{0, w.end[0], w.end[1], 0}, value)
}

// along combines the values of each window of x, which has its padding: [batch, height', width', channels]. Small
// windows that don't overlap are combined from strided slices, others first along the rows and then along the columns,
// which takes fewer steps.
func (w window) along(x *Node, combine func(x, y *Node) *Node) *Node {
	const few = 9
	if w.kernel[0] <= w.stride[0] && w.kernel[1] <= w.stride[1] && w.kernel[0]*w.kernel[1] <= few {
		return w.fold(0, combine, func(row int) *Node {
			return w.fold(1, combine, func(column int) *Node {
				return graph.Slice(x, graph.AxisRange(), w.every(0, row), w.every(1, column))
			})
		})
	}
	x = w.fold(1, combine, func(column int) *Node {
		return graph.Slice(x, graph.AxisRange(), graph.AxisRange(), w.every(1, column)) // [batch, height, width', channels]
	})
	return w.fold(0, combine, func(row int) *Node {
		return graph.Slice(x, graph.AxisRange(), w.every(0, row)) // [batch, height', width', channels]
	})
}

// fold combines what a window sees in a direction, from the first place on.
func (w window) fold(direction int, combine func(x, y *Node) *Node, place func(i int) *Node) *Node {
	all := place(0)
	for i := 1; i < w.kernel[direction]; i++ {
		all = combine(all, place(i))
	}
	return all
}

// every is what the i-th place of all windows sees in a direction.
func (w window) every(direction, i int) graph.SliceAxisSpec {
	from, stride := i*w.dilation[direction], w.stride[direction]
	return graph.AxisRange(from, min(from+w.out[direction]*stride, w.whole(direction))).Stride(stride)
}

// whole is how many positions there are in a direction, with the padding.
func (w window) whole(direction int) int {
	return w.begin[direction] + w.in[direction] + w.end[direction]
}
