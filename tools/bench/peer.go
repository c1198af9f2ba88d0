// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package bench

import (
	"context"
	"embed"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"convscope/tools/jupyter"
)

//go:embed peer/*.py peer/*.txt
var peerFiles embed.FS

// Peer is another framework that does the same jobs.
type Peer struct {
	// Name is that of its script, and Title the one that people know.
	Name, Title string
}

// Peers returns all peers.
func Peers() []Peer {
	return []Peer{{"torch", "PyTorch"}, {"keras", "Keras on TensorFlow"}, {"jax", "JAX"}}
}

// ParsePeers finds peers by their names, such as "torch,jax"; "" is all of them.
func ParsePeers(names string) ([]Peer, error) {
	all := Peers()
	var known []string
	for _, peer := range all {
		known = append(known, peer.Name)
	}
	chosen, err := choose("peer", strings.ToLower(names), known)
	if err != nil {
		return nil, err
	}
	var found []Peer
	for _, peer := range all {
		for _, name := range chosen {
			if name == peer.Name {
				found = append(found, peer)
				break
			}
		}
	}
	return found, nil
}

// EnvPython names a Python that has the peers already, which is used in place of environments of their own.
const EnvPython = "CONVSCOPE_BENCH_PYTHON"

// Install returns a Python that has the peer. It makes a private environment in the cache, unless it is there: each
// peer has one of its own, so that one that cannot be had here does not keep the others away.
func (p Peer) Install(ctx context.Context) (python string, err error) {
	if python := os.Getenv(EnvPython); python != "" {
		return python, nil
	}
	requirements, err := peerFiles.ReadFile("peer/" + p.Name + ".txt")
	if err != nil {
		return "", err
	}
	return jupyter.EnsurePackages(ctx, jupyter.Packages{Name: p.Title, Dir: "bench-" + p.Name,
		Requirements: string(requirements)})
}

// writePeers copies the peers' scripts into the directory.
func writePeers(dir string) error {
	scripts, err := peerFiles.ReadDir("peer")
	if err != nil {
		return err
	}
	for _, script := range scripts {
		text, err := peerFiles.ReadFile("peer/" + script.Name())
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, script.Name()), text, 0o644); err != nil {
			return fmt.Errorf("writing the peers' scripts: %w (set TMPDIR to a directory with room)", err)
		}
	}
	return nil
}

// command is the peer's command line for a task.
func (p Peer) command(python, dir, task string) []string {
	return []string{python, filepath.Join(dir, "peer_"+p.Name+".py"), task}
}

// peerEnv keeps settings of the user's own Python out, and all that a peer leaves behind in a directory that goes
// away. One compiler process is enough for torch.compile, since compiling is not timed, and none is left when the
// bench is stopped.
func peerEnv(dir string) []string {
	return []string{"PYTHONHOME=", "PYTHONPATH=", "VIRTUAL_ENV=", "PYTHONNOUSERSITE=1", "TMPDIR=" + dir,
		"TORCHINDUCTOR_CACHE_DIR=" + filepath.Join(dir, "inductor"), "TORCHINDUCTOR_COMPILE_THREADS=1"}
}
