// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package ascent_test

import (
	"context"
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"convscope/pkg/ascent"
	"convscope/pkg/device"
)

// A model of one's own: its only filter answers to the difference of red and green.
func Example() {
	dev := device.MustNew(device.Options{Kind: device.Go})
	defer dev.Close()
	contrast := func(_ *model.Scope, pictures *graph.Node) *graph.Node {
		red := graph.Slice(pictures, graph.AxisRange(), graph.AxisRange(), graph.AxisRange(), graph.AxisElem(0))
		green := graph.Slice(pictures, graph.AxisRange(), graph.AxisRange(), graph.AxisRange(), graph.AxisElem(1))
		return graph.Sub(red, green) // [batch, height, width, 1]
	}
	climber, err := ascent.NewClimber(dev.Backend, model.NewStore(), ascent.ChannelMean(contrast))
	if err != nil {
		fmt.Println(err)
		return
	}
	result, err := ascent.Run(context.Background(),
		ascent.Target{Climber: climber, Layer: "contrast", Filters: []int{0}}, ascent.Options{Size: 16})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("up by %.0f in %d steps\n", result.Loss[0][39]-result.Loss[0][0], len(result.Loss[0]))
	// Output: up by 95 in 40 steps
}

// Methods and objectives are read from text, and put together in Go.
func ExampleParseMethod() {
	method, err := ascent.ParseMethod("crisp,transforms=jitter:8+flip,steps=200")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(method.Image, method.Transforms, method.Steps)
	_, err = ascent.ParseMethod("crips")
	fmt.Println(err)
	// Output:
	// fourier [jitter:8 flip] 200
	// there is no method "crips": did you mean crisp? (all: book, book2, keras-io, lucid, maco, crisp)
}

func ExampleObjective() {
	objective := ascent.Channel("block4_conv3", 12).Minus(ascent.Channel("block4_conv3", 40).Times(0.5))
	fmt.Println(objective)
	// Output: channel:block4_conv3:12 - 0.5*channel:block4_conv3:40
}
