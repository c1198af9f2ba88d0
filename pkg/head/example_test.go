// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package head_test

import (
	"context"
	"fmt"

	"github.com/gomlx/gomlx/core/tensors"

	"convscope/pkg/device"
	"convscope/pkg/head"
)

func Example() {
	dev := device.MustNew(device.Options{Kind: device.Go})
	defer dev.Close()
	data := head.Data{
		Features: tensors.FromValue([][]float32{{5, 1}, {4, 0}, {6, 2}, {1, 5}, {0, 4}, {2, 6}}), // two channels
		Labels:   []int{0, 0, 0, 1, 1, 1},
		Classes:  []string{"cat", "coffee"},
	}
	classifier, err := head.Train(context.Background(), dev.Backend, data, head.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	classes, err := classifier.Classify(tensors.FromValue([][]float32{{7, 1}, {3, 8}}))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(classifier.Classes[classes[0]], classifier.Classes[classes[1]])
	// Output: cat coffee
}
