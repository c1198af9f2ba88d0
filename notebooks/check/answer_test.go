// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package check_test

import (
	"bytes"
	"fmt"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/stretchr/testify/require"

	"convscope/display"
	"convscope/notebooks/check"
	"convscope/pkg/device"
	"convscope/vgg16"
)

// verdict runs a check and returns what it said and showed.
func verdict(fn func() bool) (right bool, shown string) {
	var buffer bytes.Buffer
	display.Out = &buffer
	defer func() { display.Out = nil }()
	right = fn()
	return right, buffer.String()
}

// requireVerdict compares a check's word with its answer.
func requireVerdict(t *testing.T, want bool, fn func() bool) {
	t.Helper()
	right, shown := verdict(fn)
	require.Equal(t, want, right, shown)
	if want {
		require.Regexp(t, "^right: ", shown)
	} else {
		require.Regexp(t, "^not yet: ", shown)
	}
}

func tiny(t *testing.T) *vgg16.Model {
	t.Helper()
	dev, err := device.New(device.Options{Kind: device.Go})
	require.NoError(t, err)
	t.Cleanup(dev.Close)
	return vgg16.Random(dev, 16, 1)
}

func TestReceptiveField(t *testing.T) {
	for answer, want := range map[int]bool{9: false, 10: true, 11: false} {
		requireVerdict(t, want, func() bool { return check.ReceptiveField("block2_conv1", answer) })
	}
	requireVerdict(t, false, func() bool { return check.ReceptiveField("block9", 1) })
}

func TestDownhill(t *testing.T) {
	net := tiny(t)
	requireVerdict(t, true, func() bool {
		return check.Downhill(net, func(x, grads *Node) *Node { return Sub(x, grads) })
	})
	requireVerdict(t, false, func() bool {
		return check.Downhill(net, func(x, grads *Node) *Node { return Add(x, grads) })
	})
	requireVerdict(t, false, func() bool {
		return check.Downhill(net, func(_, _ *Node) *Node { panic(fmt.Errorf("wrong shape")) })
	})
}

func TestInnerLoss(t *testing.T) {
	net := tiny(t)
	inner := func(activation *Node, filter int) *Node {
		return ReduceAllMean(Slice(activation, AxisRange(), AxisRange(2, -2), AxisRange(2, -2), AxisElem(filter)))
	}
	whole := func(activation *Node, filter int) *Node {
		return ReduceAllMean(Slice(activation, AxisRange(), AxisRange(), AxisRange(), AxisElem(filter)))
	}
	requireVerdict(t, true, func() bool { return check.InnerLoss(net, inner) })
	requireVerdict(t, false, func() bool { return check.InnerLoss(net, whole) })
}

func TestDeadFilter(t *testing.T) {
	net := load(t)
	requireVerdict(t, true, func() bool { return check.DeadFilter(net, "block2_conv1", 8, 0) })
	requireVerdict(t, false, func() bool { return check.DeadFilter(net, "block2_conv1", 8, 1) })
}

// A wrong answer is told what is wrong with it.
func Example() {
	check.ReceptiveField("block2_conv1", 5)
	// Output: not yet: 5 is too few
}
