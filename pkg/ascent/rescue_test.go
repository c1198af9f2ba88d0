// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package ascent_test

import (
	"context"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/stretchr/testify/require"

	"convscope/pkg/ascent"
	"convscope/pkg/device"
)

// sleepers is a model with four filters over two layers of ReLUs: 0 answers to any picture; 1 is silent at the start,
// but its pre-activation climbs; 2 sits behind a unit that is silent as well, so that only a redirected gradient
// reaches it; 3 is above zero for no picture; 4 fires near 138 only, so that a long step kills it.
func sleepers(how ascent.How) ascent.LossFunc {
	return func(_ *model.Scope, x, filters *Node) *Node {
		rectify := func(x *Node) *Node { return MaxScalar(x, 0) }
		if how.Waking == ascent.Redirected {
			rectify = ascent.RedirectedReLU
		}
		red := Slice(x, AxisRange(), AxisRange(), AxisRange(), AxisElem(0)) // [batch, height, width, 1]
		hidden := rectify(AddScalar(red, -150))                             // silent below 150, where all noise is
		all := Concatenate([]*Node{
			red,
			AddScalar(red, -160),
			AddScalar(hidden, -0.5),
			AddScalar(MulScalar(red, 0), -1),
			OneMinus(MulScalar(Abs(AddScalar(red, -138)), 0.05)),
		}, -1) // [batch, height, width, 5]
		chosen := Reshape(OneHot(filters, 5, x.DType()), -1, 1, 1, 5)
		own := ReduceAndKeep(Mul(all, chosen), ReduceSum, -1) // [batch, height, width, 1]
		return ascent.Awake(own, func(x *Node) *Node { return MaxScalar(x, 0) }, how.Waking)
	}
}

func sleepersTarget(t testing.TB, filters ...int) ascent.Target {
	t.Helper()
	dev, err := device.New(device.Options{Kind: device.Go})
	require.NoError(t, err)
	t.Cleanup(dev.Close)
	climber := ascent.NewClimberOf(dev.Backend, model.NewStore(), ascent.Source{Loss: sleepers, Fires: true, Black: -110})
	return ascent.Target{Climber: climber, Layer: "sleepers", Filters: filters}
}

