// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package jupyter

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os/exec"
	"slices"
	"strings"
	"syscall"

	"convscope/internal/child"
	"convscope/internal/fetch"
)

// contents is what an environment says about itself.
type contents struct {
	Version  string   // of Python: "3.11.7"
	Platform string   // "linux-x86_64"
	Site     string   // its directory of packages
	Packages []string // file names there
	Lab      string   // JupyterLab's version, "" = it is not there
}

// question makes an environment's interpreter answer with its contents. It looks without importing anything, which
// would take seconds, and a directory that cannot be listed is an error, not an empty one.
const question = `import json, os, sys, sysconfig
dirs = {sysconfig.get_path(name) for name in ("purelib", "platlib")}
names = sorted({name for dir in dirs for name in os.listdir(dir)})
lab = [name.split("-")[1][:-len(".dist")] for name in names
 if name.startswith("jupyterlab-") and name.endswith(".dist-info")]
print(json.dumps({"version": "%d.%d.%d" % sys.version_info[:3], "platform": sysconfig.get_platform(),
 "site": sysconfig.get_path("purelib"), "packages": names, "lab": lab[0] if lab else ""}))`

// look starts the environment's interpreter and asks for its contents. The error is [damage] only where no other start
// can end otherwise: one that failed for want of memory, of processes or of time, or because it was killed, proves
// nothing.
func (v *Venv) look(ctx context.Context) (contents, error) {
	cmd := exec.Command(v.Python, "-I", "-c", question)
	cmd.Env = fetch.PythonEnv()
	out, said, err := child.Output(ctx, cmd)
	var found contents
	switch {
	case ctx.Err() != nil:
		return contents{}, ctx.Err()
	case err == nil && json.Unmarshal(out, &found) == nil:
		return found, nil
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOEXEC),
		errors.Is(err, syscall.ENOTDIR), errors.Is(err, syscall.ELOOP):
		return contents{}, damage{"its Python is gone"}
	case hopeless(string(said)):
		return contents{}, damage{"its Python is damaged"}
	case err == nil:
		err = fmt.Errorf("it answered %.60q", out)
	}
	if last := lastLine(string(said)); last != "" {
		err = fmt.Errorf("%w: %s", err, last)
	}
	return contents{}, fmt.Errorf("%s could not be asked: %w", v.Python, err)
}

// hopeless says whether a Python that does not start said something that will be so the next time: its library is
// gone, as after an upgrade of the system, or there is no directory of packages.
func hopeless(said string) bool {
	for _, proof := range []string{"No module named 'encodings'", "ModuleNotFoundError: No module named 'json'",
		"ModuleNotFoundError: No module named 'sysconfig'", "cannot open shared object file: No such file",
		"Library not loaded", "FileNotFoundError: [Errno 2]"} {
		if strings.Contains(said, proof) {
			return true
		}
	}
	return false
}

// compare holds the contents against what the environment was made as: its Python's minor version, its platform, how
// many packages it has, and those that must be there. An upgrade of the system's Python leaves an environment whose
// interpreter looks for its packages in another directory.
func (c contents) compare(made venvMarker, needed []string) error {
	switch {
	case minor(c.Version) != minor(made.Python):
		return damage{fmt.Sprintf("made for Python %s, which is now %s", made.Python, c.Version)}
	case made.Platform != "" && made.Platform != c.Platform:
		return damage{fmt.Sprintf("made for %s, which is now %s", made.Platform, c.Platform)}
	case len(c.Packages) < made.Packages:
		missing := made.Packages - len(c.Packages)
		return damage{fmt.Sprintf("its packages are damaged: %d of %d are missing", missing, made.Packages)}
	}
	for _, name := range needed {
		if !slices.Contains(c.Packages, name) {
			return damage{"its packages are damaged: " + name + " is missing"}
		}
	}
	return nil
}

// marker is the contents as the marker keeps them.
func (c contents) marker() venvMarker {
	return venvMarker{Python: c.Version, Platform: c.Platform, Jupyter: c.Lab, Packages: len(c.Packages)}
}

// about is the contents in a few words.
func (c contents) about() string { return fmt.Sprintf("JupyterLab %s on Python %s", c.Lab, c.Version) }

// minor cuts "3.11.7" to "3.11": what a virtual environment depends on.
func minor(version string) string {
	if parts := strings.SplitN(version, ".", 3); len(parts) >= 2 {
		return parts[0] + "." + parts[1]
	}
	return version
}
