// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package vgg16_test

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/stretchr/testify/require"

	"convscope/internal/level"
	"convscope/pkg/device"
	"convscope/pkg/head"
	"convscope/pkg/heatmap"
	"convscope/pkg/layer"
	"convscope/pkg/sample"
	"convscope/vgg16"
)

// scene is a picture with smooth colours and hard edges.
func scene(width, height int, seed uint8) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			c := color.NRGBA{uint8(x*3) + seed, uint8(y*2) ^ seed, uint8(x * y / 40), 255}
			if (x/20+y/30+int(seed))%3 == 0 {
				c.R, c.B = 255-c.R, seed
			}
			img.SetNRGBA(x, y, c)
		}
	}
	return img
}

// trained is a head that tells two scenes apart by the model's features.
func trained(t testing.TB, net *vgg16.Model, size int) *head.Head {
	t.Helper()
	data := head.Data{Classes: []string{"bright", "dark", "other"}}
	var photos []image.Image
	for label := range data.Classes {
		crops, err := head.Crops(scene(150, 100, uint8(80*label)), 4, size, head.CropOptions{})
		require.NoError(t, err)
		photos, data.Labels = append(photos, crops...), append(data.Labels, slices.Repeat([]int{label}, len(crops))...)
	}
	var err error
	data.Features, err = net.Features(photos, size, size)
	require.NoError(t, err)
	h, err := head.Train(context.Background(), net.Backend, data, head.Options{Steps: 40})
	require.NoError(t, err)
	return h
}

// slopes are how much each channel's mean adds to each logit of a head, [channels][classes]: heads are linear.
func slopes(t testing.TB, net *vgg16.Model, h *head.Head) [][]float64 {
	t.Helper()
	probes := make([]float32, (h.Channels+1)*h.Channels)
	for c := range h.Channels {
		probes[(c+1)*h.Channels+c] = 1
	}
	out, err := CallOnce(net.Backend, h.Logits, tensors.FromFlatDataAndDimensions(probes, h.Channels+1, h.Channels))
	require.NoError(t, err)
	logits, classes := tensors.MustCopyFlatData[float32](out), len(h.Classes)
	all := make([][]float64, h.Channels)
	for c := range all {
		for k := range classes {
			all[c] = append(all[c], float64(logits[(c+1)*classes+k]-logits[k]))
		}
	}
	return all
}

// byHand computes the maps of block5_conv3 from its activations [h, w, channels], as float64 and without any gradient
// of GoMLX's: a head's logit is linear in the mean over the places of block5_pool, and each of these is the first
// largest of four.
func byHand(activations []float32, height, width int, slopes [][]float64, class int) map[heatmap.Method][]float64 {
	channels := len(slopes)
	value := func(y, x, c int) float64 { return float64(activations[(y*width+x)*channels+c]) }
	maps := make(map[heatmap.Method][]float64)
	for _, named := range heatmap.Methods() {
		maps[named.Method] = make([]float64, height*width)
	}
	gradient := make([]float64, height*width)
	for c := range channels {
		clear(gradient)
		each := slopes[c][class] / float64(height/2*(width/2))
		for y := 0; y+1 < height; y += 2 {
			for x := 0; x+1 < width; x += 2 {
				row, column := y, x
				for _, at := range [][2]int{{y, x + 1}, {y + 1, x}, {y + 1, x + 1}} {
					if value(at[0], at[1], c) > value(row, column, c) {
						row, column = at[0], at[1]
					}
				}
				gradient[row*width+column] = each
			}
		}
		mean, sum, plus := 0.0, 0.0, 0.0
		for at, g := range gradient {
			mean += g / float64(height*width)
			sum += float64(activations[at*channels+c])
		}
		for _, g := range gradient {
			if g > 0 {
				plus += g * g * g / (2*g*g + sum*g*g*g)
			}
		}
		for at, g := range gradient {
			a := float64(activations[at*channels+c])
			maps[heatmap.GradCAM][at] += mean * a
			maps[heatmap.HiResCAM][at] += g * a
			maps[heatmap.LayerCAM][at] += max(g, 0) * a
			maps[heatmap.GradCAMPlusPlus][at] += plus * a
		}
	}
	return maps
}

