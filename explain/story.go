// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package explain

import (
	"cmp"
	"context"
	"fmt"
	"image"
	"math"
	"os"
	"os/signal"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"

	"convscope/pkg/activation"
	"convscope/pkg/ascent"
	"convscope/pkg/head"
	"convscope/pkg/heatmap"
	"convscope/pkg/network"
	"convscope/pkg/picture"
)

// Options of a story. The zero value tells of four channels of the last layer and the most probable class, by Grad-CAM
// and crisp.
type Options struct {
	// Layer is one that has places; "" means the last of them, of VGG16 block5_conv3.
	Layer string
	// Class is the name or the number of the class to explain; "" means the most probable.
	Class string
	// Channels is of how many channels to tell, at most of all that the layer has; 0 means 4.
	Channels int
	// ByShare chooses the channels that add most to the heatmap, or take most away, instead of those that answer most.
	ByShare bool
	// Heatmap is how the heatmap is made; "" means Grad-CAM.
	Heatmap heatmap.Method
	// Method is how the patterns are made, as [ascent.ParseMethod] reads it; "" means crisp.
	Method string
	// Ascent are the patterns' other knobs; their size is 112 pixels if it is not given.
	Ascent ascent.Options
}

// PatternSize is how large patterns are by default, in pixels.
const PatternSize = 112

// Channel is one channel's part in the story.
type Channel struct {
	// Filter is its index in the layer.
	Filter int
	// Mean and Peak are its activation, on average over the photo and at the place that answers most.
	Mean, Peak float32
	// Activation is where in the photo it answers, a pixel for each place (viridis).
	Activation image.Image
	// Pattern is what excites it most, Fate how that was found.
	Pattern image.Image
	Fate    ascent.Fate
	// Share is its signed part of all that the channels add to the heatmap and take away from it, -1 to 1.
	Share float64
}

// Story is what a layer says of a photo.
type Story struct {
	// Heatmap is that of the class; Heatmap.Photo is the photo as the network saw it.
	Heatmap *heatmap.Map
	// Channels are the loudest ones, the first most so.
	Channels []Channel
	// Stopped says that the patterns were not finished.
	Stopped bool
}

// Tell looks at a photo with the network and a classifier on top of it: a head that was trained on its features, or
// nil for the network's own top.
//
// Errors are those of [network.Model.Classifier], [heatmap.Explain] and [ascent.Run]. When ctx ends while the patterns
// climb, Tell returns what there is.
func Tell(ctx context.Context, net *network.Model, classifier *head.Head, photo image.Image,
	o Options) (*Story, error) {
	var err error
	if o.Layer == "" {
		if o.Layer, err = usualLayer(net); err != nil {
			return nil, err
		}
	}
	if o.Channels == 0 {
		o.Channels = 4
	}
	if o.Channels < 1 {
		return nil, fmt.Errorf("channels %d: tell of at least 1", o.Channels)
	}
	if o.Ascent.Size == 0 && o.Ascent.Height == 0 {
		o.Ascent.Size = PatternSize
	}
	method, err := ascent.ParseMethod(cmp.Or(o.Method, "crisp"))
	if err != nil {
		return nil, err
	}
	o.Ascent.Method = method
	target, err := net.Classifier(o.Layer, classifier)
	if err != nil {
		return nil, err
	}
	found, err := heatmap.Explain(ctx, target, photo, heatmap.Options{Method: o.Heatmap, Class: o.Class})
	if err != nil {
		return nil, err
	}
	seen := found.Photo.Bounds()
	outputs, err := net.PhotoActivations(net.PhotoTensor(found.Photo, seen.Dy(), seen.Dx()), o.Layer)
	if err != nil {
		return nil, err
	}
	story := &Story{Heatmap: found}
	if err := story.choose(outputs[0], o); err != nil {
		return nil, err
	}
	return story, story.grow(ctx, net, o)
}

// usualLayer is the layer for those who name none.
func usualLayer(net *network.Model) (string, error) {
	if found, err := net.Find("block5_conv3"); err == nil {
		return found.Name, nil
	}
	last, err := net.FeatureLayer()
	return last.Name, err
}

// MustTell is [Tell] for notebook cells: an interrupt, such as the notebook's Stop button, ends it early with what
// there is, and errors panic.
func MustTell(net *network.Model, classifier *head.Head, photo image.Image, o Options) *Story {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	story, err := Tell(ctx, net, classifier, photo, o)
	if err != nil {
		panic(err)
	}
	return story
}

// choose finds the channels to tell of, in a layer's output [1, h, w, channels].
func (s *Story) choose(output *tensors.Tensor, o Options) error {
	all := 0.0
	for _, share := range s.Heatmap.Shares {
		all += math.Abs(float64(share))
	}
	var chosen []int
	if o.ByShare {
		chosen = loudest(s.Heatmap.Shares)
		chosen = chosen[:min(o.Channels, len(chosen))]
	} else {
		chosen = activation.Strongest(output, o.Channels)
	}
	for _, filter := range chosen {
		img, err := activation.Channel(output, filter, picture.Viridis)
		if err != nil {
			return err
		}
		channel := Channel{Filter: filter, Activation: img}
		channel.Mean, channel.Peak = response(output, filter)
		if all > 0 {
			channel.Share = float64(s.Heatmap.Shares[filter]) / all
		}
		s.Channels = append(s.Channels, channel)
	}
	return nil
}

// loudest orders channels by the size of their shares.
func loudest(shares []float32) []int {
	order := make([]int, len(shares))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Compare(math.Abs(float64(shares[b])), math.Abs(float64(shares[a])))
	})
	return order
}

// response is a channel's mean and largest activation.
func response(output *tensors.Tensor, channel int) (mean, peak float32) {
	values, channels := tensors.MustCopyFlatData[float32](output), output.Shape().Dim(-1)
	for i := channel; i < len(values); i += channels {
		mean += values[i] / float32(len(values)/channels)
		peak = max(peak, values[i])
	}
	return mean, peak
}

// grow makes the channels' patterns.
func (s *Story) grow(ctx context.Context, net *network.Model, o Options) error {
	filters := make([]int, len(s.Channels))
	for i, channel := range s.Channels {
		filters[i] = channel.Filter
	}
	target, err := net.Channels(o.Layer, filters...)
	if err != nil {
		return err
	}
	result, err := ascent.Run(ctx, target, o.Ascent)
	if err != nil {
		return err
	}
	patterns, err := result.Images()
	if err != nil {
		return err
	}
	for i := range s.Channels {
		s.Channels[i].Pattern, s.Channels[i].Fate = patterns[i], result.Fates[i]
	}
	s.Stopped = result.Stopped
	return nil
}
