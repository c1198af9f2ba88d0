// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package progress_test

import (
	"bytes"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"convscope/internal/progress"
)

func TestPlain(t *testing.T) {
	tests := []struct {
		name  string
		total int64
		unit  progress.Unit
		set   []int64
		want  string // pattern
	}{
		{"bytes", 2_000_000, progress.Bytes, []int64{1000, 2_000_000},
			`^get: 2.0 MB \.\.\.\nget: 2.0 MB in \d+\.\d s \(.+B/s\)\n$`},
		{"steps", 40, progress.Steps, []int64{1, 39, 40}, `^get: 40 steps \.\.\.\nget: 40 steps in \d+\.\d s\n$`},
		{"things", 40, progress.Things, []int64{1, 40}, `^get: 40 \.\.\.\nget: 40 in \d+\.\d s\n$`},
		{"one step", 1, progress.Steps, []int64{1}, `^get: 1 step \.\.\.\nget: 1 step in \d+\.\d s\n$`},
		{"unknown total", 0, progress.Bytes, []int64{5000}, `^get \.\.\.\nget: 5.0 kB in .*\n$`},
		{"a share", 1000, progress.Share, []int64{1, 1000}, `^get \.\.\.\nget: 100 % in \d+\.\d s\n$`},
		{"a share, stopped", 1000, progress.Share, []int64{125}, `\nget: stopped at 12\.5 % after \d+\.\d s\n$`},
		{"stopped early", 40, progress.Steps, []int64{7}, `\nget: stopped at 7 steps of 40 steps after \d+\.\d s\n$`},
		{"never set", 100, progress.Bytes, nil, `\nget: stopped at 0 B of 100 B after`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var out bytes.Buffer
			bar := progress.Plain(&out, "get", test.total, test.unit)
			for _, n := range test.set {
				bar.Set(n)
			}
			bar.Done()
			bar.Done() // once more does nothing
			if !regexp.MustCompile(test.want).MatchString(out.String()) {
				t.Errorf("got %q, want %s", out.String(), test.want)
			}
		})
	}
}

func TestPlainTells(t *testing.T) {
	defer func(before time.Duration) { progress.Pause = before }(progress.Pause)
	progress.Pause = 0
	var out bytes.Buffer
	bar := progress.Plain(&out, "get", 4, progress.Steps)
	for n := range int64(4) {
		for spent := out.Len(); n > 0 && n < 3 && out.Len() == spent; { // until a quarter more time is spent
			bar.Set(n)
		}
	}
	bar.Set(4) // the last line says so
	bar.Done()
	if !regexp.MustCompile(`^get: 4 steps \.\.\.\nget: 1 step of 4 steps, \d+ s\nget: 2 steps of 4 steps, \d+ s\n` +
		`get: 4 steps in \d+\.\d s\n$`).MatchString(out.String()) {
		t.Errorf("got %q", out.String())
	}
}

func TestNext(t *testing.T) {
	lines := 0
	for spent := time.Duration(0); spent < time.Hour; spent = progress.Next(spent) {
		lines++
	}
	if first := progress.Next(0); first != 5*time.Second || lines > 40 {
		t.Errorf("the first line comes after %s, and there are %d in an hour", first, lines)
	}
}

func TestTerminal(t *testing.T) {
	tests := []struct {
		name  string
		total int64
		unit  progress.Unit
		set   []int64
		want  []string
	}{
		{"bytes", 2_000_000, progress.Bytes, []int64{2_000_000}, []string{"get", "100%", "(2.0/2.0 MB"}},
		{"steps", 40, progress.Steps, []int64{40}, []string{"100%", "(40/40"}},
		{"a share", 1000, progress.Share, []int64{1000}, []string{"get 100%"}},
		{"too much", 40, progress.Steps, []int64{20, 41, 1 << 40}, []string{"(0/40"}},
		{"unknown total", 0, progress.Bytes, []int64{5000}, []string{"get"}},
		{"stopped early", 40, progress.Steps, []int64{7}, []string{"get"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var out syncBuffer
			bar := progress.Terminal(&out, "get", test.total, test.unit)
			for _, n := range test.set {
				bar.Set(n)
			}
			bar.Done()
			bar.Set(3) // after its end nothing is drawn
			bar.Done()
			text := out.String()
			for _, want := range test.want {
				if !strings.Contains(text, want) {
					t.Errorf("%q is missing from %q", want, text)
				}
			}
			if strings.Count(text, "\n") != 1 || !strings.HasSuffix(text, "\n") {
				t.Errorf("the bar takes one line: %q", text)
			}
		})
	}
}

// TestDefaults runs with stderr in a pipe, as in a log.
func TestDefaults(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	stderr := os.Stderr
	os.Stderr = w
	defer func() { os.Stderr = stderr }()

	bar := progress.New("climb", 2, progress.Steps)
	bar.Set(1)
	progress.Line("weights: cache: not there")
	bar.Set(2)
	bar.Done()
	w.Close()
	got, _ := io.ReadAll(r)
	if !regexp.MustCompile(`^climb: 2 steps \.\.\.\nweights: cache: not there\nclimb: 2 steps in .*\n$`).Match(got) {
		t.Errorf("got %q", got)
	}
}

// TestLineOverBar checks that a line of news does not end up in the middle of a bar.
func TestLineOverBar(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	stderr := os.Stderr
	os.Stderr = w
	defer func() { os.Stderr = stderr }()

	bar := progress.Terminal(w, "climb", 2, progress.Steps)
	progress.Line("news")
	bar.Done()
	w.Close()
	got, _ := io.ReadAll(r)
	for line := range strings.Lines(string(got)) {
		shown := line[strings.LastIndex(strings.TrimRight(line, "\r\n"), "\r")+1:]
		if strings.Contains(line, "news") && strings.TrimSpace(shown) != "news" {
			t.Errorf("a person sees %q", shown)
		}
	}
}
