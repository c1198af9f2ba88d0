// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

//go:build linux && cgo && !noxla

package hook_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/stretchr/testify/require"

	"convscope/internal/level"
	"convscope/pkg/device"
	"convscope/pkg/device/internal/compiled"
)

// answer is what a process of its own has computed, and how.
type answer struct {
	Value string
	Calls compiled.Counts
}

// TestMain lets this test binary play other processes.
func TestMain(m *testing.M) {
	flag.Parse() // for package level
	switch os.Getenv("CONVSCOPE_TEST_PLAY") {
	case "programs":
		playPrograms()
	case "calls":
		playCalls()
	case "switched":
		playSwitched()
	}
	kind, play := os.LookupEnv("CONVSCOPE_TEST_COMPILED")
	if !play {
		os.Exit(m.Run())
	}
	dev := device.MustNew(device.Options{Kind: device.Kind(kind)})
	value := MustExecOnce(dev.Backend, func(x *Node) *Node {
		return ReduceAllSum(Sqrt(Add(Square(x), OnesLike(x)))) // a single number
	}, []float32{1, 2, 3})
	text, err := json.Marshal(answer{fmt.Sprint(value), compiled.Calls()})
	if err != nil {
		panic(err)
	}
	fmt.Println(string(text))
	dev.Close()
	dev = device.MustNew(device.Options{Kind: device.Kind(kind)}) // a second one in the same process
	dev.Close()
	os.Exit(0)
}

// TestProcesses looks at what real processes load and compile. The plugin is the one of the user's cache.
func TestProcesses(t *testing.T) {
	level.Real(t, "needs XLA")
	dev, err := device.New(device.Options{Kind: device.CPU})
	require.NoError(t, err)
	plugin := dev.Plugin()
	dev.Close()

	var once answer
	run := func(t *testing.T, cache string, env ...string) answer {
		t.Helper()
		command := exec.Command(os.Args[0])
		command.Env = append(os.Environ(), "CONVSCOPE_CACHE="+cache, "GOMLX_BACKEND=xla:"+plugin, "XLA_FLAGS=",
			"CONVSCOPE_TEST_COMPILED=")
		command.Env = append(command.Env, env...)
		var stderr strings.Builder
		command.Stderr = &stderr
		out, err := command.Output()
		require.NoError(t, err, "%s", &stderr)
		require.Empty(t, stderr.String(), "nobody is told")
		var got answer
		require.NoError(t, json.Unmarshal(out, &got), "%s", out)
		if once.Value != "" {
			require.Equal(t, once.Value, got.Value)
		}
		return got
	}
	cache := t.TempDir()
	run(t, cache) // tries the plugin's operations once and for all
	require.NoError(t, os.RemoveAll(filepath.Join(cache, "compiled")))
	once = run(t, cache)
	all := once.Calls.Compiled
	require.Equal(t, compiled.Counts{Compiled: all}, once.Calls)
	require.GreaterOrEqual(t, all, 2, "the device's own trial, and the sum")
	files := func(t *testing.T) []string {
		t.Helper()
		entries, err := os.ReadDir(filepath.Join(cache, "compiled"))
		require.NoError(t, err)
		var paths []string
		for _, entry := range entries {
			if strings.HasSuffix(entry.Name(), ".program") {
				paths = append(paths, filepath.Join(cache, "compiled", entry.Name()))
			}
		}
		return paths
	}
	require.Len(t, files(t), all)

	t.Run("the next process compiles nothing", func(t *testing.T) {
		require.Equal(t, compiled.Counts{Loaded: all}, run(t, cache).Calls)
	})
	t.Run("a damaged entry is compiled again", func(t *testing.T) {
		require.NoError(t, os.Truncate(files(t)[0], 100))
		require.Equal(t, compiled.Counts{Loaded: all - 1, Compiled: 1}, run(t, cache).Calls)
		require.Equal(t, compiled.Counts{Loaded: all}, run(t, cache).Calls)
	})
	t.Run("an entry that the plugin refuses is compiled again", func(t *testing.T) {
		t.Setenv("CONVSCOPE_CACHE", cache)
		store, err := compiled.Open()
		require.NoError(t, err)
		for _, text := range []string{"not a program", strings.Repeat("\x0a\xff\x01", 50000)} {
			for _, path := range files(t) {
				store.Write(strings.TrimSuffix(filepath.Base(path), ".program"), []byte(text))
			}
			require.Equal(t, compiled.Counts{Compiled: all}, run(t, cache).Calls)
			require.Equal(t, compiled.Counts{Loaded: all}, run(t, cache).Calls)
		}
	})
	t.Run("with other flags of XLA", func(t *testing.T) {
		flags := "XLA_FLAGS=--xla_cpu_max_isa=SSE4_2"
		first := run(t, cache, flags).Calls
		require.Zero(t, first.Loaded)
		require.Greater(t, first.Compiled, all, "with these flags the operations are tried anew")
		require.Equal(t, compiled.Counts{Loaded: all}, run(t, cache, flags).Calls)
	})
	t.Run("two at once", func(t *testing.T) {
		other := t.TempDir()
		var both sync.WaitGroup
		var got [2]answer
		for i := range got {
			both.Go(func() { got[i] = run(t, other) })
		}
		both.Wait()
		for i := range got {
			require.GreaterOrEqual(t, got[i].Calls.Loaded+got[i].Calls.Compiled, all)
		}
		require.Equal(t, compiled.Counts{Loaded: all}, run(t, other).Calls)
	})
	t.Run("off", func(t *testing.T) {
		require.Zero(t, run(t, cache, compiled.Env+"=off").Calls)
	})
	t.Run("a cache that can't be written", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "file")
		require.NoError(t, os.WriteFile(file, nil, 0o600))
		require.Zero(t, run(t, file).Calls)
	})
	for lacks, kept := range map[string]bool{"1": false, "2": false, "3": true, "4": true} {
		t.Run("a plugin that lacks something: "+lacks, func(t *testing.T) {
			front := "GOMLX_BACKEND=xla:" + inFront(t, plugin, lacks)
			own := t.TempDir()
			run(t, own, front) // tries its operations
			again := run(t, own, front).Calls
			if lacks == "4" {
				require.Equal(t, compiled.Counts{Loaded: all}, again)
			} else {
				require.Equal(t, compiled.Counts{Compiled: all}, again, "it works, and compiles each time")
			}
			entries, err := filepath.Glob(filepath.Join(own, "compiled", "*.program"))
			require.NoError(t, err)
			require.Equal(t, kept, len(entries) > 0)
		})
	}
	t.Run("in pure Go", func(t *testing.T) {
		require.Zero(t, run(t, cache, "GOMLX_BACKEND=", "CONVSCOPE_TEST_COMPILED=go").Calls)
	})
}

// inFront makes a plugin in front of another that lacks something: see testdata/front.c.
func inFront(t *testing.T, plugin, lacks string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "pjrt_c_api_cpu_plugin.so")
	out, err := exec.Command("cc", "-shared", "-fPIC", "-I.", "-DPLUGIN="+strconv.Quote(plugin),
		"-DLACKS="+lacks, "-o", path,
		"testdata/front.c", "-ldl").CombinedOutput()
	require.NoError(t, err, "%s", out)
	return path
}
