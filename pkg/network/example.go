// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package network

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"image"
	"math"
	"os"
	"os/signal"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"convscope/pkg/album"
	"convscope/pkg/example"
	"convscope/pkg/heatmap"
	"convscope/pkg/layer"
	"convscope/pkg/picture"
)

// Examples finds the pieces of the photographs in a folder, and in the folders in it, that excite a layer's filters
// most, and cuts them out, of all filters or of [example.Options.Filters]. Errors are those of [album.Open],
// [example.Find] and [example.Result.Cut], and that there is no such layer or filter.
func (m *Model) Examples(ctx context.Context, dir, layer string, o example.Options) (*example.Result, error) {
	if _, err := m.find(layer, o.Filters); err != nil {
		return nil, err
	}
	photos, err := album.Open(dir)
	if err != nil {
		return nil, err
	}
	found, err := m.ExamplesOf(ctx, photos, []string{layer}, o)
	if err != nil {
		return nil, err
	}
	if err := found[0].Cut(ctx, photos, o.Size, o.Filters...); err != nil {
		return nil, err
	}
	return found[0], nil
}

// MustExamples is [Model.Examples] for notebook cells: an interrupt, such as the notebook's Stop button, and errors
// panic.
func (m *Model) MustExamples(dir, layer string, o example.Options) *example.Result {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	return must(m.Examples(ctx, dir, layer, o))
}

// ExamplesOf is [Model.Examples] for several layers in one pass over the photographs, a result each in the order of the
// names. The pieces' images are left to [example.Result.Cut].
func (m *Model) ExamplesOf(ctx context.Context, photos *album.Album, layers []string, o example.Options) (
	[]*example.Result, error) {
	target, err := m.exampleTarget(layers)
	if err != nil {
		return nil, err
	}
	return example.Find(ctx, target, photos, o)
}

// ActivationMap is where in a photograph a filter answers: its activation at each position, over the whole photograph
// in its own proportions, whose shorter side is the network's size times the scale (0 means 1; see [example.Options]).
// A layer that takes pictures of one size alone gets all of it squeezed to that. Of the map's fields those about classes
// are empty.
func (m *Model) ActivationMap(photo image.Image, layer string, filter int, scale float64) (*heatmap.Map, error) {
	found, err := m.find(layer, []int{filter})
	if err != nil {
		return nil, err
	}
	if photo == nil || photo.Bounds().Empty() {
		return nil, errors.New("the photograph has no pixels: give another")
	}
	target, err := m.exampleTarget([]string{layer})
	if err != nil {
		return nil, err
	}
	size := inProportion(photo.Bounds().Size(), image.Pt(target.Width, target.Height), cmp.Or(scale, 1))
	fits := func(size image.Point) error {
		if err := target.CheckSize(size.Y, size.X); err != nil {
			return err
		}
		_, err := target.Batch(size.Y, size.X, 1)
		return err
	}
	if fits(size) != nil {
		size = image.Pt(target.Width, target.Height)
		if err := fits(size); err != nil {
			return nil, err
		}
	}
	seen := picture.Scale(photo, photo.Bounds(), size.Y, size.X)
	outputs, err := target.Run(m.PhotoTensor(seen, size.Y, size.X))
	if err != nil {
		return nil, err
	}
	dims := outputs[0].Shape().Dimensions // [1, rows, columns, filters]
	answers := &heatmap.Map{Height: dims[1], Width: dims[2], Layer: found.Name, Name: fmt.Sprintf("filter %d", filter),
		Photo: seen, Stride: found.Stride, Field: found.ReceptiveField()}
	all := tensors.MustCopyFlatData[float32](outputs[0])
	for i := filter; i < len(all); i += dims[3] {
		answers.Values = append(answers.Values, all[i])
	}
	return answers, nil
}

// MustActivationMap is [Model.ActivationMap] for notebook cells: errors panic.
func (m *Model) MustActivationMap(photo image.Image, layer string, filter int, scale float64) *heatmap.Map {
	return must(m.ActivationMap(photo, layer, filter, scale))
}

// inProportion is the size of a photograph in its own proportions whose shorter side is that of the network's own size,
// scaled.
func inProportion(photo, own image.Point, scale float64) image.Point {
	const longest = 8 // times the shorter side
	side := float64(min(own.X, own.Y)) * scale
	long := math.Round(side * min(float64(max(photo.X, photo.Y))/float64(min(photo.X, photo.Y)), longest))
	short := max(int(math.Round(side)), 1)
	if photo.X < photo.Y {
		return image.Pt(short, max(int(long), 1))
	}
	return image.Pt(max(int(long), 1), short)
}

