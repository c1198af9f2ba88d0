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
	spec, err := readSpec(to)
	if err != nil {
		return fmt.Errorf("the kernel's spec is damaged: %w (remove %s, and it is built again)", err, k.Dir)
	}
	if argv, ok := spec["argv"].([]any); ok && len(argv) > 0 {
		argv[0] = filepath.Join(k.bin(), "gonb")
	}
	text, err := json.Marshal(spec)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(to, "kernel.json"), text, 0o600)
}
