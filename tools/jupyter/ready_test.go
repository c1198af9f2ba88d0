// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package jupyter_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/tools/jupyter"
)

func TestEnsure(t *testing.T) {
	ctx := context.Background()
	good := func(string) error { return nil }
	builder := func(dir string, builds *atomic.Int32) func() (string, error) {
		return func() (string, error) {
			builds.Add(1)
			return "v1", os.WriteFile(filepath.Join(dir, "file"), nil, 0o644)
		}
	}
	t.Run("builds once", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "cache", "thing")
		var builds atomic.Int32
		for range 3 {
			require.NoError(t, jupyter.Ensure(ctx, dir, func(marker string) error {
				require.Equal(t, "v1", marker)
				return nil
			}, builder(dir, &builds)))
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
				if err := jupyter.Ensure(ctx, dir, good, builder(dir, &builds)); err != nil {
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
		left := filepath.Join(dir, "left")
		require.NoError(t, os.WriteFile(left, nil, 0o644))
		var builds atomic.Int32
		require.NoError(t, jupyter.Ensure(ctx, dir, good, builder(dir, &builds)))
		require.EqualValues(t, 1, builds.Load())
		require.NoFileExists(t, left)
	})
	t.Run("damaged is built again", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "thing")
		var builds atomic.Int32
		require.NoError(t, jupyter.Ensure(ctx, dir, good, builder(dir, &builds)))
		damaged := func(string) error {
			if builds.Load() == 1 {
				return errors.New("damaged")
			}
			return nil
		}
		require.NoError(t, jupyter.Ensure(ctx, dir, damaged, builder(dir, &builds)))
		require.EqualValues(t, 2, builds.Load())
	})
	t.Run("a failure leaves nothing", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "thing")
		broken := errors.New("no network")
		err := jupyter.Ensure(ctx, dir, good, func() (string, error) {
			require.NoError(t, os.WriteFile(filepath.Join(dir, "part"), nil, 0o644))
			return "", broken
		})
		require.ErrorIs(t, err, broken)
		require.NoDirExists(t, dir)
	})
	t.Run("an interrupt leaves nothing", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "thing")
		ctx, stop := context.WithCancel(ctx)
		err := jupyter.Ensure(ctx, dir, good, func() (string, error) {
			stop() // while it builds; the build itself did not notice
			return "v1", nil
		})
		require.ErrorIs(t, err, context.Canceled)
		require.NoDirExists(t, dir)
	})
	t.Run("a cache that cannot be written", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "file")
		require.NoError(t, os.WriteFile(file, nil, 0o644))
		err := jupyter.Ensure(ctx, filepath.Join(file, "cache", "thing"), good, nil)
		require.ErrorContains(t, err, "set CONVSCOPE_CACHE")
	})
}
