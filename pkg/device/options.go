// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package device

import (
	"fmt"

	"convscope/internal/progress"
)

// Options says which device is wanted. The zero value takes the best one of this machine.
type Options struct {
	// Kind forces the device; [New] then fails where it cannot be had. [Auto] chooses, after GOMLX_BACKEND.
	Kind Kind
	// TF32 lets an NVIDIA GPU round float32 to 10 bits of mantissa inside convolutions and matrix products, which
	// is faster and no longer gives the CPU's pictures. It does nothing on other devices. The option tf32 or notf32
	// in GOMLX_BACKEND is stronger.
	TF32 bool
	// Report gets one line of news at a time, such as why a plugin was passed over. Nil prints them on stderr. An
	// installed plugin that works makes no news.
	Report func(line string)
}

// String prints the options as one line.
func (o Options) String() string {
	return fmt.Sprintf("kind=%s tf32=%t", o.Kind, o.TF32)
}

func (o Options) report(line string) {
	if o.Report != nil {
		o.Report(line)
		return
	}
	progress.Line(line)
}
