// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package device

import (
	"bufio"
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/shirou/gopsutil/v4/mem"
)

const (
	// unknownMemory is what a machine is trusted with that does not tell: the least that runs the lessons well.
	unknownMemory = 2 << 30
	// xlaShare is the part of a GPU's memory that XLA takes at most.
	xlaShare = 0.75
)

// memory returns the device's [Device.MemoryAvailable].
func (h host) memory(o *opened) func() int64 {
	if o.kind == GPU {
		return func() int64 {
			free, total, err := h.gpu.memory()
			if err != nil {
				return unknownMemory
			}
			return min(free, int64(xlaShare*float64(total)))
		}
	}
	return HostMemory
}

// HostMemory returns how many bytes a job may use of the machine's own memory now: what the machine has left, or what
// the process's control group (a container's limit) leaves if that is less.
func HostMemory() int64 {
	available := int64(unknownMemory)
	if now, err := mem.VirtualMemory(); err == nil {
		available = int64(now.Available)
	}
	if left, limited := cgroupLeft("/proc/self/cgroup", "/sys/fs/cgroup"); limited {
		available = min(available, left)
	}
	return available
}

// cgroupLeft returns how many bytes the control groups of this process leave it: the smallest rest among its own group
// and those above. list is the file that names the groups, mount where their files are.
func cgroupLeft(list, mount string) (left int64, limited bool) {
	text, err := os.ReadFile(list)
	if err != nil {
		return 0, false
	}
	for line := range strings.Lines(string(text)) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3) // ID:CONTROLLERS:PATH
		if len(parts) != 3 {
			continue
		}
		files, root := cgroupV2, mount
		switch {
		case parts[1] == "memory":
			files, root = cgroupV1, filepath.Join(mount, "memory")
		case parts[1] != "":
			continue
		}
		for dir := filepath.Clean("/" + parts[2]); ; dir = filepath.Dir(dir) {
			if rest, ok := files.left(filepath.Join(root, dir)); ok && (!limited || rest < left) {
				left, limited = rest, true
			}
			if dir == "/" {
				break
			}
		}
	}
	return left, limited
}

// cgroupFiles names a control group's files.
type cgroupFiles struct{ limit, used, cache string }

var (
	cgroupV2 = cgroupFiles{"memory.max", "memory.current", "inactive_file"}
	cgroupV1 = cgroupFiles{"memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"}
)

// left returns the group's limit minus what it uses. Files read lately and not needed count as free: the kernel drops
// them first.
func (f cgroupFiles) left(dir string) (int64, bool) {
	limit, ok := number(filepath.Join(dir, f.limit))
	if !ok {
		return 0, false // "max", or no such file
	}
	used, ok := number(filepath.Join(dir, f.used))
	if !ok {
		return limit, true
	}
	if stat, err := os.ReadFile(filepath.Join(dir, "memory.stat")); err == nil {
		for lines := bufio.NewScanner(bytes.NewReader(stat)); lines.Scan(); {
			if value, found := strings.CutPrefix(lines.Text(), f.cache+" "); found {
				cache, _ := strconv.ParseInt(value, 10, 64)
				used -= cache
			}
		}
	}
	return max(limit-max(used, 0), 0), true
}

func number(path string) (int64, bool) {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, false
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	return n, err == nil
}
