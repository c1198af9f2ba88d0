// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package bench

import (
	"fmt"
	"runtime"

	"github.com/shirou/gopsutil/v4/cpu"
	"github.com/shirou/gopsutil/v4/host"
	"github.com/shirou/gopsutil/v4/load"
	"github.com/shirou/gopsutil/v4/mem"
)

// Machine is what the bench ran on.
type Machine struct {
	Processor string `json:"processor"`
	Cores     int    `json:"cores"` // that a program sees
	Memory    uint64 `json:"memory"`
	System    string `json:"system"`
	Go        string `json:"go"`
	// Load is how many processes wanted a core, on average over the last minute before the bench.
	Load float64 `json:"load"`
}

// thisMachine looks at this machine. What it does not tell stays empty.
func thisMachine() Machine {
	m := Machine{Processor: runtime.GOARCH, Cores: runtime.NumCPU(), System: runtime.GOOS + "/" + runtime.GOARCH,
		Go: runtime.Version()}
	if info, err := cpu.Info(); err == nil && len(info) > 0 && info[0].ModelName != "" {
		m.Processor = info[0].ModelName
	}
	if memory, err := mem.VirtualMemory(); err == nil {
		m.Memory = memory.Total
	}
	if info, err := host.Info(); err == nil {
		m.System += fmt.Sprintf(", %s %s, kernel %s", info.Platform, info.PlatformVersion, info.KernelVersion)
	}
	if average, err := load.Avg(); err == nil {
		m.Load = average.Load1
	}
	return m
}

// busy is the load from which the machine had other things to do.
func (m Machine) busy() bool { return m.Load > 0.25*float64(m.Cores) }
