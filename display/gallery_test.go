// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package display_test

import (
	"fmt"
	"html"
	"image"
	"image/color"
	"image/jpeg"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"convscope/display"
	"convscope/internal/level"
	"convscope/pkg/gallery/page"
	"convscope/tools/browser"
	"convscope/tools/jupyter"
)

// makeGallery writes a gallery of so many layers into a folder that is there.
func makeGallery(dir string, layers int) error {
	n := page.Network{Title: "small <b>", Layers: []page.Summary{{Name: "input"}}}
	if err := os.MkdirAll(filepath.Join(dir, "preview"), 0o755); err != nil {
		return err
	}
	strip := image.NewNRGBA(image.Rect(0, 0, 384, 48))
	for i := range strip.Pix {
		strip.Pix[i] = uint8(i * i / 97)
	}
	for i := range layers {
		file := fmt.Sprintf("conv%d", i)
		out, err := os.Create(filepath.Join(dir, "preview", file+".jpg"))
		if err != nil {
			return err
		}
		if err := jpeg.Encode(out, strip, nil); err != nil {
			return err
		}
		if err := out.Close(); err != nil {
			return err
		}
		n.Layers = append(n.Layers, page.Summary{
			Name: file, File: file, Shown: true, Filters: 1100, Done: 1000 + 100*(i%2), Preview: "preview/" + file + ".jpg",
		})
	}
	return page.Write(dir, n, func(yield func(page.Layer, error) bool) {
		for i := range layers {
			file := fmt.Sprintf("conv%d", i)
			if !yield(page.Layer{Name: file, Filters: []page.Filter{{Index: 0, Fate: "alive",
				Pictures: []page.Picture{{File: "preview/" + file + ".jpg", Text: "a pattern"}}}}}, nil) {
				return
			}
		}
	})
}

func TestGalleryInATerminal(t *testing.T) {
	dir := t.TempDir()
	none := shown(t, func() { display.Gallery(dir) })
	require.Equal(t, dir+": no gallery: convscope gallery --out "+dir+" makes one\n", none)
	require.NoError(t, makeGallery(dir, 2))
	line := "[gallery of small <b>: 2,100 of 2,200 filters in 2 layers: open " + filepath.Join(dir, "index.html") + "]\n"
	require.Equal(t, line, shown(t, func() { display.Gallery(dir) }))
	data := filepath.Join(dir, "data", "network.js")
	require.NoError(t, os.WriteFile(data, []byte("convscopeGallery.network({"), 0o600))
	require.Contains(t, shown(t, func() { display.Gallery(dir) }), "its data/network.js is damaged: convscope gallery")
	require.NoError(t, os.Remove(data))
	require.NoError(t, os.Mkdir(data, 0o700))
	require.Contains(t, shown(t, func() { display.Gallery(dir) }), "not a regular file")
}

func TestGalleryLinks(t *testing.T) {
	for path, want := range map[string]string{
		"/srv/books/gallery/index.html":              "gallery/index.html",
		"/srv/gallery/index.html":                    "../gallery/index.html",
		"/srv/books/a:b/index.html":                  "./a:b/index.html",
		`/srv/books/50% "of" <b> #1?/$x$/index.html`: "50%25%20%22of%22%20%3Cb%3E%20%231%3F/$x$/index.html",
	} {
		markup := display.GalleryHTML("gallery of <script>", path, "/srv/books")
		require.Contains(t, markup, `href="`+html.EscapeString(want)+`"`)
		require.Contains(t, markup, html.EscapeString(path))
		require.Equal(t, 1, strings.Count(markup, "<script>"))
	}
}

