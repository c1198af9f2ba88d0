// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package ascent

import (
	"context"
	"fmt"
	"image"
	"math"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"convscope/pkg/picture"
)

// Score says in numbers how good a picture is.
type Score struct {
	// Activation is the objective for the finished picture: the filter's mean activation.
	Activation float64 `json:"activation"`
	// Peak is the filter's largest activation at any place; 0 for objectives.
	Peak float64 `json:"peak"`
	// Beaten is the share, 0 to 1, of the photographs that the filter answers to less than to the picture; -1 without
	// photographs, and for objectives.
	Beaten float64 `json:"beaten"`
	// Robust is the objective after the picture was shifted by up to 8 pixels and blurred by a Gaussian of 1 pixel,
	// the mean of 8 tries. A pattern made of single pixels loses most of its activation.
	Robust float64 `json:"robust"`
	// HighFrequency is the share, 0 to 1, of the shown picture's contrast in waves shorter than four pixels.
	HighFrequency float64 `json:"highFrequency"`
	// TotalVariation is the mean difference of the shown picture's neighbours, down and right, in parts of the whole
	// range.
	TotalVariation float64 `json:"totalVariation"`
	// Seconds is what one picture of the run took to climb, on average.
	Seconds float64 `json:"seconds"`
}

// Kept is which part of the activation shifting and blurring leave.
func (s Score) Kept() float64 {
	if s.Activation == 0 {
		return 0
	}
	return s.Robust / s.Activation
}

// tries is how often a picture is shifted and blurred.
const tries = 8

// shaking is what a robust picture stands.
func shaking() []Transform { return []Transform{Jitter(8), Blur(1, 1)} }

