// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package activation_test

import (
	"fmt"

	"github.com/gomlx/gomlx/core/tensors"

	"convscope/pkg/activation"
	"convscope/pkg/picture"
)

func Example() {
	// Two places and three channels: one that answers weakly, one that is silent, one that answers strongly at the
	// second place.
	output := tensors.FromFlatDataAndDimensions([]float32{1, 0, 0, 2, 0, 8}, 1, 1, 2, 3)

	fmt.Println("the strongest:", activation.Strongest(output, 2))
	fmt.Printf("silent: %.0f %%\n", 100*activation.Silent(output))
	one, err := activation.Channel(output, 2, picture.Viridis)
	fmt.Println("channel 2:", one.Bounds().Size(), err)
	sheet, err := activation.Sheet(output, activation.SheetOptions{PerRow: 2})
	fmt.Println("sheet:", sheet.Bounds().Size(), err)
	// Output:
	// the strongest: [2 0]
	// silent: 33 %
	// channel 2: (2,1) <nil>
	// sheet: (4,2) <nil>
}
