// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package layer

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
