// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package device_test

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"convscope/internal/level"
	"convscope/pkg/device"
)

// report is what a process of its own says about its device.
type report struct {
	Kind, Name, Plugin, Error string
	News                      []string
	Explain                   string
	Found                     []string
	Faults                    []string
	Trial                     time.Time // when the plugin's operations were last tried and recorded
	Stderr                    string    `json:"-"`
}

// TestMain lets this test binary play a fresh process: a plugin stays loaded until the process ends.
func TestMain(m *testing.M) {
	if kind, play := os.LookupEnv("CONVSCOPE_TEST_DEVICE"); play {
		var r report
		news := func(line string) { r.News = append(r.News, line) }
		d, err := device.New(device.Options{Kind: device.Kind(kind), Report: news})
		if err != nil {
			r.Error = err.Error()
		} else {
			r.Kind, r.Name, r.Plugin, r.Explain = d.Kind().String(), d.Name(), d.Plugin(), d.Explain()
			r.Faults, r.Trial = d.Faults(), device.Tried(d.Plugin())
			second, err := device.New(device.Options{Kind: device.Kind(kind), Report: quiet}) // its plugin is loaded
			if err == nil {
				d.Close()
				_, err = device.Try(second.Backend)
				second.Close()
			}
			if err != nil {
				r.Error = err.Error()
			}
		}
		if os.Getenv("CONVSCOPE_TEST_FIND") != "" {
			for _, p := range device.Find() {
				r.Found = append(r.Found, p.String())
			}
		}
		if err := json.NewEncoder(os.Stdout).Encode(r); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// fresh describes a process with an empty home and a cache of its own.
type fresh struct{ home, cache string }

// command prepares a process that asks for kind.
func (f fresh) command(t *testing.T, kind device.Kind, env ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	c := exec.Command(self)
	for _, pair := range os.Environ() {
		name, _, _ := strings.Cut(pair, "=")
		switch name {
		case "GOMLX_BACKEND", "PJRT_PLUGIN_LIBRARY_PATH", "LD_LIBRARY_PATH", "XDG_CACHE_HOME":
		default:
			c.Env = append(c.Env, pair)
		}
	}
	c.Env = append(c.Env, "HOME="+f.home, "CONVSCOPE_CACHE="+f.cache, "CONVSCOPE_TEST_DEVICE="+string(kind))
	c.Env = append(c.Env, env...)
	return c
}

func (f fresh) run(t *testing.T, kind device.Kind, env ...string) report {
	t.Helper()
	c := f.command(t, kind, env...)
	var stderr strings.Builder
	c.Stderr = &stderr
	out, err := c.Output()
	return parse(t, out, stderr.String(), err)
}

func parse(t *testing.T, out []byte, stderr string, err error) report {
	t.Helper()
	require.NoError(t, err, stderr)
	var r report
	require.NoError(t, json.Unmarshal(out, &r), "stdout is the report and nothing else: %s", out)
	r.Stderr = stderr
	return r
}

// offline keeps pip and the release lookup from the network.
var offline = []string{
	"PIP_NO_INDEX=1", "PIP_FIND_LINKS=", "HTTPS_PROXY=http://127.0.0.1:1", "https_proxy=http://127.0.0.1:1",
}

// TestInstalled starts fresh processes over a cache that holds a plugin, without a network.
func TestInstalled(t *testing.T) {
	level.Real(t, "needs XLA")
	dev, err := device.New(device.Options{Kind: device.CPU, Report: quiet})
	require.NoError(t, err)
	dev.Close()
	f := fresh{t.TempDir(), t.TempDir()}
	plugin := filepath.Join(f.cache, "pjrt", "by-hand", cpuFile)
	require.NoError(t, os.MkdirAll(filepath.Dir(plugin), 0o755))
	info, err := os.Stat(dev.Plugin())
	require.NoError(t, err)
	copyFile(t, dev.Plugin(), plugin, info.Size())
	require.NoError(t, device.Keep(plugin, "test", ""))
	first := f.run(t, device.CPU, offline...)
	require.Empty(t, first.Error)
	require.Equal(t, "cpu", first.Kind)
	if first.Plugin != plugin { // one that is installed for everybody comes first
		require.True(t, strings.HasPrefix(first.Plugin, "/usr/local/lib/"), first.Plugin)
		return
	}

	t.Run("the next start is quick and quiet", func(t *testing.T) {
		r := f.run(t, device.Auto, offline...)
		assert.Equal(t, first.Plugin, r.Plugin)
		assert.Empty(t, r.News)
		assert.Empty(t, r.Stderr)
		assert.False(t, first.Trial.IsZero())
		assert.Equal(t, first.Trial, r.Trial, "its operations are tried once")
		assert.Equal(t, first.Faults, r.Faults)
	})

	t.Run("find", func(t *testing.T) {
		r := f.run(t, device.CPU, append(offline, "CONVSCOPE_TEST_FIND=1")...)
		require.NotEmpty(t, r.Found)
		assert.Contains(t, r.Found[0], first.Plugin+": works, PJRT API 0.")
	})

	t.Run("by path and by name", func(t *testing.T) {
		for _, value := range []string{"xla:" + first.Plugin, "xla:cpu", "xla:cpu,noshared_buffers"} {
			r := f.run(t, device.Auto, append(offline, "GOMLX_BACKEND="+value)...)
			assert.Empty(t, r.Error)
			assert.Equal(t, first.Plugin, r.Plugin)
		}
	})

	t.Run("a home that go-xla would take for a GPU", func(t *testing.T) {
		g := fresh{f.home, filepath.Join(t.TempDir(), "nvidia, cuda")}
		require.NoError(t, os.MkdirAll(g.cache, 0o755))
		require.NoError(t, os.Symlink(filepath.Join(f.cache, "pjrt"), filepath.Join(g.cache, "pjrt")))
		temp := t.TempDir()
		r := g.run(t, device.CPU, append(offline, "TMPDIR="+temp)...)
		assert.Empty(t, r.Error)
		assert.Equal(t, "cpu", r.Kind)
		left, err := os.ReadDir(temp)
		require.NoError(t, err)
		assert.Empty(t, left)
	})

	t.Run("truncated at any length, it is passed over", func(t *testing.T) {
		info, err := os.Stat(first.Plugin)
		require.NoError(t, err)
		dir := t.TempDir()
		bad := filepath.Join(dir, cpuFile)
		lengths := []int64{100, info.Size() / 2}
		if level.Full() {
			lengths = append(lengths, 0, 1<<20, info.Size()-1000, info.Size()-1)
		}
		for _, length := range lengths {
			copyFile(t, first.Plugin, bad, length)
			r := f.run(t, device.CPU, append(offline, "PJRT_PLUGIN_LIBRARY_PATH="+dir)...)
			assert.Equal(t, first.Plugin, r.Plugin)
			if assert.Len(t, r.News, 1) {
				assert.Contains(t, r.News[0], bad+": passed over")
			}
			r = f.run(t, device.Auto, append(offline, "GOMLX_BACKEND=xla:"+bad)...)
			assert.Contains(t, r.Error, "GOMLX_BACKEND=xla:"+bad)
		}
	})

	damage(t, first.Plugin)

	t.Run("damaged and offline", func(t *testing.T) {
		r := f.run(t, device.Auto, offline...)
		assert.Equal(t, "go", r.Kind)
		assert.Empty(t, r.Error)
		news := strings.Join(r.News, "\n")
		tries := slices.DeleteFunc(slices.Clone(r.News),
			func(line string) bool { return !strings.Contains(line, "getting the plugin") })
		assert.Len(t, slices.Compact(slices.Sorted(slices.Values(tries))), len(tries), "each source is asked once")
		assert.Contains(t, news, first.Plugin+": passed over: damaged: its SHA-256 is")
		assert.Contains(t, r.News[len(r.News)-1],
			"going on with GoMLX's pure Go backend, which is over two hundred times slower")
		if !level.Full() {
			return
		}
		r = f.run(t, device.CPU, offline...)
		assert.Contains(t, r.Error, "device: cpu was asked for and cannot be had: no PJRT plugin")
	})
}

// TestInstall fetches a plugin into an empty cache, or says why it can't.
func TestInstall(t *testing.T) {
	level.OnlyFull(t, "fetches 63 MB, several times")
	f := fresh{t.TempDir(), t.TempDir()}
	first := f.run(t, device.CPU)
	if first.Error != "" {
		require.Contains(t, first.Error, "no PJRT plugin")
		require.NotContains(t, first.Error, "\n")
		left, err := filepath.Glob(filepath.Join(f.cache, "pjrt", "*", "*"))
		require.NoError(t, err)
		require.Empty(t, left)
		return
	}
	require.Equal(t, "cpu", first.Kind)
	if !strings.HasPrefix(first.Plugin, f.cache) { // one that is installed for everybody comes first
		require.True(t, strings.HasPrefix(first.Plugin, "/usr/local/lib/"), first.Plugin)
		return
	}
	t.Logf("%s: %s", first.Name, strings.Join(first.News, "; "))
	damage(t, first.Plugin)

	t.Run("damaged, two processes at once", func(t *testing.T) {
		type answer struct {
			out    []byte
			stderr string
			err    error
		}
		answers := make(chan answer, 2)
		for range cap(answers) {
			c := f.command(t, device.CPU)
			go func() {
				var stderr strings.Builder
				c.Stderr = &stderr
				out, err := c.Output()
				answers <- answer{out, stderr.String(), err}
			}()
		}
		got := 0
		for range cap(answers) {
			a := <-answers
			r := parse(t, a.out, a.stderr, a.err)
			assert.Empty(t, r.Error)
			assert.Equal(t, "cpu", r.Kind)
			assert.True(t, strings.HasPrefix(r.Plugin, f.cache), r.Plugin)
			assert.NoError(t, device.Intact(r.Plugin, true))
			got += strings.Count(strings.Join(r.News, "\n"), "getting the plugin from pip")
		}
		assert.LessOrEqual(t, got, 1, "one process fetches, the other waits")
	})

	t.Run("a cache that cannot be written", func(t *testing.T) {
		g := fresh{f.home, filepath.Join(t.TempDir(), "file")}
		write(t, g.cache, []byte("not a directory"))
		r := g.run(t, device.Auto)
		assert.Equal(t, "go", r.Kind)
		assert.Contains(t, strings.Join(r.News, "\n"), "not a directory")
	})

	t.Run("killed while fetching", func(t *testing.T) {
		g := fresh{f.home, t.TempDir()}
		c := g.command(t, device.CPU)
		require.NoError(t, c.Start())
		require.Eventually(t, func() bool { // something has come
			begun, err := filepath.Glob(filepath.Join(g.cache, "pjrt", "*", ".*", "*"))
			return err == nil && len(begun) > 0
		}, time.Minute, 10*time.Millisecond)
		require.NoError(t, c.Process.Kill())
		_ = c.Wait()
		plugins, err := filepath.Glob(filepath.Join(g.cache, "pjrt", "*", cpuFile))
		require.NoError(t, err)
		for _, p := range plugins { // it may have been quick
			assert.NoError(t, device.CheckFile(p))
		}
		r := g.run(t, device.CPU)
		assert.Empty(t, r.Error)
		left, err := filepath.Glob(filepath.Join(g.cache, "pjrt", "*", ".*"))
		require.NoError(t, err)
		assert.Empty(t, left)
	})
}

// damage changes a byte in the middle of the file.
func damage(t *testing.T, path string) {
	t.Helper()
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	require.NoError(t, err)
	info, err := file.Stat()
	require.NoError(t, err)
	b := make([]byte, 1)
	_, err = file.ReadAt(b, info.Size()/2)
	require.NoError(t, err)
	b[0] ^= 1
	_, err = file.WriteAt(b, info.Size()/2)
	require.NoError(t, err)
	require.NoError(t, file.Close())
}

// copyFile copies the first length bytes.
func copyFile(t *testing.T, from, to string, length int64) {
	t.Helper()
	in, err := os.Open(from)
	require.NoError(t, err)
	defer in.Close()
	out, err := os.Create(to)
	require.NoError(t, err)
	_, err = io.CopyN(out, in, length)
	require.NoError(t, err)
	require.NoError(t, out.Close())
}
