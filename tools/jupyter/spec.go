// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package jupyter

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// place copies one of the two kernel specs, with its logo, into a data directory, and gives it the path that the
// kernel has now: a cache may have been moved or copied since the spec was made, and may be one that cannot be
// written.
func (k *Kernel) place(kind, data string) error {
	from := filepath.Join(k.Dir, kind, "kernels", KernelName)
	to := filepath.Join(data, "kernels", KernelName)
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		return fmt.Errorf("the kernel's spec: %w", err)
	}
	path := filepath.Join(to, "kernel.json")
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var spec map[string]any
	if err := json.Unmarshal(text, &spec); err != nil {
		return fmt.Errorf("the kernel's spec is damaged: %w (remove %s, and it is built again)", err, k.Dir)
	}
	if argv, ok := spec["argv"].([]any); ok && len(argv) > 0 {
		argv[0] = filepath.Join(k.bin(), "gonb")
	}
	if text, err = json.Marshal(spec); err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o600)
}
