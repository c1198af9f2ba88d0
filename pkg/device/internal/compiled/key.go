// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package compiled

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"os"
	"runtime"
	"strings"
)

// layout counts up when what is kept, or how, changes.
const layout = 1

// cpuinfo is where Linux describes the processor.
const cpuinfo = "/proc/cpuinfo"

// Identify puts all in one text that programs depend on beside their own text and options: the plugin, the processor
// with its features, how many cores work is cut for, and the flags that XLA reads by itself.
func Identify(plugin string) string {
	return fmt.Sprintf("layout %d\nplugin %s\n%s %s, %d cores\nflags %s\n",
		layout, plugin, runtime.GOARCH, processor(), runtime.NumCPU(), os.Getenv("XLA_FLAGS"))
}

// processor returns the lines of the first processor's description that say which one it is and what it can do.
func processor() string {
	text, err := os.ReadFile(cpuinfo)
	if err != nil {
		return ""
	}
	first, _, _ := strings.Cut(string(text), "\n\n")
	var lines []string
	for line := range strings.SplitSeq(first, "\n") {
		name, _, _ := strings.Cut(line, ":")
		switch strings.TrimSpace(name) {
		case "vendor_id", "cpu family", "model", "model name", "stepping", "flags", // x86
			"Features", "CPU implementer", "CPU architecture", "CPU variant", "CPU part", "CPU revision": // ARM
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

// Key hashes the parts, each with its length so that no two lists of parts look alike.
func Key(identity string, parts ...[]byte) string {
	hash := sha256.New()
	for _, part := range append([][]byte{[]byte(identity)}, parts...) {
		_ = binary.Write(hash, binary.LittleEndian, uint64(len(part)))
		hash.Write(part)
	}
	return hex.EncodeToString(hash.Sum(nil))
}
