// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package bench

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/dustin/go-humanize/english"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"convscope/pkg/device"
	"convscope/vgg16"
)

// Roof is what a machine can do at most, measured: float32 arithmetic in a large matrix product, and reading and
// writing memory.
type Roof struct {
	FLOPS float64 `json:"flops"` // operations a second
	Bytes float64 `json:"bytes"` // a second
}

// Layer is one convolution of VGG16, forward or the gradient's way back, alone.
type Layer struct {
	Name     string `json:"name"`
	Backward bool   `json:"backward"`
	// Height, Width, In and Out are its shape.
	Height  int     `json:"height"`
	Width   int     `json:"width"`
	In      int     `json:"in"`
	Out     int     `json:"out"`
	Seconds float64 `json:"seconds"` // the fastest of many runs
}

// Direct is how many operations the convolution takes as it is written.
func (l Layer) Direct() float64 { return 2 * 9 * float64(l.Height*l.Width) * float64(l.In*l.Out) }

// Fewest is how many the products of minimal filtering take: 36 for each tile of 4x4 outputs, or 16 for each of 2x2 if
// that is less.
func (l Layer) Fewest() float64 {
	tiles := func(side int) float64 {
		return float64((l.Height + side - 1) / side * ((l.Width + side - 1) / side))
	}
	return 2 * float64(l.In*l.Out) * min(36*tiles(4), 16*tiles(2))
}

// Moved is how many bytes it moves at least: inputs and kernel in, outputs out.
func (l Layer) Moved() float64 {
	return 4 * float64(l.Height*l.Width*(l.In+l.Out)+9*l.In*l.Out)
}

// Bound is the time below which no such filtering can come on that machine.
func (l Layer) Bound(roof Roof) float64 { return max(l.Fewest()/roof.FLOPS, l.Moved()/roof.Bytes) }

// layers are the convolutions of VGG16 for a picture of that many pixels, but for the first, which has three channels.
func layers(size int) []Layer {
	var all []Layer
	for _, layer := range vgg16.Layers()[1:] {
		if layer.Kind == vgg16.Conv {
			h, w := layer.OutputSize(size, size)
			all = append(all, Layer{layer.Name, false, h, w, layer.In, layer.Filters, 0},
				Layer{layer.Name, true, h, w, layer.Filters, layer.In, 0})
		}
	}
	return all
}

// MeasureLayers times the convolutions of VGG16 for pictures of size x size pixels, each alone, and the device's roof.
func MeasureLayers(ctx context.Context, dev *device.Device, size int, say func(string)) (Roof, []Layer, error) {
	var roof Roof
	const side, block = 2048, 1 << 26 // 16 MB matrices; 256 MB that fit no cache
	product := func(a, b *Node) *Node { return Dot(a, b).Product() }
	seconds, err := fastest(ctx, dev, product, []int{side, side}, []int{side, side})
	if err != nil {
		return roof, nil, err
	}
	roof.FLOPS = 2 * side * side * side / seconds
	if seconds, err = fastest(ctx, dev, Add, []int{block}, []int{1}); err != nil {
		return roof, nil, err
	}
	roof.Bytes = 2 * 4 * block / seconds
	all := layers(size)
	for i := range all {
		l := &all[i]
		say(fmt.Sprintf("layers: %s, %d x %d, %d to %d", l.Name, l.Height, l.Width, l.In, l.Out))
		convolve := func(x, kernel *Node) *Node { return Convolve(x, kernel).PadSame().Done() }
		kernel := []int{3, 3, l.In, l.Out}
		if l.Backward {
			kernel = []int{3, 3, l.Out, l.In}
			convolve = func(gradient, kernel *Node) *Node {
				nowhere := Zeros(gradient.Graph(), shapes.Make(dtypes.Float32, 1, l.Height, l.Width, l.Out))
				y := Convolve(nowhere, kernel).PadSame().Done()
				return Gradient(ReduceAllSum(Mul(y, gradient)), nowhere)[0]
			}
		}
		if l.Seconds, err = fastest(ctx, dev, convolve, []int{1, l.Height, l.Width, l.In}, kernel); err != nil {
			return roof, all[:i], err
		}
	}
	return roof, all, nil
}

// fastest runs a graph of two arrays until half a second is over, at least ten times, and returns the shortest time.
func fastest(ctx context.Context, dev *device.Device, graph func(a, b *Node) *Node, first,
	second []int) (seconds float64, err error) {
	exec, err := NewExec(dev.Backend, graph)
	if err != nil {
		return 0, err
	}
	a, b := noise(first), noise(second)
	defer a.MustFinalizeAll()
	defer b.MustFinalizeAll()
	best := math.Inf(1)
	began := time.Now()
	for runs := 0; runs < 10 || time.Since(began) < time.Second/2; runs++ {
		if ctx.Err() != nil {
			return 0, ctx.Err()
		}
		start := time.Now()
		y, err := exec.Call(a, b)
		if err != nil {
			return 0, err
		}
		if err := tensors.ConstFlatData(y[0], func([]float32) {}); err != nil { // waits for the result
			return 0, err
		}
		best = min(best, time.Since(start).Seconds())
		y[0].MustFinalizeAll()
	}
	return best, nil
}

// noise is an array of values from -1 to 1 without a short period.
func noise(dims []int) *tensors.Tensor {
	size := 1
	for _, dim := range dims {
		size *= dim
	}
	values := make([]float32, size)
	state := uint32(1)
	for i := range values {
		state = state*1664525 + 1013904223
		values[i] = float32(int32(state)) / (1 << 31)
	}
	return tensors.FromFlatDataAndDimensions(values, dims...)
}

// LayersMarkdown shows how near the convolutions come to what the machine can do.
func LayersMarkdown(roof Roof, all []Layer) string {
	var b strings.Builder
	m := thisMachine()
	fmt.Fprintf(&b, "%s, %s. A large matrix product reaches %.0f GFLOP/s, memory %.1f GB/s.\n\n", m.Processor,
		english.Plural(m.Cores, "core", ""), roof.FLOPS/1e9, roof.Bytes/1e9)
	b.WriteString("| convolution | positions, channels | ms | GFLOP/s, counted as direct | of the peak | least, ms " +
		"| of what is possible |\n" +
		"| --- | --- | --- | --- | --- | --- | --- |\n")
	for _, l := range all {
		name := l.Name
		if l.Backward {
			name += ", back"
		}
		fmt.Fprintf(&b, "| %s | %d x %d, %d to %d | %.2f | %.0f | %.1f times | %.2f | %.0f %% |\n",
			name, l.Height, l.Width, l.In, l.Out, 1e3*l.Seconds,
			l.Direct()/l.Seconds/1e9, l.Direct()/l.Seconds/roof.FLOPS, 1e3*l.Bound(roof), 100*l.Bound(roof)/l.Seconds)
	}
	return b.String()
}
