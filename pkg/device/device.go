// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package device

import (
	"context"
	"strings"
	"sync"

	"github.com/gomlx/compute"

	"convscope/pkg/device/internal/hook"
)

// Device is a backend that works, with what people want to know about it.
type Device struct {
	// Backend runs GoMLX graphs. Close ends it.
	Backend compute.Backend

	kind   Kind
	name   string
	plugin string
	faults []string
	notes  []string
	memory func() int64
	close  sync.Once
}

// New picks a device, getting a PJRT plugin if none is installed, and proves it with a tiny program. The error
// names what was tried; it wraps [ErrKind], [ErrNoGPU] or [ErrNoPlugin] where one of them is the reason.
func New(o Options) (*Device, error) {
	return NewContext(context.Background(), o)
}

// NewContext is [New] with a context that ends downloads and waiting.
func NewContext(ctx context.Context, o Options) (*Device, error) {
	c := &choice{host: thisHost(), options: o}
	return c.run(ctx)
}

// MustNew is [New] for notebook cells: it panics where New returns an error.
func MustNew(o Options) *Device {
	d, err := New(o)
	if err != nil {
		panic(err)
	}
	return d
}

// Kind returns what does the arithmetic: [CPU], [GPU] or [Go]. A backend that GOMLX_BACKEND names and this package
// does not know keeps its own name.
func (d *Device) Kind() Kind { return d.kind }

// Name returns one line for people, such as "XLA on CPU (PJRT API 0.115)".
func (d *Device) Name() string { return d.name }

// Plugin returns the path of the PJRT plugin that runs, "" where there is none.
func (d *Device) Plugin() string { return d.plugin }

// Explain returns every source that was tried, one line each, and last the choice.
func (d *Device) Explain() string { return strings.Join(d.notes, "\n") }

// Faults names the operations that the plugin computes wrongly, such as "atan2(x, 1)"; they are tried when the device
// is opened. Nothing in convscope uses them: a plugin that is wrong in what convscope does use is no device.
func (d *Device) Faults() []string { return d.faults }

// Convolution says how the programs that the device compiles now compute their 3x3 convolutions. "winograd" is by
// convscope's own kernel in C: Winograd's minimal filtering F(4x4,3x3), or F(2x2,3x3) where a layer has few positions
// (Lavin and Gray 2015, arXiv:1509.09308), with the points 0, 3/4, -3/4, 3/2, -3/2 for the first. "direct" is by the
// backend's own convolution, which takes four times, or 2.25 times, as many multiplications. Both give the same
// numbers up to rounding. The kernel is called on XLA's CPU, unless [EnvKernel] is "off" or the plugin has no way to
// call it; the convolutions that it isn't made for stay direct. Depthwise convolutions and those from or to few
// channels, such as a picture's three, are then convscope's own too, without transforms.
func (d *Device) Convolution() string {
	if d.kind == CPU && hook.Calls(d.plugin) {
		return "winograd"
	}
	return "direct"
}

// Loops says whether a loop's body runs on the device as fast as a program without one. On a CPU that is so by the
// kernel's doing alone: XLA prepares no convolution in a loop for its fast ways.
func (d *Device) Loops() bool { return d.kind == GPU || d.Convolution() == "winograd" }

// MemoryAvailable returns how many bytes a job may use now. On a CPU that is what the machine has left, or what
// the process's control group (a container's limit) leaves if that is less; on a GPU, what XLA may still take of
// the first visible card's memory, or 2 GiB if the driver does not tell.
func (d *Device) MemoryAvailable() int64 { return d.memory() }

// Close gives back the device's memory. Tensors and programs that live on it are no longer valid. Calling it again
// does nothing.
func (d *Device) Close() {
	d.close.Do(func() {
		if d.Backend != nil && !d.Backend.IsFinalized() {
			d.Backend.Finalize()
		}
	})
}