func TestRescue(t *testing.T) {
	target := sleepersTarget(t, 0, 1, 2, 3)
	var last ascent.Progress
	finished := make(map[int]int)
	o := ascent.Options{Size: 4, Batch: 2, Progress: func(p ascent.Progress) {
		last = p
	}, Finished: func(first int, pictures *tensors.Tensor) {
		for i := range pictures.Shape().Dim(0) {
			finished[first+i]++
		}
	}}
	result, err := ascent.Run(context.Background(), target, o)
	require.NoError(t, err)
	require.Equal(t, ascent.Alive, result.Fates[0].Life)
	require.Equal(t, ascent.Fate{Life: ascent.Rescued, How: "climbing its pre-activation"}, result.Fates[1])
	require.Equal(t, ascent.Fate{Life: ascent.Rescued, How: "gradients redirected through silent ReLUs"}, result.Fates[2])
	require.Equal(t, ascent.Inert, result.Fates[3].Life)
	require.Equal(t, []bool{false, false, false, true}, result.Dead)
	require.Equal(t, []string{"", "rescued", "rescued", "inert"}, result.Badges())
	require.Equal(t, map[int]int{0: 1, 1: 2, 2: 2, 3: 1}, finished, "rescued pictures come once more")
	require.Greater(t, result.Loss[1][39], float32(0))
	require.Len(t, result.Loss[2], 40)
	require.Equal(t, last.Total, last.Done)
	require.Contains(t, result.Caption(1), "(rescued)")
	require.Contains(t, result.Caption(3), "inert")

	noise := make([]float32, 4*4*3)
	ascent.Noise(noise, 1, 3)
	require.Equal(t, noise[:3], at(t, result.Pictures, 3, 0, 0), "an inert filter's picture is its noise")

	t.Run("alike alone", func(t *testing.T) {
		alone, err := ascent.Run(context.Background(), sleepersTarget(t, 2), ascent.Options{Size: 4})
		require.NoError(t, err)
		require.InDeltaSlice(t, at(t, result.Pictures, 2, 1, 1), at(t, alone.Pictures, 0, 1, 1), 1e-3)
	})
	t.Run("silent on its way", func(t *testing.T) {
		o := ascent.Options{Size: 4, Steps: 39, Step: 50}
		result, err := ascent.Run(context.Background(), sleepersTarget(t, 4), o)
		require.NoError(t, err)
		require.Equal(t, ascent.Rescued, result.Fates[0].Life)
		require.Greater(t, result.Loss[0][38], float32(0))
		o.NoRescue = true
		result, err = ascent.Run(context.Background(), sleepersTarget(t, 4), o)
		require.NoError(t, err)
		require.Greater(t, result.Loss[0][0], float32(0))
		require.Zero(t, result.Loss[0][38])
		require.Equal(t, ascent.Alive, result.Fates[0].Life, "it did answer to its start")
	})
	t.Run("turned off", func(t *testing.T) {
		result, err := ascent.Run(context.Background(), target, ascent.Options{Size: 4, NoRescue: true})
		require.NoError(t, err)
		require.Equal(t, []string{"", "dead", "dead", "dead"}, result.Badges())
		require.Equal(t, 3, result.Count(ascent.Dead))
	})
	t.Run("downhill", func(t *testing.T) {
		result, err := ascent.Run(context.Background(), target, ascent.Options{Size: 4, Step: -1})
		require.NoError(t, err)
		require.Equal(t, 0, result.Count(ascent.Rescued)+result.Count(ascent.Inert), "silence is the aim")
		require.Equal(t, []int{1, 2, 3}, result.DeadFilters())
	})
	t.Run("proven", func(t *testing.T) {
		bounded := target
		bounded.Bound = func(filter int, _ bool) (float64, bool) { return 2 - float64(filter), true }
		result, err := ascent.Run(context.Background(), bounded, ascent.Options{Size: 4})
		require.NoError(t, err)
		require.Equal(t, ascent.Fate{Life: ascent.Inert, How: "no picture of gray levels 0 to 255 lifts it above -1",
			Proven: true}, result.Fates[3])
	})
	t.Run("by the method", func(t *testing.T) {
		result, err := ascent.Run(context.Background(), target, ascent.Options{Size: 4, Method: ascent.Method{Wake: true}})
		require.NoError(t, err)
		require.Equal(t, []string{"", "rescued", "rescued", "inert"}, result.Badges())
		require.Equal(t, "gradients redirected through silent ReLUs", result.Fates[2].How)
	})
	t.Run("stopped in between", func(t *testing.T) {
		ctx, stop := context.WithCancel(context.Background())
		result, err := ascent.Run(ctx, target, ascent.Options{Size: 4, Progress: func(p ascent.Progress) {
			if p.Done == 4*40+60 {
				stop()
			}
		}})
		require.NoError(t, err)
		require.True(t, result.Stopped)
		require.Equal(t, []string{"", "dead", "dead", "dead"}, result.Badges(), "all of the rescue is undone")
		require.Len(t, result.Loss[1], 40)
	})
}

func TestBorderIsLeftOut(t *testing.T) {
	x := value(1, 0, 2, 7, 6, 1)
	got := compute(t, func(in []*Node) *Node { return ascent.Inside(in[0], 2) }, x)
	all, err := tensors.CopyFlatData[float32](x)
	require.NoError(t, err)
	require.Equal(t, []float32{all[14], all[15], all[20], all[21], all[26], all[27]}, got[:6])
	require.Len(t, compute(t, func(in []*Node) *Node {
		return ascent.Inside(in[0], 9)
	}, x), 2*1*2, "of a small output the middle stays")
}