func TestGalleryPreviews(t *testing.T) {
	for layers, size := range map[int]image.Point{
		0: {}, 1: image.Pt(384, 80), 3: image.Pt(384, 240), 8: image.Pt(784, 320), 40: image.Pt(784, 480),
	} {
		dir := t.TempDir()
		n := page.Network{Layers: []page.Summary{
			{Name: "input"}, {Name: "odd", Shown: true, Preview: "../../secret.png"},
			{Name: "lost", Shown: true, Preview: "lost.jpg"},
		}}
		if layers > 0 {
			require.NoError(t, makeGallery(dir, layers))
			var err error
			n, err = page.Read(dir)
			require.NoError(t, err)
		}
		board := display.Previews(dir, n)
		if layers == 0 {
			require.Nil(t, board)
			continue
		}
		require.Equal(t, size, board.Bounds().Size(), "%d layers", layers)
		require.NotEqual(t, color.NRGBA{255, 255, 255, 255}, board.At(100, 20))
	}
}

// TestGalleryInLab opens a gallery from a notebook in a real JupyterLab, whose server keeps scripts of its files/ from
// their folder.
func TestGalleryInLab(t *testing.T) {
	level.OnlyFull(t, "drives a real browser on a real Jupyter")
	if _, err := browser.Find(); err != nil && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	env, err := jupyter.Install(t.Context(), jupyter.Options{})
	require.NoError(t, err)
	dir := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "books", "my gallery #1"), 0o755))
	require.NoError(t, makeGallery(filepath.Join(dir, "books", "my gallery #1"), 2))
	clone, err := filepath.Abs("..")
	require.NoError(t, err)
	nb, err := jupyter.ReadNotebook(filepath.Join("..", "notebooks", "5-playground.ipynb"))
	require.NoError(t, err)
	nb.Cells = []*jupyter.Cell{
		{Kind: jupyter.Code, ID: "setup", Source: fmt.Sprintf("!*go mod edit -replace \"convscope=%s\" "+
			"-require convscope@v0.0.0 && cp %q .\n!*go get convscope/display\n%%goflags \"-ldflags=-s -w\"\n%%noautoget",
			clone, filepath.Join(clone, "go.sum"))},
		{Kind: jupyter.Code, ID: "show", Source: "import \"convscope/display\"\n\n%%\ndisplay.Gallery(\"my gallery #1\")"},
	}
	require.NoError(t, nb.Write(filepath.Join(dir, "books", "g.ipynb")))

	server, err := browser.Serve(t.Context(), env, dir, nil)
	require.NoError(t, err)
	t.Cleanup(server.Close)
	chromium, err := browser.Open(t.Context())
	require.NoError(t, err)
	t.Cleanup(chromium.Close)
	for _, app := range []browser.App{browser.Lab, browser.Notebook} {
		t.Run(string(app), func(t *testing.T) {
			tab, err := chromium.Tab()
			require.NoError(t, err)
			require.NoError(t, tab.OpenNotebook(server, app, "books/g.ipynb", 2))
			for cell := range 2 {
				require.NoError(t, tab.Run(cell))
				require.NoError(t, tab.Done(cell, 3*time.Minute))
			}
			require.NoError(t, tab.Until("document.querySelector('.jp-OutputArea img')?.naturalWidth === 384", time.Minute))
			link := "[id^=convscope-gallery] a"
			require.NoError(t, tab.Until("document.querySelector('"+link+"')?.href.includes('/files/')", time.Minute))
			// The new page is looked at from the old one: the test's own tab.
			require.NoError(t, tab.Exec("(() => {const real = open; open = (url) => globalThis.opened = real(url)})()"))
			require.NoError(t, tab.Click(link))
			require.NoError(t, tab.Until("opened.document.querySelector('main h1')?.textContent === 'small <b>'", time.Minute))
			require.NoError(t, tab.Exec("(() => {opened.location.hash = '#conv1/0'})()"))
			require.NoError(t, tab.Until("opened.document.querySelector('#portrait img')?.naturalWidth === 384", time.Minute))
			require.NoError(t, tab.Exec("opened.close()"))
			require.NoError(t, tab.Close())
		})
	}
}

func ExampleGallery() {
	display.Gallery("none")
	// Output: none: no gallery: convscope gallery --out none makes one
}
