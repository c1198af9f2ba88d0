// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// Command probe opens the device as a cell of a notebook does, which runs a program on it, and fails unless that is
// the CPU with XLA. What C code there is in a cell is in it as well: see jupyter.Linker.
package main

import (
	"context"
	"fmt"
	"os"

	"convscope/pkg/device"
)

func main() {
	dev, err := device.NewContext(context.Background(), device.Options{})
	if err == nil && dev.Kind() != device.CPU {
		err = fmt.Errorf("the device is %s", dev.Name())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	dev.Close()
}
