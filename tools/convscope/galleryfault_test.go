// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"convscope/internal/level"
	"convscope/internal/tree"
)

// undisturbed makes the small gallery in one go, and returns its files and about how long that takes.
func undisturbed(t *testing.T, more ...string) (made map[string]string, took time.Duration) {
	t.Helper()
	began := time.Now()
	out, err := process(append(append([]string{"gallery", "--out", "whole"}, small...), more...)...).CombinedOutput()
	require.NoError(t, err, string(out))
	return files(t, "whole"), time.Since(began)
}

// sameFiles compares two galleries, and names what differs.
func sameFiles(t *testing.T, want, got map[string]string) {
	t.Helper()
	require.Empty(t, tree.Difference(want, got))
}

// TestGalleryKilled kills two workers, and merges, at any moment: the gallery is the same at the end, byte for byte.
func TestGalleryKilled(t *testing.T) {
	level.Real(t, "kills processes")
	kills := 4
	if level.Full() {
		kills = 50
	}
	smallNetwork(t)
	slow := []string{"--methods", "book,steps=100", "--photos", "photos"}
	want, took := undisturbed(t, slow...)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d; a whole gallery takes %.1f s", seed, took.Seconds())
	random := rand.New(rand.NewPCG(seed, 0))
	whole := 0
	for killed := 0; killed < kills; whole++ {
		dir := filepath.Join("disturbed", string(rune('a'+whole)))
		galleryCommand(t, append([]string{"gallery", "plan", "--out", dir}, append(slow, small...)...)...)
		jobs := [][]string{{"work", "--shard", "0/2"}, {"work", "--shard", "1/2"}, {"merge"}}
		running := make([]*exec.Cmd, len(jobs))
		ends := make(chan int)
		start := func(i int) {
			running[i] = process(append(append([]string{"gallery"}, jobs[i]...), "--out", dir)...)
			require.NoError(t, running[i].Start())
			go func(c *exec.Cmd) {
				_ = c.Wait()
				ends <- i
			}(running[i])
		}
		alive := map[int]bool{}
		for i := range jobs {
			start(i)
			alive[i] = true
		}
		for killed < kills && (alive[0] || alive[1]) {
			select {
			case i := <-ends: // done, or nothing to merge yet
				alive[i] = false
			case <-time.After(time.Duration(random.Int64N(int64(took / 3)))):
				var all []int
				for i := range jobs {
					if alive[i] {
						all = append(all, i)
					}
				}
				if len(all) == 0 {
					continue
				}
				victim := all[random.IntN(len(all))]
				err := running[victim].Process.Kill()
				if errors.Is(err, os.ErrProcessDone) {
					continue // it has ended just now, which ends says soon
				}
				require.NoError(t, err)
				for i := range ends {
					if alive[i] = false; i == victim {
						break
					}
				}
				killed++
				start(victim)
				alive[victim] = true
			}
		}
		for i := range jobs {
			if alive[i] {
				<-ends
			}
		}
		for _, job := range jobs {
			galleryCommand(t, append(append([]string{"gallery"}, job...), "--out", dir)...)
		}
		sameFiles(t, want, files(t, dir))
	}
	t.Logf("%d kills over %d galleries", kills, whole)
}

// TestGalleryByTwo lets two make all of the same gallery at once.
func TestGalleryByTwo(t *testing.T) {
	level.Real(t, "starts processes")
	smallNetwork(t)
	want, _ := undisturbed(t)
	var both []*exec.Cmd
	said := make([]bytes.Buffer, 2)
	for i := range 2 {
		command := process(append([]string{"gallery", "--out", "by two"}, small...)...)
		command.Stderr = &said[i]
		require.NoError(t, command.Start())
		both = append(both, command)
	}
	for i, command := range both {
		require.NoError(t, command.Wait(), said[i].String())
	}
	sameFiles(t, want, files(t, "by two"))
}

// TestGalleryInterrupted presses Ctrl-C: what was done stays, and the same command goes on.
func TestGalleryInterrupted(t *testing.T) {
	level.Real(t, "starts processes")
	smallNetwork(t)
	want, _ := undisturbed(t)
	var stderr bytes.Buffer
	command := process(append([]string{"gallery", "--out", "stopped"}, small...)...)
	command.Stderr = &stderr
	require.NoError(t, command.Start())
	var done []string
	for len(done) == 0 {
		time.Sleep(5 * time.Millisecond)
		done, _ = filepath.Glob("stopped/record/*")
	}
	require.NoError(t, command.Process.Signal(syscall.SIGINT))
	_ = command.Wait()
	if command.ProcessState.ExitCode() == exitInterrupted {
		require.Contains(t, stderr.String(), "stopped early, stopped holds what was done: the same command goes on")
	} else {
		require.Zero(t, command.ProcessState.ExitCode(), stderr.String()) // it had ended before
	}
	record, err := os.Stat(done[0])
	require.NoError(t, err)
	galleryCommand(t, append([]string{"gallery", "--out", "stopped"}, small...)...)
	sameFiles(t, want, files(t, "stopped"))
	after, err := os.Stat(done[0])
	require.NoError(t, err)
	require.Equal(t, record.ModTime(), after.ModTime(), "it is not made again")
}

