// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package network_test

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/stretchr/testify/require"

	"convscope/pkg/ascent"
	"convscope/pkg/device"
	"convscope/pkg/heatmap"
	"convscope/pkg/layer"
	"convscope/pkg/network"
	"convscope/pkg/recipe"
)

// random are weights of those shapes.
func random(source *rand.Rand, shapes map[string][]int) map[string]layer.Weight {
	all := make(map[string]layer.Weight)
	for _, role := range slices.Sorted(func(yield func(string) bool) {
		for role := range shapes {
			if !yield(role) {
				return
			}
		}
	}) {
		shape, n := shapes[role], 1
		for _, dim := range shape {
			n *= dim
		}
		values := make([]float32, n)
		for i := range values {
			values[i] = float32(source.NormFloat64()) / 2
		}
		all[role] = layer.Weight{Shape: shape, Read: func() (*tensors.Tensor, error) {
			return tensors.FromFlatDataAndDimensions(values, shape...), nil
		}}
	}
	return all
}

// odd is a network as other people have them: a skip, no ReLU on the way, names with everything in them, a classifier
// with its softmax, pictures of that many channels from 0 to 1.
func odd(channels int, seed uint64) *layer.Network {
	source := rand.New(rand.NewPCG(seed, 9))
	in := layer.Input{Channels: channels, Height: 16, Width: 20, Deviation: []float64{255}, Source: "given"}
	square := [2]int{3, 3}
	conv := func(in, filters int, padding layer.Padding) (layer.Conv, map[string]layer.Weight) {
		return layer.Conv{Filters: filters, Kernel: square, Padding: padding},
			random(source, map[string][]int{"kernel": {3, 3, in, filters}, "bias": {filters}})
	}
	net := &layer.Network{Name: "odd", Input: in, Output: "who", Logits: "who", Classes: []string{"cat", "dog", "owl"}}
	add := func(l layer.Layer, inputs ...string) {
		l.Inputs = inputs
		net.Layers = append(net.Layers, l)
	}
	op, w := conv(channels, 4, layer.Padding{Same: true})
	add(layer.Layer{Name: "stem/conv:1", Aliases: []string{"stem"}, Class: "Conv", Op: op, Weights: w,
		Activation: layer.SiLU}, layer.Picture)
	op, w = conv(4, 4, layer.Padding{Same: true})
	add(layer.Layer{Name: "inner conv", Class: "Conv", Op: op, Weights: w, Activation: layer.ReLU{}}, "stem/conv:1")
	add(layer.Layer{Name: "sum", Class: "Add", Op: layer.Arithmetic{Operation: layer.Add}}, "stem/conv:1", "inner conv")
	add(layer.Layer{Name: "pool", Class: "MaxPool", Op: layer.MaxPool{Size: [2]int{2, 2}}}, "sum")
	op, w = conv(4, 5, layer.Padding{})
	add(layer.Layer{Name: "last", Class: "Conv", Op: op, Weights: w, Activation: layer.ReLU{Max: 6}}, "pool")
	add(layer.Layer{Name: "flat", Class: "Flatten", Op: layer.Flatten{}}, "last")
	add(layer.Layer{Name: "who", Class: "Dense", Op: layer.Dense{Units: 3}, Weights: random(source,
		map[string][]int{"kernel": {6 * 8 * 5, 3}, "bias": {3}}), Activation: layer.Softmax}, "flat")
	return net
}

func open(t testing.TB, net *layer.Network, file string) *network.Model {
	t.Helper()
	dev, err := device.New(device.Options{Kind: device.Go})
	require.NoError(t, err)
	t.Cleanup(dev.Close)
	m, err := network.New(dev, net, network.Origin{File: file})
	require.NoError(t, err)
	return m
}

