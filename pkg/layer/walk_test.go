// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package layer_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/stretchr/testify/require"

	"convscope/pkg/layer"
)

// branched is a network with about every way in which layers follow one another.
func branched() *layer.Network {
	same := layer.Padding{Same: true}
	square := func(n int) [2]int { return [2]int{n, n} }
	row := func(name string, op layer.Op, activation layer.Activation, inputs ...string) layer.Layer {
		return layer.Layer{Name: name, Inputs: inputs, Op: op, Activation: activation}
	}
	n := &layer.Network{Name: "branched", Input: layer.Input{Channels: 3, Height: 16, Width: 14},
		Output: "classes", Logits: "scores"}
	n.Layers = []layer.Layer{
		row("rescaled", layer.Rescale{Scale: []float64{0.5}}, nil, layer.Picture),
		row("conv1", layer.Conv{Filters: 6, Kernel: square(3), Padding: same}, layer.ReLU{}, "rescaled"),
		row("pad1", layer.Pad{Begin: []int{1, 1}, End: []int{1, 1}}, nil, "conv1"),
		row("pool1", layer.MaxPool{Size: square(3), Stride: square(2)}, nil, "pad1"),
		row("conv2", layer.Conv{Filters: 6, Kernel: square(3), Padding: same, NoBias: true}, nil, "pool1"),
		row("bn2", layer.BatchNorm{Epsilon: 1e-3}, nil, "conv2"),
		row("add2", layer.Arithmetic{Operation: layer.Add}, nil, "bn2", "pool1"),
		row("relu2", layer.Activate{Activation: layer.ReLU{Max: 6}}, nil, "add2"),
		row("expand", layer.Conv{Filters: 12, Kernel: square(1)}, layer.SiLU, "relu2"),
		row("depthwise", layer.DepthwiseConv{Kernel: square(3), Stride: square(2), Padding: same}, layer.ReLU{}, "expand"),
		row("means", layer.Reduce{To: layer.Mean, Axes: []int{0, 1}, Keep: true}, nil, "depthwise"),
		row("gate", layer.Conv{Filters: 12, Kernel: square(1)}, layer.Sigmoid, "means"),
		row("gated", layer.Arithmetic{Operation: layer.Multiply}, nil, "depthwise", "gate"),
		row("groups", layer.Conv{Filters: 8, Kernel: square(3), Groups: 2, Padding: same}, layer.ReLU{}, "gated"),
		row("strided", layer.Conv{Filters: 8, Kernel: square(2), Padding: same}, layer.ReLU{}, "gated"),
		row("separable", layer.SeparableConv{Filters: 4, Kernel: square(3), Padding: same}, layer.ELU{Alpha: 1}, "gated"),
		row("prelu", layer.PReLU{Alpha: []int{1, 1, 4}}, nil, "separable"),
		row("scaled", layer.Arithmetic{Operation: layer.Multiply, Constant: []int{4}}, nil, "prelu"),
		row("joined", layer.Concat{Axis: -1}, nil, "groups", "strided"),
		row("up", layer.Resize{Scale: [2]float64{2, 2}}, nil, "joined"),
		row("softmaxed", layer.Conv{Filters: 5, Kernel: square(1)}, layer.Softmax, "up"),
		row("normed", layer.GroupNorm{Epsilon: 1e-3}, nil, "up"),
		row("transposed", layer.ConvTranspose{Filters: 3, Kernel: square(3), Stride: square(2), Padding: same},
			layer.ReLU{}, "normed"), row("pool2", layer.MaxPool{Size: square(2)}, nil, "transposed"),
		row("average", layer.AveragePool{Size: square(2)}, nil, "pool2"),
		row("flat", layer.Flatten{ChannelsFirst: true}, nil, "average"),
		row("dense", layer.Dense{Units: 7}, layer.ReLU{}, "flat"),
		row("scores", layer.Dense{Units: 4}, nil, "dense"),
		row("classes", layer.Activate{Activation: layer.Softmax}, nil, "scores"),
	}
	n.Layers[1].Aliases = []string{"first", "block1/conv:0"}
	return n
}

