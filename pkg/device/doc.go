// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// Package device picks the machine that does the arithmetic and says why: an NVIDIA GPU or the CPU through XLA,
// or, where neither can be had, GoMLX's pure Go backend. It is the only package that names a backend.
//
//	dev, err := device.New(device.Options{})
//	if err != nil {
//		return err
//	}
//	defer dev.Close()
//	fmt.Println(dev.Name()) // XLA on CPU (PJRT API 0.115)
//	exec := graph.MustNewExec(dev.Backend, program)
//
// XLA comes as a PJRT plugin, a shared library of about 200 MB that is loaded while the program runs. New looks
// for one that is installed, in this order:
//
//   - the directories in PJRT_PLUGIN_LIBRARY_PATH
//   - go-xla's directories (~/.local/lib/go-xla and its nvidia/) and gopjrt's (~/.local/lib/gomlx/pjrt)
//   - the same three under /usr/local/lib
//   - the absolute directories in LD_LIBRARY_PATH
//   - convscope's cache (CONVSCOPE_CACHE, else the user's cache directory)
//
// and else gets one into that cache, once, if its SHA-256 is known here or given in CONVSCOPE_PJRT_SHA256: the release
// that go-xla's own installer fetches, then, on linux/amd64, packages that pip can fetch. Two processes at once get it
// once. A plugin that is damaged, built for another processor, of another PJRT API, or wrong in what convscope
// computes is named in one line and passed over.
//
// The environment variable GOMLX_BACKEND is obeyed as GoMLX would obey it ("go", "xla:cpu", "xla:cuda,preallocate",
// "xla:/path/to/plugin.so"), with one difference: go-xla's habit of downloading at each start is switched off, and
// a plugin's name is looked up as above. [Options.Kind] is stronger than the variable; both make a failure an
// error. Only the free choice falls back, from the GPU to the CPU and from the CPU to pure Go, each with one line
// that says why.
//
// On XLA's CPU, on Linux, programs that were compiled once on this machine are kept ([KeptPrograms]), and 3x3
// and depthwise convolutions are computed by kernels of convscope's own ([Device.Convolution]): nothing changes in
// graphs, and any network's programs profit.
//
// On a GPU, float32 stays float32: TF32, which keeps 10 bits of the mantissa, is off unless [Options.TF32]
// or an option in GOMLX_BACKEND asks.
package device
