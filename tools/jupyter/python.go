// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package jupyter

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os/exec"

	"convscope/internal/child"
	"convscope/internal/fetch"
)

// minPython is the oldest minor version of Python 3 that the pins have packages for.
const minPython = 9

// pythonNames are the commands that may be a Python 3, best first.
var pythonNames = []string{
	"python3", "python", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10", "python3.9",
}

// Python is an interpreter found on PATH, which the virtual environment is made from.
type Python struct {
	Path      string // the interpreter itself, not a shim
	Version   string // "3.11.7"
	Platform  string // "linux-x86_64"
	Ensurepip bool   // whether python -m venv gives a complete environment (Debian keeps that in python3-venv)
	Pip       bool   // whether it has pip
}

// probe is asked of every candidate. It runs on any Python 3.
const probe = `import json, sys, sysconfig, importlib.util as u
print(json.dumps({"path": sys.executable, "platform": sysconfig.get_platform(), "info": list(sys.version_info[:3]),
 "ensurepip": u.find_spec("ensurepip") is not None and u.find_spec("venv") is not None,
 "pip": u.find_spec("pip") is not None}))`

// FindPython returns the first Python 3.9 or later on PATH. Without one the error wraps [ErrNoPython] and tells which
// older one is there.
func FindPython(ctx context.Context) (Python, error) {
	old := ""
	for _, name := range pythonNames {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		python, minor, err := probePython(ctx, path)
		switch {
		case ctx.Err() != nil:
			return Python{}, ctx.Err()
		case err != nil: // a shim for a version that is not installed, or no Python at all
		case minor >= minPython:
			return python, nil
		case old == "":
			old = python.Version
		}
	}
	if old != "" {
		return Python{}, fmt.Errorf("%w, only %s: install Python 3.%d or later", ErrNoPython, old, minPython)
	}
	return Python{}, fmt.Errorf("%w: install python3 and python3-venv (Debian, Ubuntu) or python3 (elsewhere)",
		ErrNoPython)
}

// probePython asks one interpreter who it is. minor is -1 for a Python 2.
func probePython(ctx context.Context, path string) (python Python, minor int, err error) {
	cmd := exec.Command(path, "-I", "-c", probe)
	cmd.Env = fetch.PythonEnv()
	out, _, err := child.Output(ctx, cmd)
	if err != nil {
		return Python{}, -1, err
	}
	var answer struct {
		Path, Platform string
		Info           []int
		Ensurepip, Pip bool
	}
	if err := json.Unmarshal(bytes.TrimSpace(out), &answer); err != nil || len(answer.Info) != 3 {
		return Python{}, -1, fmt.Errorf("%s does not answer as Python does: %q", path, out)
	}
	python = Python{
		Path:      answer.Path,
		Version:   fmt.Sprintf("%d.%d.%d", answer.Info[0], answer.Info[1], answer.Info[2]),
		Platform:  answer.Platform,
		Ensurepip: answer.Ensurepip,
		Pip:       answer.Pip,
	}
	if answer.Info[0] != 3 {
		return python, -1, nil
	}
	return python, answer.Info[1], nil
}
