// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package check_test

import (
	"image"
	"math"
	"strings"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/stretchr/testify/require"

	"convscope/notebooks/check"
	"convscope/notebooks/texture"
)

// TestNonsense gives checks what makes no sense: each says in one plain line what is wrong, and none panics.
func TestNonsense(t *testing.T) {
	net, own, photo := tiny(t), textures(t, ""), texture.MustDraw("rings", 7)
	const isNil, noLayer = "something is nil that is needed", `there is no layer "block9": did you mean `
	down := func(step func(x, grads *Node) *Node) func() bool {
		return func() bool { return check.Downhill(net, step) }
	}
	cam := func(answer func(maps, gradients *Node) *Node) func() bool {
		return func() bool { return check.HiResCAM(net, answer) }
	}
	for name, test := range map[string]struct {
		check func() bool
		want  string
	}{
		"no function":            {down(nil), isNil},
		"a function of nothing":  {down(func(x, _ *Node) *Node { return nil }), isNil},
		"a function that panics": {down(func(_, _ *Node) *Node { panic("not written\nyet") }), "not yet: not written\n"},
		"a panic of no error":    {down(func(_, _ *Node) *Node { panic(3) }), "not yet: 3\n"},
		"an index out of range": {down(func(x, _ *Node) *Node { return []*Node{}[len(x.Shape().Dimensions)] }),
			"not yet: index out of range"},
		"another shape": {down(func(x, _ *Node) *Node { return ReduceAllSum(x) }), "not yet: vgg16 takes pictures of shape"},
		"no number":     {down(func(x, _ *Node) *Node { return MulScalar(x, math.NaN()) }), "to NaN in 10 steps"},
		"a map of nil":  {cam(func(_, _ *Node) *Node { return nil }), "is nil"},
		"a map's panic": {cam(func(_, _ *Node) *Node { panic("not written") }), "not yet: not written\n"},
		"a map of one":  {cam(func(maps, _ *Node) *Node { return ReduceAllSum(maps) }), "the map has the shape []"},
		"no map at all": {cam(nil), isNil},
		"another graph": {cam(func(_, _ *Node) *Node {
			return Const(NewGraph(net.Backend, "other"), float32(1))
		}), "not yet: "},
		"no map":        {func() bool { return check.Against(nil, 1) }, isNil},
		"no map to ask": {func() bool { return check.SpeaksFor(nil, "rings") }, isNil},
		"no network":    {func() bool { return check.Field(nil, "conv2d", 1) }, isNil},
		"no photo":      {func() bool { return check.MostSilent(own, nil, "conv2d_3") }, isNil},
		"no picture":    {func() bool { return check.Culprit(own, []image.Image{nil}, "rings", "red") }, isNil},
		"no class":      {func() bool { return check.Culprit(own, []image.Image{photo}, "nope", "red") }, `no class "nope"`},
		"no filters":    {func() bool { return check.DeadFilter(net, "block1_conv1", -1, 1) }, "none given"},
		"vast filters":  {func() bool { return check.DeadFilter(net, "block1_conv1", math.MaxInt, 1) }, "filter"},
		"no such layer": {func() bool { return check.ReceptiveField("block9", 1) }, noLayer},
		"nor here":      {func() bool { return check.Loudest(net, photo, "block9", 1) }, noLayer},
		"a large one":   {func() bool { return check.ReceptiveField("block2_conv1", math.MaxInt) }, "is too many"},
	} {
		t.Run(name, func(t *testing.T) {
			right, shown := verdict(test.check)
			require.False(t, right)
			require.Contains(t, shown, test.want)
			require.Equal(t, 1, strings.Count(shown, "\n"), "one line: %q", shown)
			require.NotContains(t, shown, "panicked")
		})
	}
}