// filled gives each layer random weights, and a store that has them.
func filled(n *layer.Network) *model.Store {
	r := rand.New(rand.NewPCG(5, 6))
	store := model.NewStore()
	shapes := n.Shapes(n.Size())
	known := map[string][]int{}
	height, width := n.Size()
	known[layer.Picture] = []int{height, width, n.Input.Channels}
	for i := range n.Layers {
		l := &n.Layers[i]
		known[l.Name] = shapes[i]
		var inputs [][]int
		for _, input := range l.Inputs {
			inputs = append(inputs, known[input])
		}
		l.Weights = make(map[string]layer.Weight)
		weights := drawn(r, l.Op, inputs)
		for _, role := range slices.Sorted(keys(weights)) {
			a := weights[role]
			if role == "kernel" {
				a = mapped(a, func(x float64) float64 { return x / 3 })
			}
			value := tensor(a)
			l.Weights[role] = layer.Weight{Shape: a.dims, Read: func() (*tensors.Tensor, error) { return value, nil }}
			if _, err := store.CreateVariable(layer.Variable(l.Name, role), value); err != nil {
				panic(err)
			}
		}
	}
	return store
}

// pictures are two of them, of the network's size.
func pictures(n *layer.Network) *tensors.Tensor {
	height, width := n.Size()
	return tensor(random(rand.New(rand.NewPCG(9, 9)), batch, height, width, n.Input.Channels))
}

// outputs runs a graph function over a network, and returns for each node that it gives the values and the gradient.
func outputs(t *testing.T, n *layer.Network, store *model.Store,
	build func(scope *model.Scope, x *Node) []*Node) (values, gradients [][]float32) {
	t.Helper()
	all, err := model.CallOnceN(backend(t), store, func(scope *model.Scope, x *Node) (all []*Node) {
		for _, y := range build(scope, x) {
			weights := Sin(IotaFull(x.Graph(), y.Shape()))
			all = append(all, y, Gradient(ReduceAllSum(Mul(y, weights)), x)[0])
		}
		return all
	}, pictures(n))
	require.NoError(t, err)
	for i := 0; i < len(all); i += 2 {
		values = append(values, tensors.MustCopyFlatData[float32](all[i]))
		gradients = append(gradients, tensors.MustCopyFlatData[float32](all[i+1]))
	}
	return values, gradients
}

// straight builds all layers one after the other, and returns each one's values, also before its activation.
func straight(n *layer.Network, scope *model.Scope, x *Node) (after, before map[string]*Node) {
	after, before = map[string]*Node{layer.Picture: x}, map[string]*Node{layer.Picture: x}
	for _, l := range n.Layers {
		var inputs, unfinished []*Node
		for _, input := range l.Inputs {
			inputs, unfinished = append(inputs, after[input]), append(unfinished, before[input])
		}
		weight := func(role string) *Node {
			return scope.Store().GetVariable(layer.Variable(l.Name, role)).NodeValue(x.Graph())
		}
		y := l.Op.Build(weight, inputs...)
		after[l.Name], before[l.Name] = y, y
		if l.Activation != nil {
			after[l.Name] = l.Activation.Apply(y)
		}
		switch l.Name { // the layers whose inputs can be silent, and which pass that on
		case "relu2":
			before[l.Name] = inputs[0]
		case "classes":
			before[l.Name] = inputs[0]
		case "pad1", "pool1", "joined", "pool2":
			before[l.Name] = l.Op.Build(weight, unfinished...)
		}
	}
	return after, before
}