// exampleTarget is what photographs are shown to.
func (m *Model) exampleTarget(layers []string) (example.Target, error) {
	height, width := m.OwnSize()
	target := example.Target{Height: height, Width: width, Channels: m.channels(), Sight: m.net.Sight}
	if len(layers) == 0 {
		return target, errors.New("no layer is named: name at least one")
	}
	var all []Layer
	for _, name := range layers {
		found, err := m.Find(name)
		if err != nil {
			return target, err
		}
		if shape, err := m.net.ShapeOf(name, height, width); err == nil && (len(shape) > 3 || len(shape) == 0) {
			return target, fmt.Errorf("%s gives values of the shape %v: choose a layer that gives [height, width, channels]",
				name, shape)
		}
		all = append(all, found)
		target.Layers = append(target.Layers,
			example.Layer{Name: found.Name, Filters: found.Filters, Silence: m.silence(found), Ceiling: m.ceiling(found)})
	}
	target.Batch = m.exampleBatch(all)
	target.CheckSize = func(height, width int) error {
		for _, l := range all {
			if err := l.CheckSize(height, width); err != nil {
				return err
			}
		}
		return nil
	}
	exec, err := m.exampleExec(target.Layers)
	if err != nil {
		return target, fmt.Errorf("looking at photographs: %w", err)
	}
	target.Run = func(pictures *tensors.Tensor) (outputs []*tensors.Tensor, err error) {
		err = guard(func() (err error) {
			outputs, err = exec.Call(pictures)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("looking at photographs: %w", err)
		}
		return outputs, nil
	}
	return target, nil
}

// silence is what a layer's filters give while nothing excites them.
func (m *Model) silence(l Layer) float32 {
	if clip, is := activationOf(m.net.Layers[l.index]).(layer.Clip); is && clip.Silent() {
		return float32(clip.Min)
	}
	return 0
}

// exampleBatch is how many pictures are computed at once: fewer where the memory is short.
func (m *Model) exampleBatch(layers []Layer) func(height, width, pictures int) (int, error) {
	return func(height, width, pictures int) (int, error) {
		batch, free := max(min(max(atOnce, m.picturesAtOnce()/2), pictures), 1), m.device.MemoryAvailable()
		one := exampleBytes(layers, height, width)
		if one > float64(free) {
			const mib = 1 << 20
			return 0, fmt.Errorf("photographs of %dx%d pixels need about %.0f MiB, but %d MiB are free: "+
				"choose a smaller scale, or fewer layers",
				height, width, one/mib, free/mib)
		}
		for float64(batch)*one > float64(free) {
			batch /= 2
		}
		return batch, nil
	}
}

// exampleBytes estimates the memory that one photograph takes on its way to some layers.
func exampleBytes(layers []Layer, height, width int) float64 {
	const working, kept = 16, 12 // bytes a value: as in heatmapBytes; the output, a copy on the host, and its deviations
	var most, own float64
	for _, l := range layers {
		last := 0.
		l.each(height, width, func(_ int, values float64) { most, last = max(most, values*working), values })
		own += last * kept
		if l.Filters <= example.MostAlike {
			own += float64(l.Filters) * float64(l.Filters) * kept
		}
	}
	return most + own
}

// exampleExec returns the graph that [example.Target.Run] runs, the same one each time.
func (m *Model) exampleExec(layers []example.Layer) (*model.Exec, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	key := "examples"
	for _, l := range layers {
		key += fmt.Sprintf(" %q", l.Name)
	}
	if known := m.responders[key]; known != nil {
		return known, nil
	}
	exec, err := model.NewExec(m.Backend, m.Store, func(scope *model.Scope, x *Node) []*Node {
		var outputs []*Node
		for i, output := range m.answers(scope, m.Preprocess(x), layers) {
			output = asMap(output)
			outputs = append(outputs, output)
			if ceiling := float64(layers[i].Ceiling); !math.IsInf(ceiling, 1) {
				output = MinScalar(output, ceiling)
			}
			outputs = append(outputs, covariances(output, layers[i].Filters <= example.MostAlike)...)
		}
		return outputs
	})
	if err != nil {
		return nil, err
	}
	m.responders[key] = exec
	return exec, nil
}

// ceiling is the most that a layer's filters can give, infinity where that has no end.
func (m *Model) ceiling(l Layer) float32 {
	switch a := activationOf(m.net.Layers[l.index]).(type) {
	case layer.ReLU:
		if a.Max != 0 {
			return float32(a.Max)
		}
	case layer.Clip:
		return float32(a.Max)
	}
	return float32(math.Inf(1))
}

// answers builds the layers' outputs, without ceilings. Where one has a ceiling, all that have an activation are built up
// to that, so that nothing is built twice.
func (m *Model) answers(scope *model.Scope, x *Node, layers []example.Layer) []*Node {
	open := false
	for _, l := range layers {
		open = open || !math.IsInf(float64(l.Ceiling), 1)
	}
	var walks [2][]string // as they are, and up to their activations
	into := make([]int, len(layers))
	for i, l := range layers {
		if open && activationOf(m.net.Layers[m.at[l.Name]]) != nil {
			into[i] = 1
		}
		walks[into[i]] = append(walks[into[i]], l.Name)
	}
	var built [2][]*Node
	for k, names := range walks {
		if len(names) > 0 {
			built[k] = m.outputs(scope, x, layer.Walk{Before: k == 1}, names)
		}
	}
	outputs := make([]*Node, len(layers))
	for i, l := range layers {
		k := into[i]
		outputs[i], built[k] = built[k][0], built[k][1:]
		if k == 1 {
			activation, _ := withoutCeiling(activationOf(m.net.Layers[m.at[l.Name]]))
			outputs[i] = activation.Apply(outputs[i])
		}
	}
	return outputs
}

// covariances are the means of a map [n, rows, columns, filters] over its positions, [n, filters], and the sums of the
// products of what differs from them, [n, filters, filters]; nothing of either if they are not wanted.
func covariances(x *Node, wanted bool) []*Node {
	n, filters := x.Shape().Dim(0), x.Shape().Dim(3)
	if !wanted {
		none := Zeros(x.Graph(), x.Shape())
		none = Slice(Reshape(none, n, -1), AxisRange(), AxisRange(0, 1)) // [n, 1]
		return []*Node{none, none}
	}
	x = Reshape(x, n, -1, filters) // [n, positions, filters]
	means := ReduceMean(x, 1)      // [n, filters]
	x = Sub(x, ExpandAxes(means, 1))
	return []*Node{means, Einsum("npi,npj->nij", x, x)}
}
