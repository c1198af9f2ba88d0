// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package ascent_test

import (
	"context"
	"slices"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/stretchr/testify/require"

	"convscope/pkg/ascent"
	"convscope/pkg/device"
)

// TestPicturesWithoutStepsShowTheirStart stops runs before they begin, while their program is being compiled and
// between two batches: a picture that took no step is the same each time.
func TestPicturesWithoutStepsShowTheirStart(t *testing.T) {
	const pixels = 24 * 20 * 3
	texts := []string{
		"book,image=pyramid,step=0.1", "book,image=pyramid,color=gray,step=0.1",
		"book,image=cppn,color=decorrelated,optimizer=adam,step=0.01", "book,image=fourier,step=0.1", "book,octaves=3",
		"book,image=pixels:0.01,color=squashed,step=0.1", "book,image=pixels:100:150,octaves=2",
	}
	for _, named := range ascent.Methods() {
		texts = append(texts, named.Name)
	}
	for _, text := range texts {
		for _, kind := range []string{"noise", "a start"} {
			t.Run(text+" from "+kind, func(t *testing.T) {
				m, err := ascent.ParseMethod(text)
				require.NoError(t, err)
				o := ascent.Options{Method: m, Height: 24, Width: 20, Steps: 4, Batch: 2}
				if kind == "a start" {
					if o.Start = value(100, 127.5, 1, 24, 20, 3); o.Check(5) != nil {
						t.Skip("the method takes no start")
					}
				}
				run := func(stop func(), ctx context.Context, progress func(ascent.Progress)) (levels []float32,
					taken []int, heights []int) {
					target, seen := watchedTarget(t, stop)
					o.Progress = progress
					result, err := ascent.Run(ctx, target, o)
					require.NoError(t, err)
					require.True(t, result.Stopped)
					for _, losses := range result.Loss {
						taken = append(taken, len(losses))
					}
					return tensors.MustCopyFlatData[float32](result.Pictures), taken, *seen
				}
				ended, end := context.WithCancel(t.Context())
				end()
				before, taken, heights := run(func() {}, ended, nil)
				require.Equal(t, []int{0, 0, 0, 0, 0}, taken)
				require.Empty(t, heights, "nothing is compiled")

				compiling, stop := context.WithCancel(t.Context())
				defer stop()
				during, taken, heights := run(stop, compiling, nil)
				require.Equal(t, []int{0, 0, 0, 0, 0}, taken)
				require.Len(t, heights, 1, "no further octave is compiled")
				require.Equal(t, before, during)

				climbing, stop := context.WithCancel(t.Context())
				defer stop()
				between, taken, _ := run(func() {}, climbing, func(p ascent.Progress) {
					if p.Step == 3 {
						stop()
					}
				})
				require.Equal(t, []int{3, 3, 0, 0, 0}, taken)
				require.NotEqual(t, before[:2*pixels], between[:2*pixels])
				require.Equal(t, before[2*pixels:], between[2*pixels:])

				if cppn := (ascent.CPPN{}); kind == "noise" && m.Image != cppn { // which starts plain
					require.NotEqual(t, slices.Max(before), slices.Min(before), "the start is shown")
					require.NotEqual(t, before[:pixels], before[pixels:2*pixels], "each filter's own")
				}
				if o.Start != nil {
					require.Equal(t, tensors.MustCopyFlatData[float32](o.Start), before[4*pixels:])
				}
			})
		}
	}
}

// watchedTarget has five of smooth's filters. It calls stop while a program is being built, and notes the heights of
// pictures that programs were built for.
func watchedTarget(t *testing.T, stop func()) (target ascent.Target, heights *[]int) {
	t.Helper()
	dev, err := device.New(device.Options{Kind: device.Go})
	require.NoError(t, err)
	t.Cleanup(dev.Close)
	heights = new([]int)
	loss := func(how ascent.How) ascent.LossFunc {
		return func(scope *model.Scope, x, filters *Node) *Node {
			stop()
			if height := x.Shape().Dim(1); !slices.Contains(*heights, height) {
				*heights = append(*heights, height)
			}
			return smooth(how)(scope, x, filters)
		}
	}
	climber := ascent.NewClimberOf(dev.Backend, model.NewStore(),
		ascent.Source{Loss: loss, Preprocess: func(x *Node) *Node { return AddScalar(x, -100) }})
	return ascent.Target{Climber: climber, Layer: "waves", Filters: []int{0, 1, 2, 3, 4}}, heights
}
