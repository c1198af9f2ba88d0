package vgg16

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/stretchr/testify/require"

	"convscope/pkg/ascent"
	"convscope/pkg/device"
	"convscope/pkg/layer"
)

func asNetwork(thin int) *layer.Network {
	n := &layer.Network{Name: "vgg16", Input: layer.Input{Channels: 3}}
	below := layer.Picture
	for _, l := range table {
		row := layer.Layer{Name: l.Name, Inputs: []string{below}}
		if l.Kind == Pool {
			row.Op = layer.MaxPool{Size: [2]int{2, 2}}
		} else {
			row.Op, row.Activation = layer.Conv{Filters: max(l.Filters/thin, 1), Kernel: [2]int{3, 3}, Padding: layer.Padding{Same: true}}, layer.ReLU{}
		}
		n.Layers = append(n.Layers, row)
		below = l.Name
	}
	return n
}

func TestScratch(t *testing.T) {
	for _, kind := range []device.Kind{device.Go, device.CPU} {
		dev := device.MustNew(device.Options{Kind: kind, Report: func(string) {}})
		thin := 8
		m := Random(dev, thin, 3)
		n := asNetwork(thin)
		size := 37
		if kind == device.CPU { size = 67 }
		values := make([]float32, 2*size*size*3)
		r := rand.New(rand.NewPCG(1, 2))
		for i := range values {
			values[i] = float32(r.NormFloat64() * 50)
		}
		x := tensors.FromFlatDataAndDimensions(values, 2, size, size, 3)
		run := func(name string, a, b func(scope *model.Scope, x, filters *Node) []*Node) {
			t.Run(fmt.Sprint(kind, name), func(t *testing.T) {
				var got [2][][]float32
				for k, f := range []func(scope *model.Scope, x, filters *Node) []*Node{a, b} {
					e, err := model.NewExec(dev.Backend, m.Store, func(scope *model.Scope, x, filters *Node) []*Node {
						all := f(scope, x, filters)
						var sum *Node
						for _, o := range all {
							s := ReduceAllSum(o)
							if sum == nil { sum = s } else { sum = Add(sum, s) }
						}
						return append(all, Gradient(sum, x)[0])
					})
					require.NoError(t, err)
					outs, err := e.Call(x, []int32{3, 5})
					require.NoError(t, err)
					for _, o := range outs {
						got[k] = append(got[k], tensors.MustCopyFlatData[float32](o))
					}
				}
				for i := range got[0] {
					require.Equal(t, len(got[0][i]), len(got[1][i]))
					var worst float64
					for j := range got[0][i] {
						worst = math.Max(worst, math.Abs(float64(got[0][i][j]-got[1][i][j])))
					}
					require.Zero(t, worst)
					require.Equal(t, got[0][i], got[1][i])
				}
			})
		}
		run("activations", func(scope *model.Scope, x, _ *Node) []*Node { return Activations(scope, x, "block3_conv2", "block1_pool") },
			func(scope *model.Scope, x, _ *Node) []*Node { return n.Outputs(scope, x, layer.Walk{}, "block3_conv2", "block1_pool") })
		for _, redirect := range []bool{false, true} {
			run(fmt.Sprint("outputs", redirect), func(scope *model.Scope, x, _ *Node) []*Node { return outputs(scope, x, redirect, []string{"block2_pool", "block3_conv1", "block1_conv2"}) },
				func(scope *model.Scope, x, _ *Node) []*Node { return n.Outputs(scope, x, layer.Walk{Before: true, Redirected: redirect}, "block2_pool", "block3_conv1", "block1_conv2") })
		}
		for _, l := range []string{"block1_conv1", "block1_conv2", "block1_pool", "block3_conv1", "block3_pool"} {
			for _, waking := range []ascent.Waking{ascent.Unaided, ascent.PreActivation, ascent.Redirected} {
				run(fmt.Sprint(l, waking), func(scope *model.Scope, x, f *Node) []*Node {
					return []*Node{channelMean(l, ascent.How{Waking: waking, Border: 1})(scope, x, f)}
				}, func(scope *model.Scope, x, f *Node) []*Node {
					o := n.Outputs(scope, x, layer.Walk{Before: waking != ascent.Unaided, Redirected: waking == ascent.Redirected, Chosen: f}, l)[0]
					o = ascent.Inside(o, 1)
					if waking != ascent.Unaided {
						return []*Node{ascent.Awake(o, waking)}
					}
					return []*Node{ReduceMean(o, 1, 2, 3)}
				})
			}
		}
	}
}
