// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package device

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"convscope/internal/fetch"
)

// pipTable holds prebuilt XLA CPU plugins for linux/amd64 that pip can fetch, the best first. All were tried with
// go-xla v0.4.1 on VGG16.
//
//go:embed pip.json
var pipTable []byte

// pluginFile is a plugin's name in the cache. go-xla tells a CPU plugin by its name.
const pluginFile = "pjrt_c_api_cpu_plugin.so"

func parsePipTable(text []byte) ([]fetch.Wheel, error) {
	var wheels []fetch.Wheel
	if err := json.Unmarshal(text, &wheels); err != nil {
		return nil, fmt.Errorf("table of pip packages: %w", err)
	}
	for _, w := range wheels {
		if w.Package == "" || w.Version == "" || w.Member == "" || len(w.SHA256) != 64 || len(w.MemberSHA256) != 64 {
			return nil, fmt.Errorf("table of pip packages: %s lacks a name, a version, a member or a SHA-256", w)
		}
	}
	return wheels, nil
}

// pipWheels is the table.
func pipWheels() []fetch.Wheel {
	wheels, err := parsePipTable(pipTable)
	if err != nil {
		panic(err) // the table is part of this program, and a test reads it
	}
	return wheels
}

// wheelID is the name of the directory in the cache that holds a wheel's plugin.
func wheelID(w fetch.Wheel) string { return w.Package + "-" + w.Version }

// published returns where a plugin of the cache came from, and the SHA-256 that the table has for it; "" if it has
// none.
func published(path string) (source, sum string) {
	for _, w := range pipWheels() {
		if filepath.Base(path) == pluginFile && filepath.Base(filepath.Dir(path)) == wheelID(w) {
			return w.String(), w.MemberSHA256
		}
	}
	return "", ""
}

// pipSources offers the pip packages where they run.
func pipSources(h host) []source {
	if h.platform != "linux/amd64" {
		return nil
	}
	var all []source
	for _, w := range pipWheels() {
		all = append(all, source{
			name:   w.String(),
			id:     wheelID(w),
			family: "pip",
			get: func(ctx context.Context, dir string) error {
				path := filepath.Join(dir, pluginFile)
				fetch.Sweep(path)
				if err := fetch.Member(ctx, w, path); err != nil {
					return err
				}
				return finish(path, w.String(), w.MemberSHA256)
			},
		})
	}
	return all
}

// finish makes a plugin that has just come ready for all users of a shared cache, and records it.
func finish(path, source, sum string) error {
	if err := os.Chmod(path, 0o644); err != nil {
		return err
	}
	return keep(path, source, sum)
}