func TestTable(t *testing.T) {
	table := network.NewTable(odd(3, 1))
	for name, want := range map[string]network.Layer{
		"stem":       {Name: "stem/conv:1", Kind: "Conv", In: 3, Filters: 4, Kernels: true, Stride: 1},
		"inner conv": {Name: "inner conv", Kind: "Conv", In: 4, Filters: 4, Kernels: true, Stride: 1, Silent: true},
		"sum":        {Name: "sum", Kind: "Add", In: 4, Filters: 4, Stride: 1},
		"last":       {Name: "last", Kind: "Conv", In: 4, Filters: 5, Kernels: true, Stride: 2, Silent: true},
	} {
		got, err := table.Find(name)
		require.NoError(t, err)
		require.Equal(t, []any{want.Name, want.Kind, want.In, want.Filters, want.Kernels, want.Stride, want.Silent},
			[]any{got.Name, got.Kind, got.In, got.Filters, got.Kernels, got.Stride, got.Silent})
	}
	last, err := table.FeatureLayer()
	require.NoError(t, err)
	require.Equal(t, "last", last.Name)
	require.Equal(t, 10, last.ReceptiveField(), "3 and 3 more of the convolutions, 2 of the pool, and 3 steps of 2")
	header, rows := table.Summary(16, 20)
	require.Len(t, rows, 8)
	require.Equal(t, []string{"last", "Conv", "6 x 8 x 5", "5", "185", "10 x 10"}, rows[4])
	require.Len(t, header, 6)
	_, err = table.Find("lost")
	require.ErrorAs(t, err, new(*layer.UnknownLayerError))
	require.ErrorContains(t, err, "did you mean last?")
	who, err := table.Find("who")
	require.NoError(t, err)
	require.Error(t, who.CheckSize(32, 32), "its weights are for one size")
	require.NoError(t, last.CheckSize(32, 32), "up to there, any goes")
}

// TestClimbs makes patterns of every layer, of gray, coloured and other pictures, by several methods: they rise, and
// their recipes make them again, in another model of the same network.
func TestClimbs(t *testing.T) {
	for _, channels := range []int{1, 2, 3, 5} {
		net := odd(channels, 1)
		m, other := open(t, net, "odd.onnx"), open(t, odd(channels, 1), "odd.onnx")
		for _, method := range []string{"book", "crisp,steps=4",
			"book,octaves=2,color=gray,image=pixels:0.01,optimizer=adam,step=0.01", "maco,steps=3"} {
			for _, name := range []string{"stem/conv:1", "sum", "last", "who"} {
				if method != "book" && name != "sum" || channels != 1 && strings.HasPrefix(method, "maco") {
					continue // one layer is enough, and no other size fits who
				}
				t.Run(fmt.Sprintf("%d channels, %s, %s", channels, name, method), func(t *testing.T) {
					target, err := m.Channels(name, 0, 2)
					require.NoError(t, err)
					o := ascent.Options{Method: ascent.MustMethod(method), Height: 16, Width: 20, Steps: 4}
					result, err := ascent.Run(t.Context(), target, o)
					require.NoError(t, err)
					require.Equal(t, []int{2, 16, 20, channels}, result.Pictures.Shape().Dimensions)
					if found, _ := m.Find(name); !found.Silent && !strings.Contains(method, "octaves") { // which begin anew
						require.Greater(t, result.Loss[0][3], result.Loss[0][0])
						require.Equal(t, []ascent.Fate{{Life: ascent.Alive}, {Life: ascent.Alive}}, result.Fates,
							"nothing is said where nothing can be silent")
					}
					images, err := result.Images()
					require.NoError(t, err)
					if channels == 1 {
						c := images[0].At(1, 1).(color.NRGBA)
						require.True(t, c.R == c.G && c.G == c.B, "gray")
					}
					made, err := m.Recipe(result)
					require.NoError(t, err)
					require.Equal(t, []any{recipe.NetworkFormat, "odd.onnx", "unit"}, []any{made.Format, made.Network, made.Input})
					again, madeAgain, err := other.Reproduce(t.Context(), made, ascent.Options{})
					require.NoError(t, err)
					require.Equal(t, made, madeAgain)
					require.True(t, result.Pictures.Equal(again.Pictures))
				})
			}
		}
	}
}

