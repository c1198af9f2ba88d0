// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package keras_test

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/stretchr/testify/require"

	"convscope/pkg/device"
	"convscope/pkg/keras"
	"convscope/pkg/layer"
)

// facts are what make.py says of a network.
type facts struct {
	Shape   []int
	Layers  []string
	Channel int
	Weights int
}

// load fills a store with a network's weights, as far as some layers need them.
func load(t testing.TB, net *layer.Network) *model.Store {
	t.Helper()
	store := model.NewStore()
	for _, l := range net.Layers {
		for role, w := range l.Weights {
			value, err := w.Read()
			require.NoError(t, err)
			require.Equal(t, w.Shape, value.Shape().Dimensions)
			path := layer.Variable(l.Name, role)
			scope, name := model.SplitPath(path)
			_, err = store.Scope(scope).CreateVariable(name, value)
			require.NoError(t, err)
		}
	}
	return store
}

// parity compares a network with what Keras made of a picture, in the files dir/name.*.
func parity(t *testing.T, dev *device.Device, net *layer.Network, dir, name string) {
	t.Helper()
	var f facts
	text, err := os.ReadFile(filepath.Join(dir, name+".json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &f))
	require.NoError(t, net.Check())
	x := tensors.FromFlatDataAndDimensions(floats(t, dir, name+".in"), append([]int{1}, f.Shape...)...)
	names := append(append([]string{}, f.Layers...), net.Output)
	exec, err := model.NewExec(dev.Backend, load(t, net), func(scope *model.Scope, x *Node) []*Node {
		outputs := net.Outputs(scope, x, layer.Walk{}, names...)
		if len(f.Layers) == 0 {
			return outputs
		}
		at := outputs[0]
		loss := ReduceAllMean(Slice(at, AxisRange(), AxisRange(), AxisRange(), AxisElem(f.Channel)))
		return append(outputs, Gradient(loss, x)[0])
	})
	require.NoError(t, err)
	outputs, err := exec.Call(x)
	require.NoError(t, err)
	for i, output := range outputs[:len(names)] {
		reference := fmt.Sprintf("%s.%d", name, i)
		if i == len(f.Layers) {
			reference = name + ".out"
		}
		want, got := floats(t, dir, reference), flat(t, output)
		require.Len(t, got, len(want), names[i])
		worst, largest := difference(got, want)
		require.Greater(t, largest, 0.0, names[i])
		t.Logf("%-40s %v differs by %.1e of the largest", names[i], output.Shape().Dimensions, worst/largest)
		require.Less(t, worst/largest, 1e-5, names[i])
	}
	if len(f.Layers) > 0 {
		gradients(t, dir, name, flat(t, outputs[len(names)]))
	}
}

// gradients compares gradients where Keras' own stays when the picture moves by a few of float32's steps. Elsewhere is
// a kink: a ReLU or a maximum that switches.
func gradients(t *testing.T, dir, name string, got []float32) {
	t.Helper()
	want := floats(t, dir, name+".grad0")
	require.Len(t, got, len(want))
	_, largest := difference(make([]float32, len(want)), want)
	require.Greater(t, largest, 0.0)
	var others [][]float32
	for i := 1; i < 5; i++ {
		others = append(others, floats(t, dir, fmt.Sprintf("%s.grad%d", name, i)))
	}
	worst, kinks, off := 0.0, 0, 0
	for i := range want {
		moved := 0.0
		for _, other := range others {
			moved = max(moved, math.Abs(float64(other[i]-want[i])))
		}
		d := math.Abs(float64(got[i] - want[i]))
		if moved > 5e-5*largest {
			kinks++
			if d > 1e-4*largest {
				off++
			}
			continue
		}
		worst = max(worst, d)
	}
	t.Logf("gradient differs by %.1e of the largest, %d off; %d of %d places at kinks", worst/largest, off, kinks, len(want))
	require.Less(t, worst/largest, 1e-4)
	require.Less(t, off, len(want)/10)
}

func difference(got, want []float32) (worst, largest float64) {
	for i := range want {
		worst = max(worst, math.Abs(float64(got[i]-want[i])))
		largest = max(largest, math.Abs(float64(want[i])))
	}
	return worst, largest
}

func flat(t testing.TB, x *tensors.Tensor) []float32 {
	t.Helper()
	values, err := tensors.CopyFlatData[float32](x)
	require.NoError(t, err)
	return values
}

func floats(t testing.TB, dir, name string) []float32 {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, name))
	require.NoError(t, err)
	values := make([]float32, len(raw)/4)
	for i := range values {
		values[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
	}
	return values
}

// sameTable wants two files of one network to give the same table and weights.
func sameTable(t *testing.T, a, b *layer.Network) {
	t.Helper()
	require.Equal(t, len(a.Layers), len(b.Layers))
	require.Equal(t, a.Input, b.Input)
	for i := range a.Layers {
		one, other := a.Layers[i], b.Layers[i]
		require.Equal(t, one.Name, other.Name)
		require.Equal(t, one.Aliases, other.Aliases)
		require.Equal(t, one.Inputs, other.Inputs)
		require.Equal(t, one.Op, other.Op, one.Name)
		require.Equal(t, one.Activation, other.Activation, one.Name)
		require.Len(t, other.Weights, len(one.Weights))
		for role, w := range one.Weights {
			x, err := w.Read()
			require.NoError(t, err)
			y, err := other.Weights[role].Read()
			require.NoError(t, err)
			require.Equal(t, flat(t, x), flat(t, y), "%s %s", one.Name, role)
		}
	}
}

func TestDev(t *testing.T) {
	dir := os.Getenv("KDIR")
	dev := device.MustNew(device.Options{Kind: device.CPU})
	names, _ := filepath.Glob(filepath.Join(dir, os.Getenv("KNAME")+".json"))
	for _, path := range names {
		name := filepath.Base(path[:len(path)-5])
		t.Run(name, func(t *testing.T) {
			net, err := keras.Read(filepath.Join(dir, name+".h5"))
			require.NoError(t, err)
			if other, err := keras.Read(filepath.Join(dir, name+".keras")); err == nil {
				sameTable(t, other, net)
			} else {
				fmt.Println(err)
			}
			parity(t, dev, net, dir, name)
		})
	}
}
