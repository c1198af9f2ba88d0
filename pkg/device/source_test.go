// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package device_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"convscope/pkg/device"
)

func TestSources(t *testing.T) {
	unreachable := func(string) error { return errors.New("no route to host") }
	give := func(path *string, text []byte) func(string) error {
		return func(dir string) error {
			*path = filepath.Join(dir, cpuFile)
			if err := os.MkdirAll(dir, 0o755); err != nil {
				return err
			}
			if err := os.WriteFile(*path, text, 0o644); err != nil {
				return err
			}
			return device.Keep(*path, "test", "")
		}
	}
	var given string
	ctx := context.Background()

	t.Run("in order, then kept", func(t *testing.T) {
		h := &device.Host{Dir: t.TempDir()}
		h.Sources = map[device.Kind][]device.Source{device.CPU: {
			{Name: "first", ID: "a-1", Get: unreachable},
			{Name: "second", ID: "b-1", Get: give(&given, device.FakeELF())},
			{Name: "third", ID: "c-1", Get: func(string) error { panic("not needed") }},
		}}
		d, err := h.New(ctx, device.Options{Report: quiet})
		require.NoError(t, err)
		assert.Equal(t, given, d.Plugin())
		assert.Contains(t, d.Explain(), "cpu: first: no route to host")
		assert.NoDirExists(t, filepath.Join(h.Dir, "cache/pjrt/a-1"))

		h.Sources[device.CPU][1].Get = func(string) error { panic("it is there") }
		var told []string
		d, err = h.New(ctx, device.Options{Report: func(line string) { told = append(told, line) }})
		require.NoError(t, err)
		assert.Equal(t, given, d.Plugin())
		assert.Empty(t, told)

		t.Run("damaged and got again", func(t *testing.T) {
			require.NoError(t, os.Truncate(given, 1000))
			h.Sources[device.CPU][1].Get = give(&given, device.FakeELF())
			var told []string
			d, err := h.New(ctx, device.Options{Report: func(line string) { told = append(told, line) }})
			require.NoError(t, err)
			assert.Equal(t, given, d.Plugin())
			assert.Contains(t, strings.Join(told, "\n"), given+": passed over: damaged: it has 1000 bytes instead of 4096")
		})
		t.Run("damaged and nobody to help", func(t *testing.T) {
			require.NoError(t, os.Truncate(given, 1000))
			h.Sources[device.CPU][1].Get = unreachable
			h.Sources[device.CPU][2].Get = unreachable
			d, err := h.New(ctx, device.Options{Report: quiet})
			require.NoError(t, err)
			assert.Equal(t, device.Go, d.Kind())
			_, err = h.New(ctx, device.Options{Kind: device.CPU, Report: quiet})
			assert.ErrorIs(t, err, device.ErrNoPlugin)
			assert.ErrorContains(t, err, "no route to host")
		})
	})

	t.Run("one that does not run here is got once", func(t *testing.T) {
		h := &device.Host{Dir: t.TempDir()}
		h.Broken = map[string]error{"cache/pjrt/a-1/" + cpuFile: errors.New("GLIBC_9 not found")}
		times := 0
		h.Sources = map[device.Kind][]device.Source{device.CPU: {{Name: "first", ID: "a-1", Get: func(dir string) error {
			times++
			return give(&given, device.FakeELF())(dir)
		}}}}
		for range 2 {
			d, err := h.New(ctx, device.Options{Report: quiet})
			require.NoError(t, err)
			assert.Equal(t, device.Go, d.Kind())
		}
		assert.Equal(t, 1, times)
	})

	t.Run("a person's options are not shopped around", func(t *testing.T) {
		h := &device.Host{Dir: t.TempDir(), Broken: map[string]error{goxlaCPU: errors.New("bad allocator")}}
		h.Env = map[string]string{"GOMLX_BACKEND": "xla:cpu,allocator=x"}
		h.Sources = map[device.Kind][]device.Source{device.CPU: {
			{Name: "first", ID: "a-1", Get: func(string) error { panic("not wanted") }},
		}}
		put(t, h.Dir, goxlaCPU)
		_, err := h.New(ctx, device.Options{Report: quiet})
		assert.ErrorContains(t, err, "bad allocator")
	})

	t.Run("a source rests after a failure, unless it is asked for", func(t *testing.T) {
		h := &device.Host{Dir: t.TempDir(), GPU: true}
		times := 0
		get := func(string) error {
			times++
			return errors.New("2 GB and no network")
		}
		h.Sources = map[device.Kind][]device.Source{device.GPU: {{Name: "cuda", ID: "c-1", Rest: time.Hour, Get: get}}}
		put(t, h.Dir, goxlaCPU)
		for range 3 {
			d, err := h.New(ctx, device.Options{Report: quiet})
			require.NoError(t, err)
			assert.Equal(t, device.CPU, d.Kind())
			if times > 1 {
				assert.Contains(t, d.Explain(), "failed lately (2 GB and no network)")
			}
		}
		assert.Equal(t, 1, times)
		_, err := h.New(ctx, device.Options{Kind: device.GPU, Report: quiet})
		assert.ErrorContains(t, err, "2 GB and no network")
		assert.Equal(t, 2, times)
	})

	t.Run("a cancelled context is an error, not a fallback", func(t *testing.T) {
		h := &device.Host{Dir: t.TempDir()}
		ctx, cancel := context.WithCancel(ctx)
		h.Sources = map[device.Kind][]device.Source{device.CPU: {{Name: "slow", ID: "a-1", Get: func(string) error {
			cancel()
			return errors.New("interrupted")
		}}}}
		_, err := h.New(ctx, device.Options{Report: quiet})
		assert.ErrorIs(t, err, context.Canceled)
	})

	t.Run("who gets what", func(t *testing.T) {
		amd64 := device.RealSources("linux/amd64", device.CPU)
		if device.CPURelease != "" { // a build with XLA
			assert.Len(t, device.RealSources("darwin/arm64", device.CPU), 1)
		}
		require.Len(t, amd64, 3, "a release without a hash is not offered beside pip's")
		assert.Contains(t, amd64[0], "lammps-jax-pjrt-cpu==0.11.2")
		assert.Len(t, device.RealSources("linux/amd64", device.GPU), 1)
		assert.Empty(t, device.RealSources("linux/arm64", device.GPU))
		assert.Empty(t, device.RealSources("plan9/386", device.CPU))
	})
}