// TestOutputs compares each layer with what all layers built one after the other make, in all forms.
func TestOutputs(t *testing.T) {
	n := branched()
	store := filled(n)
	require.NoError(t, n.Check())
	filters := func(x *Node) *Node { return Const(x.Graph(), []int32{2, 0}) }
	one := func(y *Node) *Node { // one channel a picture, the plain way
		hot := OneHot(filters(y), y.Shape().Dim(-1), y.DType())
		for hot.Rank() < y.Rank() {
			hot = InsertAxes(hot, 1)
		}
		return ReduceAndKeep(Mul(y, hot), ReduceSum, -1)
	}
	for _, l := range n.Layers {
		t.Run(l.Name, func(t *testing.T) {
			want, slopes := outputs(t, n, store, func(scope *model.Scope, x *Node) []*Node {
				after, before := straight(n, scope, x)
				return []*Node{after[l.Name], before[l.Name], one(after[l.Name]), one(before[l.Name])}
			})
			for form := range want {
				got, gradient := outputs(t, n, store, func(scope *model.Scope, x *Node) []*Node {
					walk := layer.Walk{Before: form%2 == 1}
					if form >= 2 {
						walk.Chosen = filters(x)
					}
					return n.Outputs(scope, x, walk, l.Name)
				})
				what := []string{"after", "before", "one channel after", "one channel before"}[form]
				alike(t, doubles(want[form]), got[0], 1e-4, what)
				alike(t, doubles(slopes[form]), gradient[0], 1e-4, "gradient of "+what)
			}
		})
	}
}

func doubles(list []float32) []float64 {
	all := make([]float64, len(list))
	for i, x := range list {
		all[i] = float64(x)
	}
	return all
}

// TestOutputsTogether asks for several layers, of which the last is one channel alone, and counts what is built.
func TestOutputsTogether(t *testing.T) {
	n := branched()
	store := filled(n)
	counted := func(names []string, how func(x *Node) layer.Walk) (shapes [][]int, convolutions, products int) {
		_, err := model.CallOnceN(backend(t), store, func(scope *model.Scope, x *Node) []*Node {
			all := n.Outputs(scope, x, how(x), names...)
			for _, y := range all {
				shapes = append(shapes, y.Shape().Dimensions)
			}
			for _, node := range x.Graph().Nodes() {
				switch node.Type() {
				case NodeTypeConvGeneral:
					convolutions++
				case NodeTypeDotGeneral:
					products++
				}
			}
			return all
		}, pictures(n))
		require.NoError(t, err)
		return shapes, convolutions, products
	}
	whole := func(*Node) layer.Walk { return layer.Walk{} }
	chosen := func(x *Node) layer.Walk { return layer.Walk{Chosen: Const(x.Graph(), []int32{2, 0})} }
	shapes, convolutions, products := counted([]string{"first", "relu2", "conv1", "add2"}, whole)
	require.Equal(t, [][]int{{2, 16, 14, 6}, {2, 8, 7, 6}, {2, 16, 14, 6}, {2, 8, 7, 6}}, shapes)
	require.Equal(t, [2]int{2, 0}, [2]int{convolutions, products}, "conv1 and conv2, once each")
	shapes, convolutions, _ = counted([]string{"conv1", "block1/conv:0"}, chosen)
	require.Equal(t, [][]int{{2, 16, 14, 6}, {2, 16, 14, 1}}, shapes)
	require.Equal(t, 1, convolutions, "what is needed whole is taken from there")
	shapes, convolutions, _ = counted([]string{"conv1"}, chosen)
	require.Equal(t, [][]int{{2, 16, 14, 1}}, shapes)
	require.Zero(t, convolutions, "one channel of the picture's three is a sum")
	shapes, convolutions, products = counted([]string{"dense"}, chosen)
	require.Equal(t, [][]int{{2, 1}}, shapes)
	require.Equal(t, [2]int{5, 4}, [2]int{convolutions, products},
		"in all, the last as a sum, and the transposed one as a product")
}

