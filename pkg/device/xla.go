// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

//go:build cgo && !noxla && ((linux && (amd64 || arm64)) || (darwin && arm64))

package device

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/gomlx/compute"
	"github.com/gomlx/go-xla/compute/xla"
	"github.com/gomlx/go-xla/pjrt"

	_ "convscope/internal/quiet" // before go-xla is initialized
	"convscope/internal/scratch"
	"convscope/pkg/device/internal/hook"
)

// envTF32 makes NVIDIA's libraries compute in full float32 when it is "0". go-xla's own option notf32 reaches
// matrix products only: it leaves convolutions at XLA's default precision, for which cuDNN takes TF32.
const envTF32 = "NVIDIA_TF32_OVERRIDE"

// deterministic makes XLA take no operation on a GPU that adds up in another order each time: without it the same
// program gives other pictures in each run. Forty steps of one deep picture took 0.18 instead of 0.11 s on an H200.
const deterministic = "--xla_gpu_exclude_nondeterministic_ops=true"

// ownProducts leaves matrix products to cuBLAS. XLA's other way, through Triton, ends the process where a product's
// result is taken apart in some ways, as those of a strided convolution's gradient are: ResNet18 with the plugin of
// JAX 0.11.2. cuBLAS takes no longer.
const ownProducts = "--xla_gpu_enable_triton_gemm=false"

// settle adds to XLA_FLAGS what a GPU needs, unless they say something about it or the plugin at path does not know
// it.
func settle(path string) error {
	flags := os.Getenv(envFlags)
	if flags != "" && !strings.HasPrefix(strings.TrimSpace(flags), "--") {
		return nil // a file of flags
	}
	for _, ours := range []struct{ about, flag string }{
		{"deterministic", deterministic}, {"triton_gemm", ownProducts},
	} {
		if !strings.Contains(flags, ours.about) && checkFlags(path, ours.flag) == nil {
			flags = strings.TrimSpace(flags + " " + ours.flag)
		}
	}
	return os.Setenv(envFlags, flags)
}

// errNotBuilt says why a build has no XLA; this one has.
var errNotBuilt error

// cpuRelease is the release of CPU plugins that this go-xla was made with.
var cpuRelease = pjrt.DefaultCPUVersion

// openXLA loads the plugin at an absolute path, starts its client with go-xla's options ("tf32,preallocate") and
// runs a tiny program. kind is [Auto] where a person gave the path, which go-xla then gets as it is.
func openXLA(path string, kind Kind, options string) (*opened, error) {
	xlaLock.Lock()
	defer xlaLock.Unlock()
	head, err := peek(path)
	if err != nil {
		return nil, err
	}
	if err := head.check(); err != nil {
		return nil, err
	}
	if kind == GPU {
		if err := settle(path); err != nil {
			return nil, err
		}
		hook.Keep(path, contentOf(path)+"\n"+thisGPU().identity())
	} else {
		hook.Set(path, contentOf(path))
	}
	name, err := neutralPath(path, kind)
	if err != nil {
		return nil, err
	}
	if strings.Contains(options, noTF32) && os.Getenv(envTF32) == "" {
		if err := os.Setenv(envTF32, "0"); err != nil {
			return nil, err
		}
	}
	xla.EnableAutoInstall(false) // else New would download whenever ~/.local/lib/go-xla lacks go-xla's favourite
	config := name
	if options != "" {
		config += "," + options
	}
	if name != path {
		defer os.RemoveAll(filepath.Dir(name)) // once loaded, the name alone does
	}
	backend, err := guard(func() (compute.Backend, error) { return xla.New(config) })
	if err != nil {
		delete(links, path)
		// go-xla's own words name the plugin's path again, which the line that quotes them has.
		prefix := fmt.Sprintf("while creating plugin %s for backend %q: ", name, xla.BackendName)
		return nil, fmt.Errorf("does not start: %s", strings.TrimPrefix(err.Error(), prefix))
	}
	o := &opened{backend: backend, kind: kindOf(backend), path: path}
	if plugin, err := pjrt.GetPlugin(name); err == nil { // cached by xla.New
		major, minor := plugin.Version()
		o.api = fmt.Sprintf("%d.%d", major, minor)
	}
	for i := range backend.NumDevices() {
		o.devices = append(o.devices, backend.DeviceDescription(compute.DeviceNum(i)))
	}
	o.faults, err = tryOnce(path, backend)
	if err != nil && o.kind == CPU && hook.Calls(path) { // perhaps it is the way to our own convolution
		hook.Plain()
		o.faults, err = tryOnce(path, backend)
	}
	if err != nil {
		backend.Finalize()
		return nil, err
	}
	return o, nil
}

// kindOf asks the plugin's first device what it is: "cpu:0", "TFRT_CPU_0", "CudaDevice(id=0)".
func kindOf(backend compute.Backend) Kind {
	first := strings.ToUpper(backend.DeviceDescription(0))
	x, ok := backend.(*xla.Backend)
	switch {
	case strings.Contains(first, "CUDA"), strings.Contains(first, "GPU"), ok && x.IsCUDA():
		return GPU
	case strings.Contains(first, "CPU"), ok && x.IsCPU():
		return CPU
	default:
		return Kind(xla.BackendName)
	}
}

var (
	xlaLock sync.Mutex
	links   = make(map[string]string) // neutral names by plugin path
)

// neutralPath returns a path under which go-xla takes the plugin for what it is. Given a path, go-xla uses all of
// it as the plugin's name: it ends at the first comma, with "cuda" or "nvidia" in it (a user called nvidia is
// enough) the plugin counts as CUDA, and with "cpu" in it as CPU.
func neutralPath(path string, kind Kind) (string, error) {
	isCPU := strings.Contains(strings.ToUpper(path), "CPU")
	bad := strings.Contains(path, ",") ||
		kind == CPU && (isCUDA(path) || !isCPU) ||
		kind == GPU && (isCPU || !isCUDA(path))
	if !bad {
		return path, nil
	}
	if kind != CPU {
		// A link would not do: the plugin looks for NVIDIA's libraries next to the path it was loaded by.
		return "", errors.New("go-xla misreads its path: move it to one without commas and without \"cpu\" in it")
	}
	if link, ok := links[path]; ok {
		return link, nil
	}
	dir, err := scratch.Make() // for as long as this process lives
	if err != nil {
		return "", err
	}
	link := filepath.Join(dir.Path, "pjrt_c_api_cpu_plugin.so")
	if isCUDA(link) || strings.Contains(link, ",") {
		dir.Remove()
		return "", errors.New("go-xla misreads its path, and the temporary directory's: set TMPDIR to another")
	}
	if err := os.Symlink(path, link); err != nil {
		return "", err
	}
	links[path] = link
	return link, nil
}
