// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package playground_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"convscope/internal/sketch"
	"convscope/pkg/ascent"
	"convscope/pkg/device"
	"convscope/pkg/network"
	"convscope/pkg/picture"
	"convscope/pkg/recipe"
	"convscope/tools/browser"
)

// TestOtherNetworks opens networks in the panel: one that comes along, files, and what is none.
func TestOtherNetworks(t *testing.T) {
	s := onStage(t)
	p := s.open(t, browser.Lab, "networks.ipynb", small)
	file := filepath.Join(s.dir, "my own.onnx")
	p.must(os.WriteFile(file, sketch.ONNX(sketch.Options{Channels: 1, Side: 12, Seed: 1}), 0o600))
	pickle := filepath.Join(s.dir, "net.pt")
	p.must(os.WriteFile(pickle, []byte("PK"), 0o600))

	// What can't be opened is answered with a line, and the panel goes on with the network that it has.
	for typed, says := range map[string]string{
		"vgg":                            `there is no network "vgg"`,
		filepath.Join(s.dir, "gone.h5"):  "there is no file",
		s.dir:                            "is a folder",
		pickle:                           "torch.onnx.export",
		`<img src=x onerror="pwned = 1"`: "no network",
	} {
		p.must(p.Type(at("network"), typed))
		p.says("error", says)
	}
	p.says("status", "It is still vgg16")
	p.silent()

	// A file of gray pictures.
	p.must(p.Type(at("network"), file))
	p.says("about", "made for pictures of 12x12 pixels and 1 channel")
	p.says("this-caption", "my own.onnx: a.conv:1, filter 0")
	p.status("Done in")
	p.says("previous-caption", "block2_conv1")
	p.keep("playground-file", ".cs-panel")
	require.Contains(t, p.text("code"), `network.MustOpen("`+file+`")`)
	p.must(p.Type(at("input"), "imagenet"))
	p.says("error", "it is for 3 channels")
	p.must(p.Type(at("input"), "unit"))
	p.says("about", "as unit (given)")
	p.status("Done in")

	// The scores' layer takes pictures of the network's own size alone.
	p.must(p.Type(at("layer"), "Gemm"))
	p.says("this-details", "12x12 px")
	p.status("Done in")
	p.must(p.Type(at("size"), "64"))
	p.says("error", "12x12 does")
	p.must(p.Type(at("layer"), "a.conv:1"))
	p.says("this-caption", "a.conv:1, filter")
	p.status("Done in")

	// The saved file has a name that every file system takes, and its recipe reproduces.
	downloads := t.TempDir()
	p.must(p.Downloads(downloads))
	p.must(p.Click(at("save")))
	data, err := browser.Downloaded(downloads, "a.conv_1_0.png", time.Minute)
	p.must(err)
	made, err := recipe.Decode(bytes.NewReader(data))
	p.must(err)
	require.Equal(t, "my own.onnx", made.Network)
	require.Equal(t, "unit", made.Input)
	dev := device.MustNew(device.Options{})
	defer dev.Close()
	net, err := network.Open(t.Context(), dev, network.Options{Model: file, Input: "unit"})
	p.must(err)
	again, _, err := net.Reproduce(t.Context(), made, ascent.Options{})
	p.must(err)
	require.Equal(t, made.Pixels, picture.Hash(again.MustImages()[0]))

	// A network that comes along; Stop gives up what is being opened.
	p.must(p.Type(at("network"), "EfficientNet-Lite0"))
	p.says("this-caption", "efficientnet-lite0: ")
	p.status("Done in")
	p.must(p.Until(`document.querySelector('[data-name="input-row"]').hidden`, time.Minute))

	// Layers are found by parts of their names.
	p.must(p.Focus(at("layer")))
	p.must(p.Key("5", " ", "e", "x", "p"))
	chosen := `document.querySelector('[data-name="layer-options"] li[aria-selected]')?.textContent`
	p.must(p.Until(chosen+` === "block5_expand"`, time.Minute))
	p.keep("playground-search", ".cs-panel")
	p.must(p.Key(kb.Enter))
	p.says("this-caption", "efficientnet-lite0: block5_expand")
	p.status("Done in")
	p.must(p.Type(at("layer"), "blok5_expnd"))
	p.says("error", "did you mean block5_expand")
	p.must(p.Focus(at("layer")))
	p.must(p.Key("x", kb.Escape))
	p.must(p.Type(at("layer"), "_blocks.3._expand_conv")) // an alias
	p.says("this-caption", "block3_expand")
	p.status("Done in")

	// The program's own network is there without opening it again.
	p.must(p.Type(at("network"), "vgg16"))
	p.says("this-caption", "This: block2_conv1, filter")
	p.status("Done in")
	require.NotContains(t, p.text("this-caption"), "efficientnet")
	p.must(p.Click(at("done")))
	p.must(p.Done(p.cell, time.Minute))
}