// TestObjectives climbs layers with and without ReLUs together, by names that need quotes.
func TestObjectives(t *testing.T) {
	m := open(t, odd(3, 1), "odd.onnx")
	o, err := ascent.ParseObjective(`channel:"stem/conv:1":2 + 0.5*channel:"inner conv":1 - neuron:sum:3 + layer:pool`,
		ascent.Files{})
	require.NoError(t, err)
	target, err := m.Objective(o, 1)
	require.NoError(t, err)
	result, err := ascent.Run(t.Context(), target, ascent.Options{Height: 16, Width: 20, Steps: 5})
	require.NoError(t, err)
	require.Greater(t, result.Loss[0][4], result.Loss[0][0])
	made, err := m.Recipe(result)
	require.NoError(t, err)
	again, _, err := open(t, odd(3, 1), "odd.onnx").Reproduce(t.Context(), made, ascent.Options{})
	require.NoError(t, err)
	require.True(t, result.Pictures.Equal(again.Pictures))

	mean := func(name string) float32 { // as the layer itself gives it
		target, err := m.Objective(ascent.Channel(name, 0), 1)
		require.NoError(t, err)
		result, err := ascent.Run(t.Context(), target, ascent.Options{Height: 16, Width: 20, Steps: 1})
		require.NoError(t, err)
		short, err := ascent.Run(t.Context(), m.MustChannel(name, 0), ascent.Options{Height: 16, Width: 20, Steps: 1})
		require.NoError(t, err)
		require.InDelta(t, short.Loss[0][0], result.Loss[0][0], 1e-5, "one channel alone is the same")
		return result.Loss[0][0]
	}
	noise := make([]float32, 16*20*3)
	ascent.Noise(noise, ascent.BookSeed, 0)
	for _, name := range []string{"stem/conv:1", "sum", "pool", "last"} {
		responses, err := m.Responses(tensors.FromFlatDataAndDimensions(noise, 1, 16, 20, 3), false, name)
		require.NoError(t, err)
		require.InDelta(t, responses[0].Mean[0][0], mean(name), 1e-5, name)
	}
}

func TestOtherNetworks(t *testing.T) {
	m := open(t, odd(3, 1), "odd.onnx")
	result, err := ascent.Run(t.Context(), m.MustChannel("sum", 1), ascent.Options{Height: 16, Width: 20, Steps: 1})
	require.NoError(t, err)
	made, err := m.Recipe(result)
	require.NoError(t, err)
	_, _, err = open(t, odd(3, 2), "odd.onnx").Reproduce(t.Context(), made, ascent.Options{})
	require.ErrorAs(t, err, new(*network.WeightsError))
	require.ErrorContains(t, err, `"odd.onnx"`)
	require.ErrorContains(t, err, "give it with --model")
	tf := odd(3, 1)
	tf.Input.Mean, tf.Input.Deviation = []float64{127.5}, []float64{127.5}
	_, _, err = open(t, tf, "odd.onnx").Reproduce(t.Context(), made, ascent.Options{})
	require.ErrorContains(t, err, "the recipe feeds odd.onnx as unit, here it is tf: give --input unit")
	_, _, err = open(t, odd(3, 1), "renamed.onnx").Reproduce(t.Context(), made, ascent.Options{})
	require.NoError(t, err, "the file's name is nothing that counts")

	require.Equal(t, m.Fingerprint(), network.Fingerprint(odd(3, 1)))
	for name, change := range map[string]func(*layer.Network){
		"a name":      func(n *layer.Network) { n.Layers[0].Name = "stem" },
		"an option":   func(n *layer.Network) { n.Layers[3].Op = layer.MaxPool{Size: [2]int{2, 2}, Ceil: true} },
		"a function":  func(n *layer.Network) { n.Layers[0].Activation = layer.Mish },
		"its options": func(n *layer.Network) { n.Layers[4].Activation = layer.ReLU{} },
		"an input":    func(n *layer.Network) { n.Layers[3].Inputs = []string{"inner conv"} },
		"a weight": func(n *layer.Network) {
			n.Layers[0].Weights["bias"] = layer.Weight{Shape: []int{4},
				Read: func() (*tensors.Tensor, error) { return tensors.FromValue([]float32{0, 0, 0, 1}), nil }}
		},
	} {
		changed := odd(3, 1)
		change(changed)
		require.NotEqual(t, m.Fingerprint(), network.Fingerprint(changed), name)
	}
}

