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
)

func TestEachSettingIsAsAlone(t *testing.T) {
	square := func(_ *model.Scope, x *Node) *Node { return Square(x) }
	settings := []ascent.Options{
		{Size: 5, Steps: 7, Step: 0.1},
		{Size: 6, Steps: 2},
		{Size: 5, Steps: 3, Step: 10},
		{Size: 5, Steps: 7, Seed: 9},
		{Start: tensors.FromScalarAndDimensions(float32(7), 1, 5, 5, 3), Steps: 4},
	}
	job := target(t, ascent.ChannelMean(square), 2, 0)
	together, err := ascent.RunEach(context.Background(), job, settings)
	require.NoError(t, err)
	require.Len(t, together, len(settings))
	for i, options := range settings {
		alone, err := ascent.Run(context.Background(), job, options)
		require.NoError(t, err)
		require.False(t, together[i].Stopped)
		require.Equal(t, alone.Options.String(), together[i].Options.String())
		require.Equal(t, alone.Dead, together[i].Dead)
		for f := range job.Filters {
			require.Len(t, together[i].Loss[f], len(alone.Loss[f]), "setting %d", i)
			require.InEpsilonSlice(t, alone.Loss[f], together[i].Loss[f], 1e-5, "setting %d", i)
			require.InDeltaSlice(t, at(t, alone.Pictures, f, 3, 3), at(t, together[i].Pictures, f, 3, 3), 1e-3, "setting %d", i)
		}
	}
}

func TestEachSharesBatches(t *testing.T) {
	compiled, last := 0, ascent.Progress{}
	progress := func(p ascent.Progress) {
		if p.Pictures.Shape().Dim(0) != 3 {
			t.Errorf("a batch of %d", p.Pictures.Shape().Dim(0))
		}
		if p.Step == 1 {
			compiled++
		}
		last = p
	}
	results, err := ascent.RunEach(context.Background(), target(t, ascent.ChannelMean(identity), 0),
		[]ascent.Options{{Size: 4, Steps: 2, Progress: progress}, {Size: 4, Steps: 5}, {Size: 4, Steps: 1, Step: 0.1}})
	require.NoError(t, err)
	require.Equal(t, 1, compiled, "one batch for all")
	require.Equal(t, [2]int{8, 8}, [2]int{last.Done, last.Total})
	require.Equal(t, 3, results[1].Options.Batch)

	_, err = ascent.RunEach(context.Background(), target(t, ascent.ChannelMean(identity), 0),
		[]ascent.Options{{Size: 4}, {Size: -4}})
	require.ErrorContains(t, err, "setting 2: size")
	none, err := ascent.RunEach(context.Background(), target(t, ascent.ChannelMean(identity), 0), nil)
	require.NoError(t, err)
	require.Empty(t, none)

	stopped, cancel := context.WithCancel(context.Background())
	cancel()
	results, err = ascent.RunEach(stopped, target(t, ascent.ChannelMean(identity), 0),
		[]ascent.Options{{Size: 4}, {Size: 5}})
	require.NoError(t, err)
	require.True(t, results[0].Stopped && results[1].Stopped)
}
