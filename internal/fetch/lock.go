// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package fetch

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"convscope/internal/progress"
)

const (
	// retryLock is how often a waiting process looks at the lock again.
	retryLock = 50 * time.Millisecond
	// silent is how long it waits without a word: as long as another process takes to write a small file.
	silent = 500 * time.Millisecond
)

// Lock takes the file lock at path, creating the file and its directory, and waits while another process
// holds it, which it says once if it takes longer than a moment. The lock ends with unlock or with the process,
// however that dies.
func Lock(ctx context.Context, path string) (unlock func(), err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	l := flock.New(path)
	got, err := l.TryLock()
	if err == nil && !got {
		moment, cancel := context.WithTimeout(ctx, silent)
		got, _ = l.TryLockContext(moment, retryLock)
		cancel()
	}
	if err == nil && !got && ctx.Err() == nil {
		progress.Line(fmt.Sprintf("waiting for another convscope process (lock %s)", path))
		_, err = l.TryLockContext(ctx, retryLock) // true, or the context's error
	}
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		_ = l.Close()
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	return func() { _ = l.Close() }, nil
}
