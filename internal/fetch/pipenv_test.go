// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package fetch_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"convscope/internal/fetch"
	"convscope/internal/level"
)

// hostile are options of pip and of Python, each of which is enough to break a pip that obeys it.
var hostile = map[string]string{
	"PIP_REQUIRE_HASHES": "1", "PIP_CONSTRAINT": "/nonexistent/constraint.txt",
	"PIP_REQUIREMENT": "/nonexistent/list.txt", "PIP_USER": "1", "PIP_TARGET": "/nonexistent/target",
	"PIP_PREFIX": "/nonexistent/prefix", "PIP_ROOT": "/nonexistent/root",
	"PIP_NO_BINARY": ":all:", "PIP_ONLY_BINARY": ":none:", "PIP_DRY_RUN": "1", "PIP_REQUIRE_VIRTUALENV": "1",
	"PIP_PLATFORM":       "win32",
	"PIP_PYTHON_VERSION": "2.7", "PIP_IMPLEMENTATION": "pp", "PIP_ABI": "none", "PIP_QUIET": "3",
	"PIP_PYTHON":            "/nonexistent/python",
	"PIP_UPLOADED_PRIOR_TO": "2001-01-01", "PIP_LOG": "/nonexistent/log", "PIP_REPORT": "/nonexistent/report",
	"PIP_DEST":           "/nonexistent",
	"PIP_NO_SUCH_OPTION": "1", "PIP_HELP": "1", "PIP_VERSION": "1", "PIP_EDITABLE": "nothing",
	"PIP_IGNORE_INSTALLED": "1",
	"PYTHONHOME":           "/nonexistent", "PYTHONPATH": "/nonexistent",
	"PYTHONHASHSEED": "no number", "PYTHONWARNINGS": "error",
	"PYTHONINSPECT": "1", "PYTHONSTARTUP": "/nonexistent/start.py", "PYTHONPLATLIBDIR": "none", "PYTHONVERBOSE": "1",
	"PYTHONIOENCODING": "no-such-codec", "PYTHONMALLOC": "none", "VIRTUAL_ENV": "/nonexistent",
}

// ownPip takes the settings of this machine's pip away for the test.
func ownPip(t *testing.T) {
	t.Helper()
	for _, entry := range os.Environ() {
		if name, _, _ := strings.Cut(entry, "="); strings.HasPrefix(name, "PIP_") {
			t.Setenv(name, "")
			os.Unsetenv(name)
		}
	}
}

func TestPipEnv(t *testing.T) {
	config := filepath.Join(t.TempDir(), "pip.conf")
	python(t, `[ "$1" = -c ] && [ "$PIP_CONFIG_FILE" = `+config+` ] || exit 1
printf '%s\n' '{"global.index-url": "https://mirror.example/simple", "global.find-links": "/a\n/b", `+
		`"download.timeout": "7", "install.timeout": "8", "global.constraint": "/nonexistent", "global.cert": "/theirs"}'`)
	ownPip(t)
	for name, value := range hostile {
		t.Setenv(name, value)
	}
	t.Setenv("PIP_CONFIG_FILE", config)
	t.Setenv("PIP_PROXY", "http://proxy.example:3128")
	t.Setenv("PIP_CERT", "/mine.pem")
	got := fetch.PipEnv(t.Context(), "python3", t.TempDir(), "download", "TMPDIR=/here")
	var ours []string
	for _, entry := range got {
		if strings.HasPrefix(entry, "PIP_") || strings.HasPrefix(entry, "PYTHON") ||
			strings.HasPrefix(entry, "VIRTUAL_ENV") {
			ours = append(ours, entry)
		}
	}
	slices.Sort(ours)
	want := []string{"PIP_CERT=/mine.pem", "PIP_CONFIG_FILE=" + os.DevNull, "PIP_FIND_LINKS=/a /b",
		"PIP_INDEX_URL=https://mirror.example/simple", "PIP_PROXY=http://proxy.example:3128",
		"PIP_TIMEOUT=7", "PYTHONUNBUFFERED=1"}
	if !slices.Equal(ours, want) {
		t.Errorf("got %q, want %q", ours, want)
	}
	if !slices.Contains(got, "TMPDIR=/here") || !slices.Contains(got, "PATH="+os.Getenv("PATH")) {
		t.Errorf("the rest of the environment is missing: %q", got)
	}
}

// TestPipObeysSources fetches a wheel with the real pip, out of a directory that only the user's settings name.
func TestPipObeysSources(t *testing.T) {
	level.Real(t, "needs a real python3 with pip")
	if exec.Command("python3", "-m", "pip", "--version").Run() != nil {
		t.Skip("this python3 has no pip")
	}
	store := t.TempDir()
	w := tiny(t, store)
	ownPip(t)
	for name, value := range hostile {
		t.Setenv(name, value)
	}
	t.Setenv("PIP_NO_INDEX", "1")
	check := func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "m")
		if err := fetch.Member(t.Context(), w, path); err != nil {
			t.Fatal(err)
		}
		wantContent(t, path, content)
	}
	t.Run("in a variable", func(t *testing.T) {
		t.Setenv("PIP_FIND_LINKS", store)
		check(t)
	})
	t.Run("in a file that also forbids it", func(t *testing.T) {
		config := filepath.Join(t.TempDir(), "pip.conf")
		text := "[global]\nno-binary = :all:\nrequire-hashes = true\nuser = true\ndry-run = " +
			"true\nconstraint = /nonexistent\n" +
			"[download]\nfind-links =\n    /nonexistent\n    " + store + "\n"
		if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		t.Setenv("PIP_CONFIG_FILE", config)
		check(t)
	})
	t.Run("beside a module called pip", func(t *testing.T) {
		t.Setenv("PIP_FIND_LINKS", store)
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "pip.py"), []byte("raise SystemExit('not this one')"), 0o600); err != nil {
			t.Fatal(err)
		}
		t.Chdir(dir)
		check(t)
	})
}

// TestKilled checks that no pip outlives a process that was killed.
func TestKilled(t *testing.T) {
	level.Real(t, "needs a real python3 with pip")
	var calls atomic.Int32
	stop := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		calls.Add(1)
		<-stop
	}))
	defer server.Close()
	defer close(stop)
	cmd := exec.Command(os.Args[0])
	dir := t.TempDir()
	cmd.Env = append(os.Environ(), helper+"="+dir, "PIP_INDEX_URL="+server.URL, "PIP_TRUSTED_HOST=127.0.0.1",
		"NO_PROXY=*", "no_proxy=*")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "pip asks for the package", func() bool { return calls.Load() > 0 })
	if !running(t, dir) {
		t.Fatal("no pip is seen")
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	eventually(t, "pip is gone", func() bool { return !running(t, dir) })
}

// eventually waits until something is so, a minute at most.
func eventually(t *testing.T, what string, so func() bool) {
	t.Helper()
	for range 600 {
		if so() {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("not so: %s", what)
}
