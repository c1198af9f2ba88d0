// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package compiled

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// empty returns a store of its own.
func empty(t *testing.T) Store {
	t.Helper()
	t.Setenv("CONVSCOPE_CACHE", t.TempDir())
	s, err := Open()
	require.NoError(t, err)
	return s
}

func TestStore(t *testing.T) {
	s := empty(t)
	require.Nil(t, s.Read("a"))
	s.Write("a", []byte("machine code"))
	require.Equal(t, "machine code", string(s.Read("a")))
	info, err := os.Stat(s.path("a"))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	dir, err := os.Stat(s.dir)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o700), dir.Mode().Perm())
	s.Count(false)
	use, err := Usage()
	require.NoError(t, err)
	require.Equal(t, Use{Dir: s.dir, Entries: 1, Bytes: info.Size(), Last: Calls()}, use)
	require.NoError(t, Empty())
	require.Nil(t, s.Read("a"))
}

func TestNothingThatIsNotOurs(t *testing.T) {
	for name, spoil := range map[string]func(t *testing.T, path string){
		"a changed byte": func(t *testing.T, path string) {
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			text[len(text)-1]++
			require.NoError(t, os.WriteFile(path, text, 0o600))
		},
		"cut":          func(t *testing.T, path string) { require.NoError(t, os.Truncate(path, 30)) },
		"empty":        func(t *testing.T, path string) { require.NoError(t, os.Truncate(path, 0)) },
		"another file": func(t *testing.T, path string) { require.NoError(t, os.WriteFile(path, []byte("hello"), 0o600)) },
		"writable for others": func(t *testing.T, path string) {
			require.NoError(t, os.Chmod(path, 0o666))
		},
		"a symbolic link": func(t *testing.T, path string) {
			require.NoError(t, os.Rename(path, path+"2"))
			require.NoError(t, os.Symlink(path+"2", path))
		},
		"a directory": func(t *testing.T, path string) {
			require.NoError(t, os.Remove(path))
			require.NoError(t, os.Mkdir(path, 0o700))
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := empty(t)
			s.Write("a", []byte("machine code"))
			spoil(t, s.path("a"))
			require.Nil(t, s.Read("a"))
		})
	}
	t.Run("a directory that others write to", func(t *testing.T) {
		s := empty(t)
		require.NoError(t, os.Chmod(s.dir, 0o777))
		_, err := Open()
		require.Error(t, err)
	})
	t.Run("a directory that is a link", func(t *testing.T) {
		s := empty(t)
		require.NoError(t, os.Rename(s.dir, s.dir+"2"))
		require.NoError(t, os.Symlink(s.dir+"2", s.dir))
		_, err := Open()
		require.Error(t, err)
	})
}

// TestSweep keeps what was used last.
func TestSweep(t *testing.T) {
	s := empty(t)
	for i := range 6 {
		key := fmt.Sprint(i)
		s.Write(key, make([]byte, 1000))
		then := time.Now().Add(time.Duration(i-10) * time.Minute)
		require.NoError(t, os.Chtimes(s.path(key), then, then))
	}
	require.NotNil(t, s.Read("1"), "used again")
	left := filepath.Join(s.dir, "new-left")
	require.NoError(t, os.WriteFile(left, nil, 0o600))
	old := time.Now().Add(-2 * time.Hour)
	require.NoError(t, os.Chtimes(left, old, old))
	s.sweep(3300)
	for key, kept := range map[string]bool{"0": false, "1": true, "2": false, "3": false, "4": true, "5": true} {
		require.Equal(t, kept, s.Read(key) != nil, key)
	}
	require.NoFileExists(t, left, "what a killed process left")
	s.Write("large", make([]byte, Limit/4+1))
	require.Nil(t, s.Read("large"), "one program does not drive out all others")
}

func TestKey(t *testing.T) {
	t.Setenv("XLA_FLAGS", "")
	here := Identify("plugin 1")
	require.Contains(t, here, "plugin 1")
	keys := map[string]bool{}
	t.Setenv("XLA_FLAGS", "--xla_cpu_max_isa=AVX2")
	for _, key := range []string{
		Key(here, []byte("mlir"), []byte("code"), []byte("options")),
		Key(here, []byte("mlir"), []byte("codeo"), []byte("ptions")),
		Key(here, []byte("mlir"), []byte("code")),
		Key(Identify("plugin 1"), []byte("mlir"), []byte("code"), []byte("options")), // with other flags
		Key(Identify("plugin 2"), []byte("mlir"), []byte("code"), []byte("options")),
	} {
		require.False(t, keys[key])
		keys[key] = true
	}
}
