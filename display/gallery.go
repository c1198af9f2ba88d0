// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package display

import (
	_ "embed" // what opens a gallery
	"fmt"
	stdhtml "html"
	"image"
	"image/color"
	"image/draw"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/dustin/go-humanize"
	"github.com/dustin/go-humanize/english"
	"github.com/janpfeifer/gonb/gonbui"

	"convscope/pkg/gallery/page"
	"convscope/pkg/picture"
)

//go:embed gallery.js
var opener string

// maxPreviews is how many layers' patterns a cell shows of a gallery.
const maxPreviews = 12

// Gallery shows what convscope gallery made in a folder: some patterns of its layers, and a link that opens it in a
// page of its own, from JupyterLab and Notebook 7 as long as they run and serve the folder. What the folder's scripts
// do there they do as Jupyter's own page: show galleries that you made or trust. In a saved or exported notebook the
// link leads to the folder. Where there is no gallery, a line says so. In a terminal it prints one line.
func Gallery(dir string) {
	n, err := page.Read(dir)
	if err != nil {
		Text("%v", err)
		return
	}
	path, err := filepath.Abs(filepath.Join(dir, "index.html"))
	if err != nil {
		Text("the gallery in %s: %v", dir, err)
		return
	}
	text := galleryLine(n)
	if !InNotebook() {
		Text("[%s: open %s]", text, path)
		return
	}
	if board := previews(dir, n); board != nil {
		show(board, text, "")
	}
	html(galleryLink(text, path, notebookDir()), text)
}

// galleryLine is a gallery in a few words.
func galleryLine(n page.Network) string {
	layers, filters, done := 0, 0, 0
	for _, layer := range n.Layers {
		if layer.Shown {
			layers, filters, done = layers+1, filters+layer.Filters, done+layer.Done
		}
	}
	count := humanize.Comma(int64(filters))
	if done < filters {
		count = humanize.Comma(int64(done)) + " of " + count
	}
	return fmt.Sprintf("gallery of %s: %s filters in %s", oneLine(n.Title), count, english.Plural(layers, "layer", ""))
}

// notebookDir is where the notebook lies, to which its links lead from: GoNB says it, and runs cells there.
func notebookDir() string {
	if dir := os.Getenv("GONB_DIR"); dir != "" {
		return dir
	}
	dir, err := os.Getwd()
	if err != nil {
		return ""
	}
	return dir
}

// galleryLink is the link to a gallery's first page, as HTML.
func galleryLink(text, path, from string) string {
	target := (&url.URL{Scheme: "file", Path: filepath.ToSlash(path)}).String() // of another disk
	if relative, err := filepath.Rel(from, path); err == nil {
		target = (&url.URL{Path: filepath.ToSlash(relative)}).String()
	}
	id := "convscope-gallery-" + gonbui.UniqueId()
	return fmt.Sprintf(`<div id="%s" class="%s"><a href="%s" target="_blank" rel="noopener"><b>Open the %s</b></a><br>`+
		`<small>or %s, by a double click</small> <small data-line></small></div><script>%s(%q)</script>`,
		id, asWritten, stdhtml.EscapeString(target), stdhtml.EscapeString(text), stdhtml.EscapeString(path),
		strings.TrimSpace(opener), id)
}

// previews is the patterns of some layers, two layers beside each other, or nil without any.
func previews(dir string, n page.Network) image.Image {
	var shown []page.Summary
	for _, layer := range n.Layers {
		if layer.Shown && filepath.IsLocal(filepath.FromSlash(layer.Preview)) {
			shown = append(shown, layer)
		}
	}
	var strips []image.Image
	var names []string
	for i := range min(len(shown), maxPreviews) {
		layer := shown[i*len(shown)/min(len(shown), maxPreviews)]
		if strip, err := picture.Open(filepath.Join(dir, filepath.FromSlash(layer.Preview))); err == nil {
			strips, names = append(strips, strip), append(names, layer.Name)
		}
	}
	columns := min(1+len(strips)/4, 2)
	var rows []image.Image
	size := image.Point{}
	const gap = 8
	for i := 0; i < len(strips); i += columns {
		row := picture.Strip(strips[i:min(i+columns, len(strips))], names[i:min(i+columns, len(strips))])
		rows = append(rows, row)
		size = image.Pt(max(size.X, row.Bounds().Dx()), size.Y+row.Bounds().Dy()+gap)
	}
	if len(rows) == 0 {
		return nil
	}
	board := image.NewNRGBA(image.Rectangle{Max: size})
	draw.Draw(board, board.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	y := 0
	for _, row := range rows {
		draw.Draw(board, image.Rect(0, y, row.Bounds().Dx(), y+row.Bounds().Dy()), row, row.Bounds().Min, draw.Src)
		y += row.Bounds().Dy() + gap
	}
	return board
}
