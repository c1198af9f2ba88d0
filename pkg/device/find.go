// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package device

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"convscope/pkg/device/internal/hook"
)

// Plugin is what is known of one PJRT plugin file.
type Plugin struct {
	Path    string   // the file
	From    string   // why it was looked at: "PJRT_PLUGIN_LIBRARY_PATH", "go-xla", "gopjrt", "LD_LIBRARY_PATH", "cache"
	Kind    Kind     // CPU or GPU
	Bytes   int64    // its size, links followed
	API     string   // its PJRT API version, such as "0.115"; "" if it could not be asked
	Devices []string // what it says of each device that it can use
	Kernel  bool     // whether convscope's own convolutions run in its programs, see [Device.Convolution]
	Faults  []string // operations that it computes wrongly, none of which convscope uses
	Problem error    // why it cannot be used; nil if it started and ran small programs
}

// String says it all in one line.
func (p Plugin) String() string {
	if p.Problem != nil {
		return fmt.Sprintf("%s: %s %s: cannot be used: %v", p.Kind, p.From, p.Path, p.Problem)
	}
	text := fmt.Sprintf("%s: %s %s: works, PJRT API %s, %d device(s): %s",
		p.Kind, p.From, p.Path, p.API, len(p.Devices), strings.Join(p.Devices, ", "))
	if len(p.Faults) > 0 {
		text += "; it computes " + strings.Join(p.Faults, ", ") + " wrongly, which convscope does without"
	}
	return text
}

// Find looks at every plugin that [New] would consider, in its order, GPU before CPU, and fetches none. It is thorough
// where New is quick: it reads the whole of each file in the cache to check its SHA-256, and starts each plugin that
// is fit to be. The same file under several names comes once.
func Find() []Plugin {
	return thisHost().find()
}

func (h host) find() []Plugin {
	var all []Plugin
	seen := make(map[string]bool)
	for _, kind := range []Kind{GPU, CPU} {
		places := h.installed()
		if cached, err := h.cached(kind); err == nil {
			places = append(places, cached...)
		}
		for _, p := range places {
			for _, f := range p.candidates(kind.accepts()) {
				target := f.path
				if followed, err := filepath.EvalSymlinks(target); err == nil {
					target = followed
				}
				if !seen[target] {
					seen[target] = true
					all = append(all, h.look(f, kind))
				}
			}
		}
	}
	return all
}

// look examines one plugin and lets it go again.
func (h host) look(f candidate, kind Kind) Plugin {
	p := Plugin{Path: f.path, From: f.place.name, Kind: kind}
	if info, err := os.Stat(f.path); err == nil {
		p.Bytes = info.Size()
	}
	if f.place.name == cacheName {
		if p.Problem = intact(f.path, true); p.Problem != nil {
			return p
		}
	}
	if p.Problem = checkFile(f.path); p.Problem != nil {
		return p
	}
	if p.Problem = h.notBuilt; p.Problem != nil {
		return p
	}
	options := ""
	if kind == GPU {
		options = noTF32
		if p.Problem = h.gpu.absent(); p.Problem != nil {
			return p
		}
	}
	o, err := h.load(f, kind, options)
	if err != nil {
		p.Problem = err
		return p
	}
	p.API, p.Devices, p.Kernel, p.Faults = o.api, o.devices, o.kind == CPU && hook.Calls(f.path), o.faults
	o.backend.Finalize()
	return p
}
