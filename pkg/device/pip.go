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

// pipSources offers the pip packages where they run.
func pipSources(h host) []source {
	if h.platform != "linux/amd64" {
		return nil
	}
	wheels, err := parsePipTable(pipTable)
	if err != nil {
		panic(err) // the table is part of this program, and a test reads it
	}
	var all []source
	for _, w := range wheels {
		all = append(all, source{
			name:   w.String(),
			id:     w.Package + "-" + w.Version,
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