// TestGalleryDamaged spoils files, all that a power cut or a careless hand may: what is spoilt is named and made
// again.
func TestGalleryDamaged(t *testing.T) {
	level.Real(t, "starts processes")
	smallNetwork(t)
	want, _ := undisturbed(t)
	spoil := map[string]func(path string) error{
		"picture/a.relu/0-book.png": func(path string) error {
			content, err := os.ReadFile(path)
			content[len(content)/2] ^= 1
			return errors.Join(err, os.WriteFile(path, content, 0o600))
		},
		"picture/a.relu/3-book.png": func(path string) error { return os.Truncate(path, 10) },
		"film/MaxPool/1.jpg":        os.Remove,
		"record/MaxPool-2.json":     func(path string) error { return os.Truncate(path, 100) },
		"data/MaxPool.js":           os.Remove,
		"index.html":                func(path string) error { return os.WriteFile(path, nil, 0o600) },
	}
	for name, damage := range spoil {
		require.NoError(t, damage(filepath.Join("whole", filepath.FromSlash(name))), name)
	}
	require.NoError(t, os.MkdirAll("whole/tmp", 0o700))
	require.NoError(t, os.WriteFile("whole/tmp/0123456789abcdef", []byte("half"), 0o600))
	require.NoError(t, os.WriteFile("whole/.index.html12345", []byte("half"), 0o600))
	said := galleryCommand(t, "gallery", "merge", "--out", "whole", "--model", "my.onnx")
	for _, words := range []string{"4 of 12 filters", "missing: 4 of 6 shards",
		"a.relu, filters 0 to 1 (picture/a.relu/0-book.png: it is damaged", "3-book.png: it has 10 bytes",
		"film/MaxPool/1.jpg: no such file"} {
		require.Contains(t, said, words)
	}
	said = galleryCommand(t, append([]string{"gallery", "--out", "whole"}, small...)...)
	require.Contains(t, said, "12 of 12 filters")
	sameFiles(t, want, files(t, "whole"))
}

// TestGalleryOnFullDisk fills the disk, and goes on when there is room.
func TestGalleryOnFullDisk(t *testing.T) {
	level.Real(t, "starts processes")
	if runtime.GOOS != "linux" || os.Getuid() != 0 {
		t.Skip("only root on Linux can mount a file system")
	}
	smallNetwork(t)
	want, _ := undisturbed(t)
	require.NoError(t, os.Mkdir("disk", 0o700))
	mount := func(options string) error {
		out, err := exec.Command("mount", "-t", "tmpfs", "-o", options, "tmpfs", "disk").CombinedOutput()
		t.Log(options, string(out))
		return err
	}
	if mount("size=72k") != nil {
		t.Skip("no file system can be mounted here")
	}
	t.Cleanup(func() { _ = exec.Command("umount", "-l", "disk").Run() })
	args := append([]string{"gallery", "--out", "disk"}, small...)
	for range 2 { // again: no worse
		status, _, stderr := runCommand(t, args...)
		require.Equal(t, exitFailure, status, stderr)
		require.Regexp(t, `(?m)^convscope: (writing disk/\S+|the folder disk takes no files): no space left on device`,
			stderr)
	}
	require.NoError(t, mount("remount,size=10m"))
	galleryCommand(t, args...)
	sameFiles(t, want, files(t, "disk"))
}

