// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package heatmap

import (
	"context"
	"errors"
	"fmt"
	"image"
	"math"
	"os"
	"os/signal"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"convscope/pkg/picture"
)

// ErrNotFinite is returned, wrapped, when the model's scores or the map are not numbers.
var ErrNotFinite = errors.New("the scores or the map are not finite numbers: check the weights")

// Explain says where in the photo the model sees a class. All of the photo is looked at, scaled to the size that
// [Options] say; [Map.Photo] is what the model saw.
//
// The first call for a size compiles; other classes and methods use the same program. When ctx ends, it returns ctx's
// cause.
func Explain(ctx context.Context, target *Target, photo image.Image, options Options) (*Map, error) {
	maps, err := ExplainEach(ctx, target, []image.Image{photo}, nil, options)
	if err != nil {
		return nil, err
	}
	return maps[0], nil
}

// MustExplain is [Explain] for notebook cells: an interrupt, such as the notebook's Stop button, and errors panic.
func MustExplain(target *Target, photo image.Image, options Options) *Map {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	found, err := Explain(ctx, target, photo, options)
	if err != nil {
		panic(err)
	}
	return found
}

// ExplainEach is [Explain] for many photos, several at once: one map each, in their order. classes holds a name or
// number for each photo; nil means [Options.Class] for all. Photos that are scaled to one size share batches.
func ExplainEach(ctx context.Context, target *Target, photos []image.Image, classes []string,
	options Options) ([]*Map, error) {
	if (target.Levels != Levels{}) {
		return nil, fmt.Errorf("the model takes preprocessed pictures, not photos: use ExplainTensor")
	}
	if err := target.checkMemory(options, photos); err != nil {
		return nil, err
	}
	inputs := make([]input, len(photos))
	for i, photo := range photos {
		o, err := target.settle(options, photo.Bounds())
		if err != nil {
			return nil, err
		}
		seen := picture.Scale(photo, photo.Bounds(), o.Height, o.Width)
		inputs[i] = input{photo: seen, values: tensors.MustCopyFlatData[float32](picture.TensorOf(seen, o.Height,
			o.Width, target.channels())), height: o.Height, width: o.Width}
	}
	return target.explain(ctx, inputs, classes, options)
}

// checkMemory refuses more photos than the memory holds in the size that the model sees them in.
func (t *Target) checkMemory(options Options, photos []image.Image) error {
	if t.Memory == nil || len(photos) < 2 {
		return nil // one is checked with its batch
	}
	const bytes, mib = 4 + 3*4, 1 << 20 // a pixel: what is shown, and what goes into the model
	need := 0.0
	for _, photo := range photos {
		o, err := t.settle(options, photo.Bounds())
		if err != nil {
			return err
		}
		need += bytes * float64(o.Height) * float64(o.Width)
	}
	if free := t.Memory(); need > float64(free) {
		return fmt.Errorf("%d photos in the heatmap's size need about %.0f MiB, but %d MiB are free: explain some "+
			"at a time, or choose a smaller size",
			len(photos), need/mib, free/mib)
	}
	return nil
}

// MustExplainEach is [ExplainEach] for notebook cells: an interrupt and errors panic.
func MustExplainEach(target *Target, photos []image.Image, classes []string, options Options) []*Map {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	maps, err := ExplainEach(ctx, target, photos, classes, options)
	if err != nil {
		panic(err)
	}
	return maps
}

// ExplainTensor is [ExplainEach] for pictures that are numbers already, float32 [n, height, width, channels] as
// [Target.Levels] says. They pass [Target.CheckInput] first. Options.Height and Width are not used.
func ExplainTensor(ctx context.Context, target *Target, pictures *tensors.Tensor, classes []string,
	options Options) ([]*Map, error) {
	if err := target.CheckInput(pictures); err != nil {
		return nil, err
	}
	height, width := pictures.Shape().Dim(1), pictures.Shape().Dim(2)
	if err := target.check(height, width); err != nil {
		return nil, err
	}
	values, size := tensors.MustCopyFlatData[float32](pictures), height*width*target.channels()
	inputs := make([]input, len(values)/size)
	for i := range inputs {
		part := values[i*size : (i+1)*size]
		inputs[i] = input{photo: target.Levels.shown(part, height, width, target.channels()), values: part,
			height: height, width: width}
	}
	return target.explain(ctx, inputs, classes, options)
}

// input is one picture on its way to the model.
type input struct {
	photo         *image.NRGBA
	values        []float32 // [height, width, channels]
	height, width int
	class         int32 // negative for the most probable
}

// explain computes the maps of all inputs, in batches of one size each.
func (t *Target) explain(ctx context.Context, inputs []input, classes []string, o Options) ([]*Map, error) {
	if err := t.classify(inputs, classes, o.Class); err != nil {
		return nil, err
	}
	method, err := o.Method.index()
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	type size struct{ height, width int }
	groups := make(map[size][]int)
	var order []size
	for i, in := range inputs {
		key := size{in.height, in.width}
		if groups[key] == nil {
			order = append(order, key)
		}
		groups[key] = append(groups[key], i)
	}
	maps := make([]*Map, len(inputs))
	for _, key := range order {
		group := groups[key]
		batch, err := t.batch(len(group), o.Batch, key.height, key.width)
		if err != nil {
			return nil, err
		}
		exec, err := t.program(programKey{batch, key.height, key.width, o.Softmax})
		if err != nil {
			return nil, err
		}
		for len(group) > 0 {
			if err := context.Cause(ctx); err != nil {
				return nil, err
			}
			n := min(batch, len(group))
			if err := t.pass(exec, batch, inputs, group[:n], maps, methods[method].Method, o.Softmax); err != nil {
				return nil, err
			}
			group = group[n:]
		}
	}
	return maps, nil
}

