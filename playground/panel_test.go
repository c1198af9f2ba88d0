// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package playground_test

import (
	"bytes"
	"image/png"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"convscope/pkg/recipe"
	"convscope/tools/browser"
	"convscope/tools/jupyter"
)

// TestReader does what a reader does, from the first look to the saved notebook, in both applications.
func TestReader(t *testing.T) {
	for name, app := range map[string]browser.App{"lab": browser.Lab, "notebook": browser.Notebook} {
		t.Run(name, func(t *testing.T) {
			on := onStage
			if app == browser.Lab {
				on = alwaysOnStage
			}
			s := on(t)
			file := name + ".ipynb"
			p := s.open(t, app, file, "Size: 96")
			p.keep("playground-"+name, ".cs-panel")
			p.theme("JupyterLab Dark")
			p.keep("playground-dark-"+name, ".cs-panel")
			p.theme("JupyterLab Light")
			first := p.source("this")

			// A layer, chosen by keyboard.
			p.must(p.Focus(at("layer")))
			p.must(p.Key(kb.ArrowDown))
			listed := `document.querySelectorAll('[data-name="layer-options"] li:not([hidden])').length`
			p.must(p.Until(listed+` === 18`, time.Minute))
			p.must(p.Key(kb.Enter))
			p.says("this-caption", "block3_conv2, filter 0")
			p.status("Done in")
			require.Contains(t, p.text("status"), "to compile")
			require.Equal(t, first, p.source("previous"), "the last picture stays beside the new one")

			// A slider, dragged with the mouse and moved by keys.
			p.must(p.Drag(at("filter"), 0, 0.5, 12))
			p.status("Done in")
			filter := p.text("filter-echo")
			require.NotEqual(t, "0", filter)
			p.says("this-caption", "filter "+filter)
			require.NotContains(t, p.text("status"), "to compile", "another filter compiles nothing")
			p.must(p.Focus(at("filter")))
			p.must(p.Key(kb.ArrowRight))
			p.must(p.Until(`document.querySelector('[data-name="filter-exact"]').value !== "`+filter+`"`, time.Minute))

			// Pixels change while it runs; Stop keeps what there is.
			p.must(p.Type(at("steps"), "2000"))
			p.status("Step ")
			before := p.source("this")
			p.must(p.Until(`document.querySelector('[data-name="this"]').getAttribute("src") !== `+
				quote(before), time.Minute))
			p.keep("playground-running-"+name, ".cs-panel")
			require.NotContains(t, p.text("status"), "to compile")
			p.must(p.Click(at("stop")))
			p.status("Stopped at step")
			p.says("this-caption", "(stopped at step")
			p.keep("playground-stopped-"+name, ".cs-panel")

			// The file that Save PNG gives.
			downloads := t.TempDir()
			p.must(p.Downloads(downloads))
			p.must(p.Type(at("steps"), "5"))
			p.status("Done in")
			p.must(p.Click(at("save")))
			layerFilter := strings.NewReplacer("This: ", "", ", filter ", "_").Replace(p.text("this-caption"))
			data, err := browser.Downloaded(downloads, layerFilter+".png", time.Minute)
			p.must(err)
			img, err := png.Decode(bytes.NewReader(data))
			p.must(err)
			require.Equal(t, 96, img.Bounds().Dx())
			made, err := recipe.Decode(bytes.NewReader(data))
			p.must(err)
			require.Equal(t, 5, made.Steps)
			require.Equal(t, "block3_conv2", made.Layer)

			// The cell that makes this picture.
			p.must(p.Click(at("copy")))
			p.must(p.Until(`document.querySelector('[data-name="code"]').checkVisibility()`, time.Minute))
			require.Contains(t, p.text("code"), "Size: 96, Steps: 5")

			// Another method brings its own steps.
			p.must(p.Focus(at("method")))
			p.must(p.Key(kb.End))
			p.says("this-details", "crisp, 96x96 px, 96 steps of 0.05")
			p.status("Done in")
			require.Contains(t, p.text("code"), `Method: ascent.MustMethod("crisp"), Size: 96}`)

			// Done leaves one picture and nothing else, in the page, in the file and after a reload.
			p.must(p.Click(at("done")))
			p.must(p.Done(p.cell, time.Minute))
			p.must(p.Until(`document.querySelectorAll(".jp-Notebook .jp-Cell")[`+itoa(p.cell)+
				`].querySelector(".jp-OutputArea img")`, time.Minute))
			p.must(s.server.Idle(file, time.Minute))
			p.must(p.Save())
			saved, err := jupyter.ReadNotebook(filepath.Join(s.dir, file))
			p.must(err)
			text, err := os.ReadFile(filepath.Join(s.dir, file))
			p.must(err)
			for _, transient := range []string{"cs-panel", "<script", "WebSocket", "gonb_comm"} {
				require.NotContains(t, string(text), transient)
			}
			pictures, err := saved.Pictures()
			p.must(err)
			require.Len(t, pictures, 1)
			p.must(p.Reload())
			p.must(p.Until(`document.querySelector("`+output(t, p, "playground")+` img")`, time.Minute))
			p.keep("playground-saved-"+name, output(t, p, "playground"))
		})
	}
}

// theme changes the application's colours, and checks that the panel's text stands out in them.
func (p *panel) theme(name string) {
	p.t.Helper()
	p.must(p.Command("apputils:change-theme", `{theme: "`+name+`"}`))
	p.must(p.Until(`document.body.dataset.jpThemeName === "`+name+`"`, time.Minute))
	contrast, err := browser.Eval[float64](p.Page, `(() => {
		const style = getComputedStyle(document.querySelector(".cs-panel"));
		const light = (colour) => colour.match(/[\d.]+/g).slice(0, 3).reduce((sum, v) => sum + Number(v), 0) / 3;
		return Math.abs(light(style.color) - light(style.backgroundColor));
	})()`)
	p.must(err)
	require.Greater(p.t, contrast, 100.0, name)
}

func quote(text string) string { return "`" + text + "`" }

func itoa(n int) string { return strconv.Itoa(n) }