// likeByHand compares all methods and all classes with the computation by hand.
func likeByHand(t *testing.T, net *vgg16.Model, h *head.Head, width, height int) {
	t.Helper()
	target, err := net.Classifier("block5_conv3", h)
	require.NoError(t, err)
	linear := slopes(t, net, h)
	photo := scene(width, height, 33)
	for class, name := range h.Classes {
		m, err := heatmap.Explain(context.Background(), target, photo,
			heatmap.Options{Class: name, Height: height, Width: width})
		require.NoError(t, err)
		out, err := model.CallOnce(net.Backend, net.Store, func(scope *model.Scope, x *Node) *Node {
			return vgg16.Activation(scope, vgg16.Preprocess(x), "block5_conv3")
		}, values(photo))
		require.NoError(t, err)
		want := byHand(tensors.MustCopyFlatData[float32](out), m.Height, m.Width, linear, class)
		for method, values := range want {
			t.Run(fmt.Sprintf("%s %s", method, name), func(t *testing.T) {
				got, err := m.By(method)
				require.NoError(t, err)
				largest := 0.0
				for _, v := range values {
					largest = max(largest, math.Abs(v))
				}
				require.Positive(t, largest)
				for at, v := range values {
					require.InDelta(t, v, got.Values[at], 1e-3*largest)
				}
			})
		}
	}
}

// values are a picture's gray levels, [1, height, width, 3].
func values(img *image.NRGBA) *tensors.Tensor {
	var all []float32
	for p := 0; p < len(img.Pix); p += 4 {
		all = append(all, float32(img.Pix[p]), float32(img.Pix[p+1]), float32(img.Pix[p+2]))
	}
	return tensors.FromFlatDataAndDimensions(all, 1, img.Rect.Dy(), img.Rect.Dx(), 3)
}

func TestClassifier(t *testing.T) {
	net := tiny(t)
	h := trained(t, net, 32)
	likeByHand(t, net, h, 96, 64)

	t.Run("each layer", func(t *testing.T) {
		for _, l := range vgg16.Layers() {
			target := net.MustClassifier(l.Name, h)
			m := heatmap.MustExplain(target, scene(70, 33, 1), heatmap.Options{Height: 33, Width: 70, Method: heatmap.HiResCAM})
			height, width := l.OutputSize(33, 70)
			require.Equal(t, []int{height, width}, []int{m.Height, m.Width}, l.Name)
			require.Equal(t, m.Photo.Bounds(), m.Heat("jet").Bounds())
			require.False(t, m.ReceptiveField(0, 0).Empty())
			found, err := net.Find(l.Name)
			require.NoError(t, err)
			require.Len(t, m.Shares, found.Filters)
		}
	})
	t.Run("the score is the head's", func(t *testing.T) {
		photo := scene(96, 64, 5)
		features, err := net.Features([]image.Image{photo}, 64, 96)
		require.NoError(t, err)
		want, err := CallOnce(net.Backend, h.Logits, features)
		require.NoError(t, err)
		m := heatmap.MustExplain(net.MustClassifier("block3_conv2", h), photo, heatmap.Options{Height: 64, Width: 96})
		require.InDeltaSlice(t, tensors.MustCopyFlatData[float32](want), m.Logits, 1e-3)
	})
	t.Run("its own size", func(t *testing.T) {
		m := heatmap.MustExplain(net.MustClassifier("block5_conv3", h), scene(60, 40, 5), heatmap.Options{})
		require.Equal(t, image.Rect(0, 0, 352, 224), m.Photo.Bounds(), "multiples of 32")
	})
	t.Run("refused", func(t *testing.T) {
		_, err := net.Classifier("block6_conv1", h)
		require.ErrorAs(t, err, new(*layer.UnknownLayerError))
		_, err = net.Classifier("block5_conv3", nil)
		require.ErrorIs(t, err, vgg16.ErrNoTop)
		_, err = vgg16.Random(device.MustNew(device.Options{Kind: device.Go}), 32, 1).Classifier("block5_conv3", h)
		require.ErrorContains(t, err, "the head was trained on 32 channels, but block5_pool has 16")
		_, err = heatmap.Explain(context.Background(), net.MustClassifier("block1_conv1", h), scene(60, 40, 5),
			heatmap.Options{Height: 16, Width: 64})
		require.ErrorContains(t, err, "a picture of 16x64 pixels is too small for block5_pool")
		_, err = net.Features(nil, 64, 64)
		require.ErrorContains(t, err, "there are no photos")
		_, err = net.Features([]image.Image{scene(60, 40, 5)}, 16, 64)
		require.ErrorContains(t, err, "too small for block5_pool")
	})
	t.Run("top", func(t *testing.T) {
		dev := device.MustNew(device.Options{Kind: device.Go})
		defer dev.Close()
		m := heatmap.MustExplain(vgg16.RandomTop(dev, 32, 10, 3).MustClassifier("block5_conv3", nil),
			scene(60, 40, 5), heatmap.Options{})
		require.Equal(t, image.Rect(0, 0, 224, 224), m.Photo.Bounds())
		require.Len(t, m.Probabilities, 10)
		require.Equal(t, slices.Max(m.Logits), m.Logits[m.Class])
	})
}