// Rate scores each picture of a result, fed to the model as its method does. With photographs it also says where the
// activations stand among those of the photographs and their quarters, five pieces each.
func Rate(ctx context.Context, target Target, result *Result, photos ...image.Image) ([]Score, error) {
	images, err := result.Images()
	if err != nil {
		return nil, err
	}
	m := Method{Photographic: result.Options.Method.Photographic, Border: result.Options.Method.Border,
		Transforms: shaking()}
	o := result.Options
	count := m.draws(o.Height, o.Width)
	climber := target.Climber
	climber.mu.Lock()
	defer climber.mu.Unlock()
	exec, err := model.NewExec(climber.backend, climber.store, climber.source.rate(m))
	if err != nil {
		return nil, fmt.Errorf("preparing the scores: %w", err)
	}
	values, err := tensors.CopyFlatData[float32](result.Pictures)
	if err != nil {
		return nil, fmt.Errorf("reading the pictures: %w", err)
	}
	channels := target.channels()
	size := o.Height * o.Width * channels
	scores := make([]Score, len(images))
	for i := range scores {
		if err := context.Cause(ctx); err != nil {
			return nil, err
		}
		draws := make([]float32, tries*count)
		for k := range tries {
			drawsOf(draws[k*count:(k+1)*count], BookSeed, 0, k) // the same for all pictures
		}
		err := guard(func() error {
			outputs, err := exec.Call(
				tensors.FromFlatDataAndDimensions(values[i*size:(i+1)*size], 1, o.Height, o.Width, channels),
				tensors.FromFlatDataAndDimensions([]int32{int32(result.Filters[i])}, 1),
				tensors.FromFlatDataAndDimensions(draws, tries, count))
			if err != nil {
				return err
			}
			losses, err := tensors.CopyFlatData[float32](outputs[0])
			if err != nil {
				return err
			}
			scores[i].Activation = float64(losses[0])
			for _, loss := range losses[1:] {
				scores[i].Robust += float64(loss) / tries
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("scoring %s filter %d: %w", result.Layer, result.Filters[i], err)
		}
		scores[i].HighFrequency, scores[i].TotalVariation = roughness(images[i])
		scores[i].Seconds = result.Time.Ascent.Seconds() / float64(len(scores))
		scores[i].Beaten = -1
	}
	if target.Responses == nil {
		return scores, nil
	}
	return scores, standing(target, result, photos, scores)
}

// standing adds the peaks, and the places among photographs.
func standing(target Target, result *Result, photos []image.Image, scores []Score) error {
	_, peaks, err := target.Responses(result.Pictures, result.Options.Method.Photographic)
	if err != nil {
		return err
	}
	for i, filter := range result.Filters {
		scores[i].Peak = float64(peaks[i][filter])
	}
	if len(photos) == 0 {
		return nil
	}
	var means [][]float32
	for _, photo := range photos { // one at a time: together they could fill the memory
		own, _, err := target.Responses(Pieces(result.Options.Height, result.Options.Width,
			target.channels(), photo), true)
		if err != nil {
			return err
		}
		means = append(means, own...)
	}
	for i, filter := range result.Filters {
		scores[i].Beaten = Beaten(scores[i].Activation, filter, means)
	}
	return nil
}

// Beaten is the share, 0 to 1, of photographs to which a filter answers less than that activation, where means are all
// filters' mean activations on each, [photographs][filters]; -1 if there are none.
func Beaten(activation float64, filter int, means [][]float32) float64 {
	if len(means) == 0 {
		return -1
	}
	beaten := 0
	for _, mean := range means {
		if activation > float64(mean[filter]) {
			beaten++
		}
	}
	return float64(beaten) / float64(len(means))
}

// Pieces are photographs to compare with: each and its four quarters, scaled to height x width pixels, float32
// [5*photos, height, width, channels] in gray levels, see [picture.TensorOf].
func Pieces(height, width, channels int, photos ...image.Image) *tensors.Tensor {
	var values []float32
	for _, photo := range photos {
		for _, piece := range picture.Quarters(photo) {
			values = append(values, tensors.MustCopyFlatData[float32](picture.TensorOf(piece,
				height, width, channels))...)
		}
	}
	return tensors.FromFlatDataAndDimensions(values, len(values)/(height*width*channels), height, width, channels)
}

// MustRate is [Rate] for notebook cells: errors panic.
func MustRate(target Target, result *Result, photos ...image.Image) []Score {
	scores, err := Rate(context.Background(), target, result, photos...)
	if err != nil {
		panic(err)
	}
	return scores
}

// rate is a graph that takes a picture [1, height, width, 3], its filter [1] and draws [tries, n] to the loss as it is
// and after each try: [1+tries].
func (s Source) rate(m Method) func(scope *model.Scope, picture, filter, draws *Node) *Node {
	return func(scope *model.Scope, picture, filter, draws *Node) *Node {
		loss := func(x *Node) *Node {
			x = s.feed(x, m.Photographic)
			each := BroadcastToDims(filter, x.Shape().Dim(0))
			return s.Loss(How{Border: m.Border})(scope, x, each)
		}
		shaken := BroadcastToDims(picture, append([]int{tries}, picture.Shape().Dimensions[1:]...)...)
		return Concatenate([]*Node{loss(picture), loss(m.transform(shaken, draws, nil))}, 0) // [1+tries]
	}
}

// roughness returns a picture's share of high frequencies and its total variation.
func roughness(img image.Image) (high, variation float64) {
	bounds := img.Bounds()
	height, width := bounds.Dy(), bounds.Dx()
	values := make([]float32, 0, height*width*3)
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			r, g, b, _ := img.At(x, y).RGBA()
			values = append(values, float32(r)/0xffff, float32(g)/0xffff, float32(b)/0xffff)
		}
	}
	for y := range height {
		for x := range width {
			for c := range 3 {
				at := (y*width+x)*3 + c
				if x+1 < width {
					variation += math.Abs(float64(values[at+3] - values[at]))
				}
				if y+1 < height {
					variation += math.Abs(float64(values[at+3*width] - values[at]))
				}
			}
		}
	}
	variation /= float64(len(values))
	real, imaginary := realFFT(values, height, width, 3)
	total, half := 0.0, width/2+1
	for u, row := range frequencies(height, width) {
		for k, frequency := range row {
			if u == 0 && k == 0 {
				continue
			}
			weight := 2. // a real spectrum holds most waves once, for two
			if k == 0 || 2*k == width {
				weight = 1
			}
			for c := range 3 {
				at := (c*height+u)*half + k
				power := weight * (real[at]*real[at] + imaginary[at]*imaginary[at])
				total += power
				if frequency > 0.25 {
					high += power
				}
			}
		}
	}
	if total > 0 {
		high /= total
	}
	return high, variation
}
