// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package device

import "fmt"

// Kind says what does the arithmetic.
type Kind string

const (
	// Auto takes the best that works: GPU, then CPU, then Go.
	Auto Kind = ""
	// CPU is XLA on the processor.
	CPU Kind = "cpu"
	// GPU is XLA on an NVIDIA graphics card, through CUDA.
	GPU Kind = "gpu"
	// Go is GoMLX's pure Go backend: no plugin, nothing to install, good for tests with tiny networks, and over
	// two hundred times slower than XLA on VGG16.
	Go Kind = "go"
)

// ParseKind reads a kind as a command line gives it: "cpu", "gpu", "go", or "auto" or "" for [Auto].
func ParseKind(name string) (Kind, error) {
	switch kind := Kind(name); kind {
	case Auto, CPU, GPU, Go:
		return kind, nil
	case "auto":
		return Auto, nil
	default:
		return Auto, fmt.Errorf("%w %q: it is one of auto, cpu, gpu and go", ErrKind, name)
	}
}

// String returns the kind's name, "auto" for [Auto].
func (k Kind) String() string {
	if k == Auto {
		return "auto"
	}
	return string(k)
}
