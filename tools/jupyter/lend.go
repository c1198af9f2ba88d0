// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package jupyter

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// ErrForeignKernel is wrapped by the error of [Kernel.Lend] where a Go kernel that is not of this cache is in its
// place.
var ErrForeignKernel = errors.New("there is a Go kernel of your own")

// Lend lets the user's own Jupyter, VS Code and Positron find the kernel: it writes the kernel's spec into a data
// directory of Jupyter's, such as [DataDir]. The spec has the settings ("NAME=value"), and PATH as it is now with the
// kernel's programs before it, because an editor that was started from a menu has often another. A kernel that
// somebody else has put there stays unless it is to be replaced. Lend returns the spec's directory.
func (k *Kernel) Lend(data string, settings []string, replaceForeign bool) (string, error) {
	dir := filepath.Join(data, "kernels", KernelName)
	if err := k.owns(dir); err != nil && !replaceForeign {
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return "", fmt.Errorf("the kernel's spec: %w", err)
	}
	part, err := os.MkdirTemp(filepath.Dir(dir), ".convscope-")
	if err != nil {
		return "", fmt.Errorf("the kernel's spec: %w", err)
	}
	defer os.RemoveAll(part)
	if err := k.place(interactive, part); err != nil {
		return "", err
	}
	made := filepath.Join(part, "kernels", KernelName)
	spec, err := readSpec(made)
	if err != nil {
		return "", err
	}
	env := map[string]any{}
	path := []string{k.bin(), k.lsp(), os.Getenv("PATH")}
	for _, setting := range append(settings, "PATH="+strings.Join(path, string(os.PathListSeparator))) {
		name, value, _ := strings.Cut(setting, "=")
		env[name] = value
	}
	spec["env"] = env
	text, err := json.MarshalIndent(spec, "", " ")
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(filepath.Join(made, "kernel.json"), text, 0o600); err != nil {
		return "", err
	}
	return dir, replace(dir, made)
}

// DataDir is where the user's own Jupyter looks for kernels first.
func DataDir() (string, error) {
	if dir := os.Getenv("JUPYTER_DATA_DIR"); dir != "" {
		return filepath.Abs(dir)
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", err
	}
	if runtime.GOOS == "darwin" {
		return filepath.Join(home, "Library", "Jupyter"), nil
	}
	if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "jupyter"), nil
	}
	return filepath.Join(home, ".local", "share", "jupyter"), nil
}

// owns says why the spec in the directory is not one that Lend wrote. No spec is nobody else's.
func (k *Kernel) owns(dir string) error {
	spec, err := readSpec(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("%w in %s, which can't be read", ErrForeignKernel, dir)
	}
	if argv, _ := spec["argv"].([]any); len(argv) > 0 {
		if program, _ := argv[0].(string); filepath.Dir(filepath.Dir(filepath.Dir(program))) == filepath.Dir(k.Dir) {
			return nil
		}
	}
	return fmt.Errorf("%w in %s: the lessons work with it too", ErrForeignKernel, dir)
}

// readSpec reads the kernel.json in a directory.
func readSpec(dir string) (spec map[string]any, err error) {
	text, err := os.ReadFile(filepath.Join(dir, "kernel.json"))
	if err != nil {
		return nil, err
	}
	return spec, json.Unmarshal(text, &spec)
}