// TestRedirected replaces the gradients of all ReLUs, and no value.
func TestRedirected(t *testing.T) {
	n := branched()
	store := filled(n)
	walked := func(how layer.Walk) (values, gradients [][]float32) {
		return outputs(t, n, store, func(scope *model.Scope, x *Node) []*Node { return n.Outputs(scope, x, how, "add2") })
	}
	want, plain := walked(layer.Walk{})
	got, gradient := walked(layer.Walk{Redirected: true})
	require.Equal(t, want, got)
	alike(t, doubles(plain[0]), gradient[0], 1e-5, "where something is awake, nothing changes")

	dead := func(x *Node) *Node { return AddScalar(Abs(x), 1) } // a network that is dead everywhere
	small := &layer.Network{Input: layer.Input{Channels: 3, Height: 16, Width: 14}}
	for _, activation := range []layer.Activation{layer.ReLU{}, layer.ReLU{Max: 6}, layer.Clip{Min: 0, Max: 6}} {
		small.Layers = []layer.Layer{{Name: "negative", Inputs: []string{layer.Picture},
			Op: layer.Rescale{Scale: []float64{-1}}, Activation: activation}}
		build := func(redirected bool) []float32 {
			all, err := model.CallOnceN(backend(t), model.NewStore(), func(scope *model.Scope, x *Node) []*Node {
				y := small.Outputs(scope, dead(x), layer.Walk{Redirected: redirected}, "negative")[0]
				return []*Node{Gradient(ReduceAllSum(y), x)[0]}
			}, pictures(small))
			require.NoError(t, err)
			return tensors.MustCopyFlatData[float32](all[0])
		}
		require.Equal(t, float32(0), slices.Max(build(false)))
		require.Equal(t, float32(1), slices.Max(build(true)), "%v", activation)
	}
}

// TestOutputsErrors panics with one clear line.
func TestOutputsErrors(t *testing.T) {
	n := branched()
	filled(n)
	n.Layers = append(n.Layers, layer.Layer{Name: "attention", Inputs: []string{"gated"},
		Op: layer.Unsupported{Why: "MultiHeadAttention is not supported"}},
		layer.Layer{Name: "beyond", Inputs: []string{"attention"}, Op: layer.Identity{}})
	require.NoError(t, n.Check())
	for _, c := range []struct {
		name, layer string
		size        [3]int
		says        string
	}{
		{"an unknown layer", "conv7", [3]int{16, 14, 3},
			`branched has no layer "conv7": did you mean conv1? (the nearest of 31: conv1, conv2, `},
		{"a gray picture", "conv1", [3]int{16, 14, 1}, "branched takes pictures of shape [batch, height, width, 3]"},
		{"a small picture", "pool2", [3]int{0, 14, 3},
			"a picture of 0x14 pixels is too small for pool2: it needs at least 1x1"},
		{"another size", "dense", [3]int{32, 32, 3}, "a picture of 32x32 pixels doesn't fit dense: 16x14 does, but " +
			"here dense has a weight \"kernel\" of [48 7], it should be [192 7]"},
		{"an unsupported layer", "attention", [3]int{16, 14, 3}, "attention: MultiHeadAttention is not supported"},
		{"a layer beyond it", "beyond", [3]int{16, 14, 3}, "attention: MultiHeadAttention is not supported"},
		{"no weights", "conv1", [3]int{16, 14, 3}, "conv1: the store has no weights /conv1/kernel"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := model.CallOnceN(backend(t), model.NewStore(), func(scope *model.Scope, x *Node) []*Node {
				return n.Outputs(scope, x, layer.Walk{}, c.layer)
			}, tensor(newArray(1, c.size[0], c.size[1], c.size[2])))
			require.ErrorContains(t, err, c.says)
		})
	}
}

// TestFold sees that a batch normalization goes into the convolution before it, unless somebody asks for that.
func TestFold(t *testing.T) {
	n := branched()
	store := filled(n)
	for _, c := range []struct {
		asked  []string
		scaled int // kernels that are multiplied
	}{{[]string{"bn2"}, 1}, {[]string{"add2"}, 1}, {[]string{"conv2"}, 0}, {[]string{"conv2", "bn2"}, 0}} {
		scaled := 0
		_, err := model.CallOnceN(backend(t), store, func(scope *model.Scope, x *Node) []*Node {
			all := n.Outputs(scope, x, layer.Walk{}, c.asked...)
			for _, node := range x.Graph().Nodes() {
				if node.Type() == NodeTypeMul && slices.Equal(node.Shape().Dimensions, []int{3, 3, 6, 6}) {
					scaled++
				}
			}
			return all
		}, pictures(n))
		require.NoError(t, err)
		require.Equal(t, c.scaled, scaled, "%v", c.asked)
	}
}
