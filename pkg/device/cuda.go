// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package device

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/shirou/gopsutil/v4/disk"

	"convscope/internal/fetch"
)

// cudaTable holds the wheels of the CUDA plugin and of NVIDIA's libraries for linux/amd64: the plugin that goes with
// the first CPU plugin of pip.json, and what jax-cuda13-plugin of that version wanted on the day it came out.
//
//go:embed cuda.json
var cudaTable []byte

const (
	// cudaBelow is where go-xla's installer puts the plugin, seen from the directory that it is given: the plugin
	// looks for NVIDIA's libraries in ../nvidia, and for cuBLAS two directories up.
	cudaBelow = "lib/go-xla/nvidia"
	// cudaMember is the plugin's name in the wheel, cudaPlugin the one that it gets.
	cudaMember = "xla_cuda_plugin.so"
	cudaPlugin = "pjrt_c_api_cuda_plugin.so"
	// cudaDriver is the oldest driver that runs CUDA 13.
	cudaDriver = 580
	// cudaRest is how long not to try again what takes so long.
	cudaRest = time.Hour
)

// cudaSources offers the CUDA plugin where go-xla's installer would: on linux/amd64.
func cudaSources(h host) []source {
	if h.platform != "linux/amd64" {
		return nil
	}
	var wheels []fetch.Wheel
	if err := json.Unmarshal(cudaTable, &wheels); err != nil || len(wheels) == 0 {
		panic(fmt.Errorf("table of CUDA wheels: %w", err)) // the table is part of this program, and a test reads it
	}
	var size int64
	for _, w := range wheels {
		size += w.Bytes
	}
	return []source{{
		name: fmt.Sprintf("pip packages %s==%s and NVIDIA's libraries (%s, once)",
			wheels[0].Package, wheels[0].Version, humanize.Bytes(uint64(size))),
		id:   wheels[0].Package + "-" + wheels[0].Version,
		rest: cudaRest,
		get: func(ctx context.Context, dir string) error {
			if driver := h.gpu.driver(); driver != 0 && driver < cudaDriver {
				return fmt.Errorf("%w that runs CUDA 13: its driver is %d, and CUDA 13 needs %d or newer",
					ErrNoGPU, driver, cudaDriver)
			}
			if h.gpu.smi != "" { // it costs seconds, the download minutes
				if _, err := h.gpu.ask("name"); err != nil {
					return fmt.Errorf("%w: the driver finds none (%w)", ErrNoGPU, err)
				}
			}
			if err := room(filepath.Dir(dir), 5*size/2); err != nil {
				return err
			}
			return installCUDA(ctx, wheels, dir, fetch.Wheel.Download)
		},
	}}
}

// room says whether the disk below dir has the bytes.
func room(dir string, bytes int64) error {
	usage, err := disk.Usage(dir)
	if err == nil && usage.Free < uint64(bytes) {
		return fmt.Errorf("it takes %s on the disk of %s, which has %s left: make room, or set %s to another disk",
			humanize.Bytes(uint64(bytes)), dir, humanize.Bytes(usage.Free), fetch.EnvCache)
	}
	return nil // who cannot tell must try
}

// installCUDA fetches the wheels, the plugin's first, and lays them out in dir as go-xla's installer does. It works in
// a directory beside dir, where an interrupted installation goes on the next time, wheel by wheel.
func installCUDA(ctx context.Context, wheels []fetch.Wheel, dir string,
	download func(fetch.Wheel, context.Context, string) error) error {
	work := filepath.Join(filepath.Dir(dir), "."+filepath.Base(dir)+".part") // under the lock: nobody else's
	nvidia := filepath.Join(work, cudaBelow)
	if err := os.MkdirAll(nvidia, 0o755); err != nil {
		return err
	}
	plugin := filepath.Join(nvidia, cudaPlugin)
	for i, w := range wheels {
		done := filepath.Join(work, "."+w.File+".done")
		if _, err := os.Stat(done); err == nil {
			continue
		}
		wheel := filepath.Join(work, w.File)
		fetch.Sweep(wheel)
		if err := download(w, ctx, wheel); err != nil {
			return err
		}
		found := false
		err := unzip(wheel, nvidia, func(name string) string {
			below, library := strings.CutPrefix(name, "nvidia/")
			switch {
			case i == 0 && path.Base(name) == cudaMember:
				below = cudaPlugin
			case i == 0 || !library:
				return ""
			}
			found = true
			return below
		})
		if err == nil && !found {
			err = errors.New("what is wanted is not in it")
		}
		if err != nil {
			return fmt.Errorf("unpack %s: %w", w.File, err)
		}
		if err := errors.Join(os.Remove(wheel), os.WriteFile(done, nil, 0o644)); err != nil {
			return err
		}
	}
	if err := linkCUDA(work); err != nil {
		return err
	}
	if err := finish(plugin, wheels[0].String(), ""); err != nil {
		return err
	}
	if err := os.RemoveAll(dir); err != nil { // what was there is damaged, else nothing would have been fetched
		return err
	}
	return os.Rename(work, dir)
}

// linkCUDA adds the links by which XLA finds the assembler and the maths library, and cuBLAS its other half.
func linkCUDA(work string) error {
	links := map[string]string{
		filepath.Join(cudaBelow, "bin", "ptxas"): "../cu13/bin/ptxas",
		filepath.Join(cudaBelow, "nvvm"):         "cu13/nvvm",
	}
	for _, library := range []string{"libcublasLt.so.13", "libcublas.so.13"} {
		links[filepath.Join("lib", library)] = filepath.Join("go-xla", "nvidia", "cu13", "lib", library)
	}
	for link, target := range links {
		link = filepath.Join(work, link)
		if err := os.MkdirAll(filepath.Dir(link), 0o755); err != nil {
			return err
		}
		if _, err := os.Stat(filepath.Join(filepath.Dir(link), target)); err != nil {
			return fmt.Errorf("NVIDIA's wheels lack %s: %w", target, err)
		}
		if err := os.Symlink(target, link); err != nil && !errors.Is(err, os.ErrExist) {
			return err
		}
	}
	return nil
}
