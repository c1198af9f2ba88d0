// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package hook

import (
	"os"
	"sync"

	"convscope/pkg/device/internal/rewrite"
)

// EnvKernel is the environment variable that leaves all convolutions to XLA when it is "off".
const EnvKernel = "CONVSCOPE_KERNEL"

// kernelOff says whether the user asked for XLA's own convolutions.
func kernelOff() bool { return os.Getenv(EnvKernel) == "off" }

// counts are this process's.
var counts struct {
	sync.Mutex
	rewrite.Counts
}

// Convolutions says what became of the convolutions of this process's programs, loaded or compiled.
func Convolutions() rewrite.Counts {
	counts.Lock()
	defer counts.Unlock()
	return counts.Counts
}

func count(done rewrite.Counts) {
	counts.Lock()
	defer counts.Unlock()
	counts.Add(done)
}
