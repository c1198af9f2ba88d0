// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package playground_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"convscope/internal/sketch"
	"convscope/notebooks/texture"
	"convscope/tools/browser"
)

// TestOwnNetwork gives lesson 7 networks through the browser: an ONNX file, a Keras file, and files that are none.
func TestOwnNetwork(t *testing.T) {
	s := onStage(t)
	const name = "network.ipynb"
	p := s.visit(t, browser.Lab, name, s.lesson(t, "7-your-network.ipynb", name, nil))
	for _, id := range []string{"setup", "file", "photo", "open", "mine", "looked", "choose"} {
		p.run(id)
	}
	p.cell = cell(t, p.nb, "choose-show")
	p.must(p.Run(p.cell))
	p.says("caption", "what conv2d makes of the photo")
	p.keep("network-own", ".cs-form")

	dir := t.TempDir()
	put := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		p.must(os.WriteFile(path, data, 0o600))
		return path
	}
	onnx := put("my net.onnx", sketch.ONNX(sketch.Options{Channels: 1, Side: 12, Seed: 1}))
	saved, err := os.ReadFile(texture.MustFile())
	p.must(err)
	keras := put("mine.keras", saved)
	const pieces = 3<<20 + 5 // bytes, more than go in one message
	wrong := map[string]string{
		put("photo.onnx", bytes.Repeat([]byte("no network "), pieces/11)): "photo.onnx: not an ONNX file",
		put("weights.pt", []byte("PK")):                                   "weights.pt",
		put("nothing.keras", nil):                                         "is empty",
		put(`<img src=x onerror="pwned = 1">.h5`, []byte("pwned")):        "is no network that can be read",
	}
	for path, says := range wrong {
		p.must(p.File(at("network"), path))
		p.says("error", says)
		require.NotContains(t, p.text("error"), "kept", "the reader knows the file by its name")
	}
	p.keep("network-wrong", ".cs-form")
	p.must(p.File(at("network"), onnx))
	p.says("caption", "what a.relu makes of the photo")
	require.Empty(t, p.text("error"))
	p.must(p.File(at("network"), keras))
	p.says("caption", "what conv2d makes of the photo")
	p.must(p.File(at("network"), onnx))
	p.says("caption", "what a.relu makes of the photo")
	for path, says := range wrong { // which does not become the network of the cells below
		p.must(p.File(at("network"), path))
		p.says("error", says)
		break
	}
	p.must(p.Click(".cs-form button"))
	p.must(p.Done(p.cell, time.Minute))
	p.run("says")
	shown, err := browser.Eval[string](p.Page, fmt.Sprintf(
		`document.querySelectorAll(".jp-Notebook .jp-Cell")[%d].querySelector(".jp-OutputArea").textContent`,
		cell(t, p.nb, "says")))
	p.must(err)
	require.Contains(t, shown, "12 x 12 pixels, 1 channels")
	escaped, err := browser.Eval[bool](p.Page, `globalThis.pwned === undefined`)
	p.must(err)
	require.True(t, escaped)
}