// TestHeatmaps follow the scores before the softmax, from layers inside a skip too.
func TestHeatmaps(t *testing.T) {
	m := open(t, odd(3, 1), "odd.onnx")
	photo := image.NewNRGBA(image.Rect(0, 0, 20, 16))
	for i := range photo.Pix {
		photo.Pix[i] = uint8(i*31) | 3
	}
	prediction, err := m.Predict(photo)
	require.NoError(t, err)
	top, err := prediction.Top(1)
	require.NoError(t, err)
	for _, name := range []string{"stem/conv:1", "inner conv", "sum", "last"} {
		target, err := m.Classifier(name, nil)
		require.NoError(t, err)
		seen, err := heatmap.Explain(t.Context(), target, photo, heatmap.Options{Method: heatmap.HiResCAM})
		require.NoError(t, err)
		require.Equal(t, top[0][0].Name, seen.Name)
		require.InDeltaSlice(t, prediction.Logits[0], seen.Logits, 1e-4)
		require.NotEqual(t, slices.Min(seen.Values), slices.Max(seen.Values), name)
	}
	// Of the last map the scores are linear, so its map sums up to the score without the bias.
	target := m.MustClassifier("last", nil)
	seen := heatmap.MustExplain(target, photo, heatmap.Options{Method: heatmap.HiResCAM, Class: "dog"})
	bias, err := m.Network().Layers[6].Weights["bias"].Read()
	require.NoError(t, err)
	sum := 0.
	for _, v := range seen.Values {
		sum += float64(v)
	}
	require.InDelta(t, seen.Score-float64(tensors.MustCopyFlatData[float32](bias)[1]), sum, 1e-3)
	for name, words := range map[string]string{"who": "has no places", "flat": "has no places"} {
		_, err := m.Classifier(name, nil)
		require.ErrorContains(t, err, words)
	}
	headless := odd(3, 1)
	headless.Logits, headless.Classes = "", nil
	_, err = open(t, headless, "x").Classifier("last", nil)
	require.ErrorIs(t, err, network.ErrNoClasses)
}

// TestProbabilities are the network's own, whether its classes share them, have one each, or it has a single one.
func TestProbabilities(t *testing.T) {
	photo := image.NewNRGBA(image.Rect(0, 0, 20, 16))
	for i := range photo.Pix {
		photo.Pix[i] = uint8(i*29) | 3
	}
	dense := func(units int, activation layer.Activation, names ...string) *layer.Network {
		net := odd(3, 1)
		source := rand.New(rand.NewPCG(5, 5))
		top := &net.Layers[len(net.Layers)-1]
		top.Op, top.Activation, net.Classes = layer.Dense{Units: units}, activation, names
		top.Weights = random(source, map[string][]int{"kernel": {6 * 8 * 5, units}, "bias": {units}})
		return net
	}
	behind := dense(1, nil)
	behind.Output = "chance"
	behind.Layers = append(behind.Layers, layer.Layer{Name: "chance", Class: "Sigmoid", Inputs: []string{"who"},
		Op: layer.Activate{Activation: layer.Sigmoid}})
	for name, c := range map[string]struct {
		net     *layer.Network
		classes []string
		apart   bool
	}{
		"a softmax":         {dense(3, layer.Softmax, "cat", "dog", "owl"), []string{"cat", "dog", "owl"}, false},
		"scores":            {dense(2, nil), []string{"class_0", "class_1"}, false},
		"several labels":    {dense(2, layer.Sigmoid, "fur", "ears"), []string{"fur", "ears"}, true},
		"one unit":          {dense(1, layer.Sigmoid), []string{"class_0", "class_1"}, true},
		"one, of two names": {dense(1, layer.Sigmoid, "cat", "dog"), []string{"cat", "dog"}, true},
		"one score":         {dense(1, nil, "dog"), []string{"not dog", "dog"}, true},
		"a sigmoid behind":  {behind, []string{"class_0", "class_1"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, c.net.Check())
			m := open(t, c.net, "odd.onnx")
			classes, err := m.Classes()
			require.NoError(t, err)
			require.Len(t, classes, len(c.classes))
			for i, class := range classes {
				require.Equal(t, c.classes[i], class.Name)
			}
			prediction, err := m.Predict(photo)
			require.NoError(t, err)
			if c.net.Layers[6].Op.(layer.Dense).Units == 1 {
				require.Equal(t, prediction.Logits[0][0], -prediction.Logits[0][1])
			}
			want, total := []float64{}, 0.
			for _, logit := range prediction.Logits[0] {
				want = append(want, math.Exp(float64(logit)))
				total += math.Exp(float64(logit))
			}
			for i := range want {
				if c.apart {
					want[i] /= 1 + want[i]
				} else {
					want[i] /= total
				}
				require.InDelta(t, want[i], prediction.Probabilities[0][i], 1e-5)
			}
			target := m.MustClassifier("last", nil)
			o := heatmap.Options{Method: heatmap.HiResCAM, Class: c.classes[0]}
			score := heatmap.MustExplain(target, photo, o)
			require.InDeltaSlice(t, want, score.Probabilities, 1e-5)
			o.Softmax = true
			chance := heatmap.MustExplain(target, photo, o)
			if c.apart { // the sigmoid's slope times the score's map
				slope := want[0] * (1 - want[0])
				for i, v := range score.Values {
					require.InDelta(t, slope*float64(v), chance.Values[i], 1e-5)
				}
				require.NotZero(t, slices.Max(chance.Values))
			}
		})
	}
}