// TestFeatures gives the same whatever else is in the batch.
func TestFeatures(t *testing.T) {
	net := tiny(t)
	var photos []image.Image
	for i := range 9 {
		photos = append(photos, scene(64, 32, uint8(20*i)))
	}
	all, err := net.Features(photos, 32, 64)
	require.NoError(t, err)
	require.Equal(t, []int{9, 1, 2, 32}, all.Shape().Dimensions)
	last, err := net.Features(photos[8:], 32, 64)
	require.NoError(t, err)
	require.InDeltaSlice(t, tensors.MustCopyFlatData[float32](last), tensors.MustCopyFlatData[float32](all)[8*64:], 1e-3)
}

// TestPointingGame trains a head on crops of four photographs, and asks in collages of two of them where one is: with
// other crops of the whole photographs, and with crops of their parts that training has not seen, on which the head
// itself errs at times.
func TestPointingGame(t *testing.T) {
	level.OnlyFull(t, "explains 280 collages")
	net := real(t)
	names, classes := []string{"chelsea", "coffee", "rocket", "astronaut"},
		[]string{"cat", "coffee", "rocket", "astronaut"}
	const size, training, heldOut = 96, 40, 20
	cut := func(count int, o head.CropOptions) (crops []image.Image, labels []int) {
		for label, name := range names {
			photo, err := sample.Open(context.Background(), name)
			require.NoError(t, err)
			crops = append(crops, head.MustCrops(photo, count, size, o)...)
			labels = append(labels, slices.Repeat([]int{label}, count)...)
		}
		return crops, labels
	}
	seen, learned := cut(training, head.CropOptions{Part: head.First})
	unseen, asked := cut(heldOut, head.CropOptions{Part: head.Second})
	h := head.MustTrain(net.Backend, head.Data{Features: net.MustFeatures(seen, size, size), Labels: learned,
		Classes: classes}, head.Options{})
	accuracy, err := h.Accuracy(head.Data{Features: net.MustFeatures(unseen, size, size),
		Labels: asked, Classes: classes})
	require.NoError(t, err)
	t.Logf("accuracy on %d crops of unseen parts: %.1f %%", len(unseen), 100*accuracy)
	require.GreaterOrEqual(t, accuracy, 0.8)
	likeByHand(t, net, h, 128, 96)

	target := net.MustClassifier("block5_conv3", h)
	for _, game := range []struct {
		name  string
		games int
		crops head.CropOptions
		least float64 // per cent for Grad-CAM
	}{
		{"other crops", 200, head.CropOptions{Seed: 7, Low: 0.7, High: 1}, 95},
		{"unseen parts", 80, head.CropOptions{Part: head.Second, Low: 0.8, High: 1}, 85},
	} {
		t.Run(game.name, func(t *testing.T) {
			crops, _ := cut(heldOut, game.crops)
			random := rand.New(rand.NewPCG(5, 5))
			var collages []*head.Collage
			var pictures []image.Image
			var wanted []string
			for seed := range uint64(game.games) {
				first := random.IntN(len(classes))
				second := (first + 1 + random.IntN(len(classes)-1)) % len(classes)
				c := head.MustCollage(crops[first*heldOut+random.IntN(heldOut)],
					crops[second*heldOut+random.IntN(heldOut)], 112, seed)
				collages, pictures, wanted = append(collages, c), append(pictures, c.Picture), append(wanted, classes[first])
			}
			maps := heatmap.MustExplainEach(target, pictures, wanted, heatmap.Options{Height: 112, Width: 224})
			for _, named := range heatmap.Methods() {
				half, inside := 0, 0
				for i, m := range maps {
					peak := m.MustBy(named.Method).PeakPixel()
					if peak.In(collages[i].FirstHalf) {
						half++
					}
					if peak.In(collages[i].First) {
						inside++
					}
				}
				share := 100 * float64(half) / float64(len(maps))
				t.Logf("%-10s right half %5.1f %%, on the photo itself %5.1f %%",
					named.Method, share, 100*float64(inside)/float64(len(maps)))
				require.Greater(t, share, 70., "guessing gives 50")
				if named.Method == heatmap.GradCAM {
					require.GreaterOrEqual(t, share, game.least)
				}
			}
		})
	}
}
