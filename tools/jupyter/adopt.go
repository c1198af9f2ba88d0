// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package jupyter

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"convscope/internal/child"
	"convscope/internal/progress"
)

// adopt takes the programs of another kernel in the cache when this one could not be built: a cache that was copied to
// a machine without a network and with another Go. They are of the same module and start here, or there is an error.
func (k *Kernel) adopt(ctx context.Context, failed error) error {
	entries, err := os.ReadDir(filepath.Dir(k.Dir))
	if err != nil {
		return err
	}
	for _, entry := range entries {
		other := &Kernel{Dir: filepath.Join(filepath.Dir(k.Dir), entry.Name())}
		sums, err := os.ReadFile(filepath.Join(other.Dir, "go.sum"))
		if !strings.HasPrefix(entry.Name(), "kernel-") || err != nil || !bytes.Equal(sums, []byte(kernelSum)) {
			continue
		}
		if usable(other.Dir, other.check) != nil {
			continue
		}
		if _, _, err := child.Output(ctx, exec.Command(filepath.Join(other.bin(), "gonb"), "-V")); err != nil {
			continue
		}
		progress.Line(fmt.Sprintf("kernel: using the one of %s, since %v", entry.Name(), failed))
		if err := os.RemoveAll(k.bin()); err != nil {
			return err
		}
		return os.CopyFS(k.bin(), os.DirFS(other.bin()))
	}
	return errors.New("there is no other")
}