// TestGraphs builds the network for programs of one's own.
func TestGraphs(t *testing.T) {
	m := open(t, odd(1, 1), "odd.onnx")
	pictures := tensors.FromScalarAndDimensions(float32(100), 2, 16, 20, 1)
	outputs, err := model.CallOnceN(m.Backend, m.Store, func(scope *model.Scope, x *Node) []*Node {
		return append(m.Outputs(scope, m.Preprocess(x), "who", "stem"), m.Logits(scope, m.Preprocess(x)))
	}, pictures)
	require.NoError(t, err)
	require.Equal(t, []int{2, 3}, outputs[0].Shape().Dimensions)
	require.Equal(t, []int{2, 16, 20, 4}, outputs[1].Shape().Dimensions)
	soft, err := CallOnce(m.Backend, func(x *Node) *Node { return Softmax(x, -1) }, outputs[2])
	require.NoError(t, err)
	require.InDeltaSlice(t, tensors.MustCopyFlatData[float32](soft), tensors.MustCopyFlatData[float32](outputs[0]), 1e-5)
}

// A network of one's own, without a file: one convolution that finds edges.
func Example() {
	kernel := []float32{-1, 1}
	net := &layer.Network{
		Name: "edges", Input: layer.Input{Channels: 1}, Output: "edge",
		Layers: []layer.Layer{{
			Name: "edge", Class: "Conv", Inputs: []string{layer.Picture}, Activation: layer.ReLU{},
			Op: layer.Conv{Filters: 1, Kernel: [2]int{1, 2}, NoBias: true},
			Weights: map[string]layer.Weight{"kernel": {Shape: []int{1, 2, 1, 1}, Read: func() (*tensors.Tensor, error) {
				return tensors.FromFlatDataAndDimensions(kernel, 1, 2, 1, 1), nil
			}}},
		}},
	}
	dev := device.MustNew(device.Options{Kind: device.Go})
	defer dev.Close()
	m, err := network.New(dev, net, network.Origin{})
	if err != nil {
		fmt.Println(err)
		return
	}
	result, err := ascent.Run(context.Background(), m.MustChannel("edge", 0),
		ascent.Options{Height: 1, Width: 8, Steps: 20})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(result.Pictures.Shape().Dimensions, result.Loss[0][19] > result.Loss[0][0])
	// Output: [1 1 8 1] true
}

// TestUncomputedLayers says why a layer has no filters.
func TestUncomputedLayers(t *testing.T) {
	layers := []layer.Layer{
		{Name: "mine", Class: "My", Inputs: []string{layer.Picture}, Op: layer.Unsupported{Why: "its class is not known"}},
		{Name: "after", Class: "Flatten", Inputs: []string{"mine"}, Op: layer.Flatten{}},
	}
	table := network.NewTable(&layer.Network{Input: layer.Input{Channels: 1, Height: 8, Width: 8}, Layers: layers})
	for _, name := range []string{"mine", "after"} {
		found, err := table.Find(name)
		require.NoError(t, err)
		err = found.CheckFilters(0)
		require.ErrorContains(t, err, "its class is not known", name)
		require.ErrorAs(t, err, new(*layer.UnsupportedError))
	}
}
