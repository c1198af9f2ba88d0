// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package ascent_test

import (
	"testing"
	"time"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/stretchr/testify/require"

	"convscope/internal/level"
	"convscope/pkg/ascent"
	"convscope/pkg/device"
)

// layered is a target over two convolutions with weights, one of which has strides, of two pictures; factor is in the
// second's weights.
func layered(t *testing.T, dev *device.Device, loops bool, factor float64) ascent.Target {
	t.Helper()
	store := model.NewStore()
	scope := store.RootScope()
	scope.VariableWithValue("first", tensors.FromFlatDataAndDimensions(spread(3*3*3*16, 0.3, 0), 3, 3, 3, 16))
	scope.VariableWithValue("second", tensors.FromFlatDataAndDimensions(spread(3*3*16*2, factor, 0), 3, 3, 16, 2))
	scope.VariableWithValue("unused", tensors.FromFlatDataAndDimensions(spread(5, 1, 0), 5))
	loss := ascent.ChannelMean(func(scope *model.Scope, pictures *Node) *Node {
		weight := func(name string) *Node { return scope.Store().GetVariable("/" + name).NodeValue(pictures.Graph()) }
		x := Convolve(pictures, weight("first")).PadSame().Done() // [batch, h, w, 16]
		x = Max(x, ScalarZero(x.Graph(), x.DType()))
		return Convolve(x, weight("second")).Strides(2).NoPadding().Done() // [batch, h/2, w/2, 2]
	})
	return ascent.Target{
		Climber: ascent.NewClimberOf(dev.Backend, store,
			ascent.Source{Loss: func(ascent.How) ascent.LossFunc { return loss }, Loops: loops}),
		Layer: "layered", Filters: []int{0, 1},
	}
}

func TestStepsTogether(t *testing.T) {
	level.Real(t, "needs XLA")
	dev, err := xlaDevice()
	require.NoError(t, err)
	for _, text := range []string{"border=0", "image=fourier,optimizer=adam,transforms=jitter:3", "octaves=2"} {
		t.Run(text, func(t *testing.T) {
			o := ascent.Options{Method: method(t, text), Size: 24, Steps: 50, Step: 0.5}
			together, err := ascent.Run(t.Context(), layered(t, dev, true, 0.3), o)
			require.NoError(t, err)
			require.Len(t, together.Loss[1], 50)

			watched, seen := o, []int{}
			watched.Progress = func(p ascent.Progress) { seen = append(seen, p.Step) }
			singly, err := ascent.Run(t.Context(), layered(t, dev, true, 0.3), watched)
			require.NoError(t, err)
			require.Len(t, seen, 50, "each step is shown to who wants that")
			require.Equal(t, singly.Loss, together.Loss)
			require.Equal(t, tensors.MustCopyFlatData[float32](singly.Pictures),
				tensors.MustCopyFlatData[float32](together.Pictures))

			seen = nil
			watched.Every = time.Hour
			_, err = ascent.Run(t.Context(), layered(t, dev, true, 0.3), watched)
			require.NoError(t, err)
			require.Less(t, len(seen), 50)
			require.Equal(t, 50, seen[len(seen)-1])

			alone, err := ascent.Run(t.Context(), layered(t, dev, false, 0.3), o)
			require.NoError(t, err)
			for i, loss := range together.Loss {
				same(t, 1e-3, alone.Loss[i], loss, "loss without a loop")
			}
		})
	}
}

// TestDivergedWithinACall sees that the step is named at which the numbers ended, not the call's.
func TestDivergedWithinACall(t *testing.T) {
	level.Real(t, "needs XLA")
	dev, err := xlaDevice()
	require.NoError(t, err)
	o := ascent.Options{Size: 24, Steps: 40, Step: 1e20}
	_, together := ascent.Run(t.Context(), layered(t, dev, true, 1e15), o)
	require.ErrorIs(t, together, ascent.ErrDiverged)
	reached := 0
	o.Progress = func(p ascent.Progress) { reached = p.Step }
	_, singly := ascent.Run(t.Context(), layered(t, dev, true, 1e15), o)
	require.EqualError(t, singly, together.Error())
	require.Greater(t, reached, 1, "it must not end in the first call, which takes one step")
}
