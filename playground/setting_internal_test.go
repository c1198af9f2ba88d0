// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package playground

import (
	"image"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/pkg/network"
	"convscope/vgg16"
)

func TestTurn(t *testing.T) {
	of := subjectOf(network.NewTable(vgg16.Network()))
	first, err := Options{}.setting(of)
	require.NoError(t, err)
	require.Equal(t, "block3_conv1, filter 0", first.caption())
	require.Equal(t, "150x150 px, 40 steps of 1, seed 1", first.details())

	turned, err := first.turn(filterKnob, "255")
	require.NoError(t, err)
	turned, err = turned.turn(layerKnob, "block1_conv1")
	require.NoError(t, err)
	require.Equal(t, "block1_conv1, filter 63", turned.caption(), "the filter stays within the layer")
	_, err = turned.turn(exactKnob, "64")
	require.ErrorContains(t, err, "give 0 to 63")
	turned, err = turned.turn(methodKnob, "crisp")
	require.NoError(t, err)
	require.Equal(t, "crisp, 150x150 px, 96 steps of 0.05, seed 1", turned.details(), "a method brings its own steps")
	turned, err = turned.turn(stepsKnob, "9")
	require.NoError(t, err)
	turned, err = turned.turn(methodKnob, "crisp")
	require.NoError(t, err)
	require.Equal(t, 9, turned.steps, "the same method again changes nothing")

	for _, o := range []Options{{Layer: "block9_conv9"}, {Filter: 256}, {Size: 3}, {Steps: -1},
		{Step: 1e9}, {Method: "crips"}} {
		_, err := o.setting(of)
		require.Error(t, err, "%+v", o)
	}
}

func TestCopyAsGo(t *testing.T) {
	of := subjectOf(network.NewTable(vgg16.Network()))
	s, err := Options{}.setting(of)
	require.NoError(t, err)
	require.Contains(t, s.code(), `net.MustChannel("block3_conv1", 0), ascent.Options{}))`,
		"the book's values go without saying")
	s, err = Options{Layer: "block4_conv1", Filter: 7, Size: 96, Steps: 10, Step: 0.5, Seed: 3}.setting(of)
	require.NoError(t, err)
	require.Contains(t, s.code(), `ascent.Options{Size: 96, Steps: 10, Step: 0.5, Seed: 3}))`)
	s.method = "crisp"
	require.Contains(t, s.code(),
		`ascent.Options{Method: ascent.MustMethod("crisp"), Size: 96, Steps: 10, Step: 0.5, Seed: 3}))`)
	s.method = bookMethod
	s.start, s.photo, s.photoName = fromPhoto, image.NewGray(image.Rect(0, 0, 20, 10)), "cat.jpg"
	require.Contains(t, s.code(),
		`ascent.Options{Start: net.PhotoTensor(picture.MustOpen("cat.jpg"), 96, 96), Steps: 10, Step: 0.5}))`)
	require.Equal(t, []int{1, 96, 96, 3}, s.options().Start.Shape().Dimensions)
}

func TestCurve(t *testing.T) {
	low, high := bounds([]float32{1, 5}, nil, []float32{3})
	require.Equal(t, [2]float32{1, 5}, [2]float32{low, high})
	require.Equal(t, "M0.0 84.0L400.0 4.0", path([]float32{1, 5}, 2, 1, 5))
	require.Equal(t, "M0.0 44.0", path([]float32{2}, 1, 2, 2))
	require.Empty(t, path(nil, 1, 0, 0))
	require.Less(t, len(path(make([]float32, 100_000), 100_000, 0, 1)), 4000)
}

// TestAmount writes activations so that a reader can compare them.
func TestAmount(t *testing.T) {
	for value, want := range map[float32]string{67.5794: "67.58", 4754.6: "4755", 13028.4: "13028", -42.22349: "-42.22",
		0: "0", 1e12: "1e+12", 0.000012: "1.2e-05"} {
		require.Equal(t, want, amount(value))
	}
}