// TestGalleryRefuses is what would spoil a folder or can't work, before anything is computed.
func TestGalleryRefuses(t *testing.T) {
	smallNetwork(t)
	require.NoError(t, os.Mkdir("other", 0o700))
	writeNetwork(t, "other/my.onnx", 2)
	galleryCommand(t, append([]string{"gallery", "plan", "--out", "planned"}, small...)...)
	require.NoError(t, os.Mkdir("mine", 0o700))
	require.NoError(t, os.WriteFile("mine/thesis.tex", nil, 0o600))
	require.NoError(t, os.Mkdir("broken", 0o700))
	require.NoError(t, os.WriteFile("broken/plan.json", []byte(`{"format": 1`), 0o600))
	require.NoError(t, os.WriteFile("file", nil, 0o600))
	before := files(t, "planned")
	gallery := func(out string, more ...string) []string {
		return append(append([]string{"gallery", "--out", out}, small...), more...)
	}
	for name, test := range map[string]struct {
		args  []string
		words string
	}{
		"other size": {gallery("planned", "--size", "14"), "size: the folder holds 12, asked was 14"},
		"other methods": {gallery("planned", "--methods", "book,steps=3"),
			"methods: the folder holds book, asked was book,steps=3"},
		"other layers": {gallery("planned", "--layers", "Gemm"),
			"asked was a.conv:1 (4), a.relu (4), MaxPool (4), Gemm (3)"},
		"other weights": {append(gallery("planned"), "--model", "other/my.onnx"), "weights: the folder holds "},
		"their work": {[]string{"gallery", "work", "--out", "planned", "--model", "other/my.onnx"},
			"weights: the folder holds "},
		"their pages": {[]string{"gallery", "merge", "--out", "planned", "--model", "other/my.onnx"},
			"weights: the folder holds "},
		"other files":     {gallery("mine"), "mine: it holds no gallery, but thesis.tex: name a new folder"},
		"half a plan":     {gallery("broken"), "plan.json is damaged"},
		"a file":          {gallery("file"), "file"},
		"no folder":       {append([]string{"gallery"}, small...), "name the gallery's folder with --out"},
		"unknown layer":   {gallery("new", "--layers", "a.conv:1,a.rel"), `has no layer "a.rel": did you mean a.relu?`},
		"unknown method":  {gallery("new", "--methods", "book,crips"), `no method "crips": did you mean crisp?`},
		"a method twice":  {gallery("new", "--methods", "book,book"), "twice"},
		"too small":       {gallery("new", "--size", "1"), "too small"},
		"no size":         {gallery("new", "--size", "0"), "--size 0: give a whole number from 1 up"},
		"no shard":        {gallery("new", "--shard-size", "-1"), "--shard-size -1"},
		"nothing planned": {[]string{"gallery", "work", "--out", "mine"}, "convscope gallery plan makes one"},
		"no part": {[]string{"gallery", "work", "--out", "planned", "--shard", "2/2"},
			"--shard 2/2: give I/N, such as 0/4"},
		"no numbers":      {[]string{"gallery", "work", "--out", "planned", "--shard", "one"}, "--shard one: give I/N"},
		"unknown command": {[]string{"gallery", "plna"}, "did you mean plan?"},
	} {
		t.Run(name, func(t *testing.T) {
			status, stdout, stderr := runCommand(t, test.args...)
			require.NotZero(t, status, stdout)
			require.Contains(t, stderr, test.words)
			require.Equal(t, 1, strings.Count(stderr, "convscope: "), stderr)
			require.NotContains(t, stderr, "gallery ...", "nothing is computed")
		})
	}
	sameFiles(t, before, files(t, "planned"))
	require.NoDirExists(t, "new/record")
}

// TestGalleryOnXLA lets two workers make a gallery on XLA, where several steps are one call of as many as time allows,
// and its convolutions are convscope's own: the same bytes as by one.
func TestGalleryOnXLA(t *testing.T) {
	level.OnlyFull(t, "needs XLA, and compiles for a while")
	cache, given := os.LookupEnv("CONVSCOPE_CACHE")
	smallNetwork(t)
	t.Setenv("CONVSCOPE_DEVICE", "cpu")
	if t.Setenv("CONVSCOPE_CACHE", cache); !given {
		require.NoError(t, os.Unsetenv("CONVSCOPE_CACHE"))
	}
	methods := []string{"--methods", "book,crisp,transforms=none,steps=30", "--batch", "3", "--photos", "photos"}
	want, _ := undisturbed(t, methods...)
	galleryCommand(t, append(append([]string{"gallery", "plan", "--out", "shared"}, small...), methods...)...)
	var both []*exec.Cmd
	said := make([]bytes.Buffer, 2)
	for i, shard := range []string{"0/2", "1/2"} {
		command := process("gallery", "work", "--out", "shared", "--shard", shard)
		command.Stderr = &said[i]
		require.NoError(t, command.Start())
		both = append(both, command)
	}
	for i, command := range both {
		require.NoError(t, command.Wait(), said[i].String())
	}
	galleryCommand(t, "gallery", "merge", "--out", "shared")
	sameFiles(t, want, files(t, "shared"))
	galleryCommand(t, "reproduce", "--model", "my.onnx", "shared/picture/a.relu/2-book.png", "--out", "again.png")
	again, err := os.ReadFile("again.png")
	require.NoError(t, err)
	require.Equal(t, want["picture/a.relu/2-book.png"], string(again))
}
