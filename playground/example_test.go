// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package playground_test

import (
	"context"
	"fmt"

	"convscope/pkg/device"
	"convscope/playground"
	"convscope/vgg16"
)

// Without a browser the panel's first picture is made, and the program goes on.
func ExampleRun() {
	dev := device.MustNew(device.Options{Kind: device.Go})
	defer dev.Close()
	net := vgg16.Random(dev, 16, 1)
	_, err := playground.Run(context.Background(), net, playground.Options{Layer: "block1_conv2",
		Filter: 1, Size: 16, Steps: 2})
	fmt.Println(err)
	// Output:
	// No browser answers here, so the panel's knobs stay where they are.
	// [picture, 16x16 pixels: block1_conv2, filter 1]
	// <nil>
}