// classify writes each input's class.
func (t *Target) classify(inputs []input, classes []string, class string) error {
	if classes != nil && len(classes) != len(inputs) {
		return fmt.Errorf("%d classes for %d photos: give one each, or none", len(classes), len(inputs))
	}
	for i := range inputs {
		if classes != nil {
			class = classes[i]
		}
		inputs[i].class = -1
		if class == "" {
			continue
		}
		index, err := t.Class(class)
		if err != nil {
			return err
		}
		inputs[i].class = int32(index)
	}
	return nil
}

// batch is how many of so many photos are computed together: at most as many as asked for and as fit the memory, and
// no batch much emptier than the others.
func (t *Target) batch(photos, most, height, width int) (int, error) {
	if most <= 0 {
		most = defaultBatch
	}
	if t.PictureBytes != nil && t.Memory != nil {
		const mib = 1 << 20
		one, free := t.PictureBytes(height, width), t.Memory()
		if one > free {
			return 0, fmt.Errorf("a heatmap of %dx%d pixels needs about %d MiB, but %d MiB are free: choose a "+
				"smaller size", height, width, one/mib+1, free/mib)
		}
		most = int(min(int64(most), free/max(one, 1)))
	}
	rounds := (photos + most - 1) / most
	return (photos + rounds - 1) / rounds, nil
}

// pass computes one batch. A batch that is not full is filled up with its first picture, so that it needs no program
// of its own.
func (t *Target) pass(exec *model.Exec, batch int, inputs []input, indices []int, maps []*Map,
	method Method, softmax bool) error {
	first := inputs[indices[0]]
	pictures, classes := make([]float32, 0, batch*len(first.values)), make([]int32, 0, batch)
	for i := range batch {
		in := first
		if i < len(indices) {
			in = inputs[indices[i]]
		}
		pictures, classes = append(pictures, in.values...), append(classes, in.class)
	}
	return guard(func() error {
		outputs, err := exec.Call(
			tensors.FromFlatDataAndDimensions(pictures, batch, first.height, first.width, t.channels()),
			tensors.FromFlatDataAndDimensions(classes, batch))
		if err != nil {
			return fmt.Errorf("computing the heatmap of %s: %w", t.Layer, err)
		}
		logits, explained := tensors.MustCopyFlatData[float32](outputs[0]), tensors.MustCopyFlatData[int32](outputs[1])
		all, shares := tensors.MustCopyFlatData[float32](outputs[2]), tensors.MustCopyFlatData[float32](outputs[3])
		if !finite(logits) || !finite(all) {
			return fmt.Errorf("%s: %w", t.Layer, ErrNotFinite)
		}
		rows, columns, channels := outputs[2].Shape().Dim(2), outputs[2].Shape().Dim(3), outputs[3].Shape().Dim(2)
		for i, at := range indices {
			n := len(methods)
			p := &pass{
				values: all[i*n*rows*columns : (i+1)*n*rows*columns],
				shares: shares[i*n*channels : (i+1)*n*channels],
			}
			m := &Map{
				Height: rows, Width: columns, Class: int(explained[i]), Name: t.Classes[explained[i]],
				Layer: t.Layer, Softmax: softmax, Logits: logits[i*len(t.Classes) : (i+1)*len(t.Classes)],
				Photo: inputs[at].photo, Stride: t.Stride, Field: t.ReceptiveField, pass: p,
			}
			m.Probabilities = t.probabilitiesOf(m.Logits)
			m.Score, m.Probability = float64(m.Logits[m.Class]), float64(m.Probabilities[m.Class])
			if maps[at], err = m.By(method); err != nil {
				return err
			}
		}
		return nil
	})
}

func finite(values []float32) bool {
	for _, v := range values {
		if f := float64(v); math.IsNaN(f) || math.IsInf(f, 0) {
			return false
		}
	}
	return true
}

// probabilitiesOf are the classes' probabilities, in float64 on the way.
func (t *Target) probabilitiesOf(logits []float32) []float32 {
	if !t.Apart {
		return softmaxOf(logits)
	}
	probabilities := make([]float32, len(logits))
	for i, v := range logits {
		probabilities[i] = float32(1 / (1 + math.Exp(-float64(v))))
	}
	return probabilities
}

// softmaxOf turns logits into probabilities that add up to one.
func softmaxOf(logits []float32) []float32 {
	most, total := math.Inf(-1), 0.0
	for _, v := range logits {
		most = max(most, float64(v))
	}
	probabilities := make([]float32, len(logits))
	for _, v := range logits {
		total += math.Exp(float64(v) - most)
	}
	for i, v := range logits {
		probabilities[i] = float32(math.Exp(float64(v)-most) / total)
	}
	return probabilities
}
