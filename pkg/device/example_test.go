// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package device_test

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"

	"convscope/pkg/device"
)

// A test with a tiny network wants no plugin and no download: the pure Go backend.
func ExampleNew() {
	dev, err := device.New(device.Options{Kind: device.Go})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer dev.Close()
	fmt.Println(dev.Name())

	double := graph.MustNewExec(dev.Backend, func(x *graph.Node) *graph.Node { return graph.Add(x, x) })
	fmt.Println(double.MustCall([]float32{1, 2})[0].Value())
	// Output:
	// GoMLX's pure Go backend (over two hundred times slower than XLA)
	// [2 4]
}

// A command's flag becomes a kind.
func ExampleParseKind() {
	kind, err := device.ParseKind("cpu")
	fmt.Println(kind, err)
	_, err = device.ParseKind("tpu")
	fmt.Println(err)
	// Output:
	// cpu <nil>
	// unknown device "tpu": it is one of auto, cpu, gpu and go
}
