// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package fetch_test

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/shirou/gopsutil/v4/process"

	"convscope/internal/fetch"
	"convscope/internal/progress"
)

func TestMain(m *testing.M) {
	progress.New = func(what string, total int64, unit progress.Unit) progress.Bar {
		return progress.Plain(io.Discard, what, total, unit)
	}
	if dir := os.Getenv(helper); dir != "" {
		w := fetch.Wheel{Package: "tiny", Version: "1.0", SHA256: strings.Repeat("0", 64)}
		_ = w.Download(context.Background(), filepath.Join(dir, "w.whl"))
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// helper names the variable that makes this program the process that TestKilled kills: it fetches a wheel into a
// directory.
const helper = "CONVSCOPE_FETCH_HELPER"

// running says whether a process has the text in its command line.
func running(t *testing.T, text string) bool {
	t.Helper()
	all, err := process.Processes()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range all {
		line, err := p.Cmdline()
		status, _ := p.Status()
		if err == nil && strings.Contains(line, text) && !slices.Contains(status, process.Zombie) {
			return true
		}
	}
	return false
}

// news collects progress.Line while a test runs.
func news(t *testing.T) func() string {
	var mu sync.Mutex
	var lines []string
	before := progress.Line
	progress.Line = func(text string) {
		mu.Lock()
		defer mu.Unlock()
		lines = append(lines, text)
	}
	t.Cleanup(func() { progress.Line = before })
	return func() string {
		mu.Lock()
		defer mu.Unlock()
		return strings.Join(lines, "\n")
	}
}

// wantFiles fails the test unless dir holds exactly the named files, hidden ones too.
func wantFiles(t *testing.T, dir string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if strings.Join(got, " ") != strings.Join(names, " ") {
		t.Errorf("%s holds %q, want %q", dir, got, names)
	}
}

func wantContent(t *testing.T, path, want string) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil || string(got) != want {
		t.Errorf("%s holds %.40q (%v), want %.40q", filepath.Base(path), got, err, want)
	}
}

// wantOneLine fails the test unless err is an error in one line with each of the texts in it.
func wantOneLine(t *testing.T, err error, texts ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("more than one line: %q", err)
	}
	for _, text := range texts {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("%q is missing from %q", text, err)
		}
	}
}
