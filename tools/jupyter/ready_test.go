// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package jupyter_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/tools/jupyter"
)

func TestEnsure(t *testing.T) {
	ctx := context.Background()
	good := func(string) error { return nil }
	builder := func(builds *atomic.Int32) func(dir string) (string, error) {
		return func(dir string) (string, error) {
			builds.Add(1)
			return "v1", os.WriteFile(filepath.Join(dir, "file"), nil, 0o644)
		}
	}
	// left are the names in the directory's own directory: nothing half-built is among them.
	left := func(t *testing.T, dir string) (names []string) {
		entries, err := os.ReadDir(filepath.Dir(dir))
		require.NoError(t, err)
		for _, entry := range entries {
			names = append(names, entry.Name())
		}
		return names
	}
	t.Run("builds once", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "cache", "thing")
		var builds atomic.Int32
		for range 3 {
			require.NoError(t, jupyter.Ensure(ctx, dir, func(marker string) error {
				require.Equal(t, "v1", marker)
				return nil
			}, builder(&builds)))
		}
		require.EqualValues(t, 1, builds.Load())
		require.FileExists(t, filepath.Join(dir, "file"))
	})
	t.Run("two at once build once", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "thing")
		var builds atomic.Int32
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				if err := jupyter.Ensure(ctx, dir, good, builder(&builds)); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		require.EqualValues(t, 1, builds.Load())
	})
	t.Run("half-built is built again", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "thing")
		require.NoError(t, os.MkdirAll(dir, 0o755))
		old := filepath.Join(dir, "old")
		require.NoError(t, os.WriteFile(old, nil, 0o644))
		var builds atomic.Int32
		require.NoError(t, jupyter.Ensure(ctx, dir, good, builder(&builds)))
		require.EqualValues(t, 1, builds.Load())
		require.NoFileExists(t, old)
		require.Equal(t, []string{"thing", "thing.lock"}, left(t, dir))
	})
	t.Run("damaged is built again", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "thing")
		var builds atomic.Int32
		require.NoError(t, jupyter.Ensure(ctx, dir, good, builder(&builds)))
		damaged := func(string) error {
			if builds.Load() == 1 {
				return jupyter.Damage("damaged")
			}
			return nil
		}
		require.NoError(t, jupyter.Ensure(ctx, dir, damaged, builder(&builds)))
		require.EqualValues(t, 2, builds.Load())
		require.Equal(t, []string{"thing", "thing.lock"}, left(t, dir))
	})
	t.Run("what proves no damage changes nothing", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "thing")
		var builds atomic.Int32
		require.NoError(t, jupyter.Ensure(ctx, dir, good, builder(&builds)))
		for _, undecided := range []error{context.Canceled, context.DeadlineExceeded, syscall.EAGAIN,
			syscall.ENOMEM, syscall.EACCES,
			errors.New("signal: killed")} {
			err := jupyter.Ensure(ctx, dir, func(string) error { return undecided }, builder(&builds))
			require.ErrorIs(t, err, undecided)
			require.FileExists(t, filepath.Join(dir, "file"))
		}
		require.EqualValues(t, 1, builds.Load())
	})
	t.Run("a damaged one stays until the new one is complete", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "thing")
		var builds atomic.Int32
		require.NoError(t, jupyter.Ensure(ctx, dir, good, builder(&builds)))
		damaged := func(string) error { return jupyter.Damage("damaged") }
		err := jupyter.Ensure(ctx, dir, damaged, func(string) (string, error) {
			require.FileExists(t, filepath.Join(dir, "file"), "a lab may be running from it")
			return "", errors.New("no network")
		})
		require.ErrorContains(t, err, "no network")
		require.FileExists(t, filepath.Join(dir, "file"))
		require.Equal(t, []string{"thing", "thing.lock"}, left(t, dir))
	})
	t.Run("what a killed build left goes", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "thing")
		require.NoError(t, os.MkdirAll(filepath.Join(filepath.Dir(dir), ".thing.part-1", "bin"), 0o755))
		require.NoError(t, os.MkdirAll(filepath.Join(filepath.Dir(dir), ".other.part-1"), 0o755))
		var builds atomic.Int32
		require.NoError(t, jupyter.Ensure(ctx, dir, good, builder(&builds)))
		require.Equal(t, []string{".other.part-1", "thing", "thing.lock"}, left(t, dir))
	})
	t.Run("a failure leaves nothing", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "thing")
		broken := errors.New("no network")
		err := jupyter.Ensure(ctx, dir, good, func(dir string) (string, error) {
			require.NoError(t, os.WriteFile(filepath.Join(dir, "part"), nil, 0o644))
			return "", broken
		})
		require.ErrorIs(t, err, broken)
		require.Equal(t, []string{"thing.lock"}, left(t, dir))
	})
	t.Run("an interrupt leaves nothing", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "thing")
		ctx, stop := context.WithCancel(ctx)
		err := jupyter.Ensure(ctx, dir, good, func(string) (string, error) {
			stop() // while it builds; the build itself did not notice
			return "v1", nil
		})
		require.ErrorIs(t, err, context.Canceled)
		require.Equal(t, []string{"thing.lock"}, left(t, dir))
	})
	t.Run("a cache that cannot be written", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "file")
		require.NoError(t, os.WriteFile(file, nil, 0o644))
		err := jupyter.Ensure(ctx, filepath.Join(file, "cache", "thing"), good, nil)
		require.ErrorContains(t, err, "set CONVSCOPE_CACHE")
	})
}
