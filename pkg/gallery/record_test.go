// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package gallery_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/pkg/gallery"
)

// TestForgedRecords has records in a shared folder that somebody wrote by hand: what they show must be among the files
// that they vouch for. The pages are made without them, and work makes them again.
func TestForgedRecords(t *testing.T) {
	net, dir := open(t, 1), t.TempDir()
	whole(t, net, dir, gallery.Options{Size: 12, Shard: 3, Batch: 2, Methods: quick})
	require.NoError(t, syscall.Mkfifo(filepath.Join(dir, "picture", "pipe"), 0o600))
	path := filepath.Join(dir, "record", "lower-0.json")
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	picture := func(name string) func(map[string]any) {
		return func(filter map[string]any) {
			filter["pictures"].([]any)[0].(map[string]any)["file"] = name
		}
	}
	for name, forge := range map[string]func(filter map[string]any){
		"a pipe":                 picture("picture/pipe"), // opening it would wait for ever
		"outside of the folder":  picture("../../etc/passwd"),
		"what is not there":      picture("picture/none.png"),
		"an address":             picture("https://example.org/x.png"),
		"none":                   func(filter map[string]any) { filter["pictures"] = []any{} },
		"a short look":           func(filter map[string]any) { filter["look"] = []any{1, 2} }, // of three colours
		"a film of another":      func(filter map[string]any) { filter["film"] = "film/upper/0.jpg" },
		"an example from beside": func(f map[string]any) { f["examples"] = []any{map[string]any{"file": "../x.jpg"}} },
	} {
		t.Run(name, func(t *testing.T) {
			var record map[string]any
			require.NoError(t, json.Unmarshal(text, &record))
			forge(record["filters"].([]any)[0].(map[string]any))
			forged, err := json.Marshal(record)
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(path, forged, 0o600))
			report, err := gallery.Merge(t.Context(), net, dir)
			require.NoError(t, err)
			require.Regexp(t, `^lower, filters 0 to 2 \(record/lower-0\.json: it is damaged: .*\)$`, report.String())
			require.Equal(t, 6, report.Done)
			require.NoError(t, gallery.Work(t.Context(), net, dir, gallery.WorkOptions{}))
			again, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Equal(t, string(text), string(again))
		})
	}
}

// TestInTheWay has something else where a gallery's file or folder belongs: it is named, and nothing of it is lost.
func TestInTheWay(t *testing.T) {
	net := open(t, 1)
	for _, name := range []string{"tmp", "picture", "picture/lower", "record", "preview"} {
		for _, folder := range []bool{false, true} {
			dir := t.TempDir()
			plan, err := gallery.New(net, gallery.Options{Size: 12, Batch: 4, Methods: quick, Layers: []string{"lower"}})
			require.NoError(t, err)
			require.NoError(t, gallery.Create(dir, plan))
			path := filepath.Join(dir, name)
			if folder { // where a file belongs
				names := map[string]string{"picture": "picture/lower/0-" + plan.Words()[0] + ".png",
					"record": "record/lower-0.json", "preview": "preview/lower.jpg"}
				if names[name] == "" {
					continue
				}
				path = filepath.Join(dir, filepath.FromSlash(names[name]))
				require.NoError(t, os.MkdirAll(path, 0o700))
			} else {
				require.NoError(t, os.RemoveAll(path))
				require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
				require.NoError(t, os.WriteFile(path, []byte("mine"), 0o600))
			}
			err = gallery.Work(t.Context(), net, dir, gallery.WorkOptions{})
			if err == nil {
				_, err = gallery.Merge(t.Context(), net, dir)
			}
			require.ErrorContains(t, err, path+" is in the way", name)
			require.ErrorContains(t, err, ": remove it")
			if folder {
				require.DirExists(t, path)
			} else {
				require.FileExists(t, path)
			}
		}
	}
}
