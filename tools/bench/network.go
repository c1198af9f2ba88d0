// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// maker is the name of the peer that makes the networks beside VGG16, and has them alone.
const maker = "torch"

// networkPath is where our side and the maker find a network.
func networkPath(dir, name string) string { return filepath.Join(dir, name+".onnx") }

// Able leaves out jobs with networks that no peer makes. Where the jobs were asked for, that is an error.
func (b Bench) Able(jobs []Job, asked bool) ([]Job, error) {
	if slices.ContainsFunc(b.Peers, func(p Peer) bool { return p.Name == maker }) {
		return jobs, nil
	}
	for _, job := range jobs {
		if job.Network != "" && asked {
			return nil, fmt.Errorf("job %s is beside PyTorch, which makes the network: add --peer %s", job.Name, maker)
		}
	}
	return slices.DeleteFunc(slices.Clone(jobs), func(job Job) bool { return job.Network != "" }), nil
}

// takes says whether the peer does the job.
func (r rival) takes(job Job) bool { return job.Network == "" || r.Name == maker }

// makeNetwork lets PyTorch write the job's network into the directory, once.
func (b Bench) makeNetwork(ctx context.Context, job Job, rivals []rival) error {
	path := networkPath(b.dir, job.Network)
	if _, err := os.Stat(path); err == nil || job.Network == "" {
		return nil
	}
	i := slices.IndexFunc(rivals, func(r rival) bool { return r.Name == maker })
	switch {
	case i < 0:
		return errors.New("PyTorch makes the network, and is not among the peers")
	case rivals[i].problem != "":
		return errors.New(rivals[i].problem)
	}
	b.Report(fmt.Sprintf("job %s: PyTorch makes %s", job.Name, job.Network))
	command := []string{rivals[i].python, filepath.Join(b.dir, "nets.py"), job.Network, path}
	_, _, _, err := whole(ctx, "PyTorch", command, peerEnv(b.dir))
	return err
}
