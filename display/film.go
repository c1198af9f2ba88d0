// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package display

import (
	"bytes"
	_ "embed" // the player
	"encoding/base64"
	"encoding/json"
	"fmt"
	stdhtml "html"
	"image"
	"image/jpeg"
	"io"
	"slices"
	"strconv"
	"sync"

	"github.com/janpfeifer/gonb/gonbui"
	xdraw "golang.org/x/image/draw"

	"convscope/pkg/ascent"
	"convscope/pkg/picture"
)

//go:embed film.js
var player string

const (
	filmFrames = 24
	filmBytes  = 600_000
	// filmMemory bounds what a film keeps while it is taken: fewer frames of large grids.
	filmMemory = 128 << 20
)

// FilmOptions bound a film. The zero value keeps 24 frames and shows them in 600 kB.
type FilmOptions struct {
	// Frames is how many steps are kept at most, evenly spread, the first and the last among them; 0 or less means 24.
	// Of large grids fewer are kept, so that a film takes no more than about 128 MiB.
	Frames int
	// MaxBytes is how large the player in the notebook may be, in bytes; 0 or less means 600,000. To fit, first the
	// JPEG quality goes down, then every other frame goes, then the size.
	MaxBytes int
}

// Film keeps an ascent as it goes, to be played back: in the notebook, or as an animated PNG.
//
//	film := display.NewFilm(target, display.FilmOptions{})
//	display.Live(target, ascent.Options{Progress: film.Step})
//	film.Play("how it grew")
type Film struct {
	target  ascent.Target
	options FilmOptions
	busy    sync.WaitGroup

	mu    sync.Mutex
	steps []int         // the kept steps, from 1
	of    int           // steps in all
	whole map[int]*take // of each picture, by its position in the target's filters: the climb that made it
	climb map[int]*take // and the one that is on
}

// take is what a film keeps of one climb of a picture: a frame for each of the kept steps so far.
type take struct{ frames []*frame }

// frame is a picture at one of the kept steps.
type frame struct {
	img  image.Image // nil until it is drawn
	loss float32
	dead bool
}

// NewFilm prepares a film of a run of the target.
func NewFilm(target ascent.Target, o FilmOptions) *Film {
	if o.Frames <= 0 {
		o.Frames = filmFrames
	}
	if o.MaxBytes <= 0 {
		o.MaxBytes = filmBytes
	}
	return &Film{target: target, options: o, whole: make(map[int]*take), climb: make(map[int]*take)}
}

// Step is a callback for [ascent.Options.Progress]. It copies the pictures of the steps that are kept, and leaves the
// rest to another goroutine.
func (f *Film) Step(p ascent.Progress) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.steps == nil {
		dims := p.Pictures.Shape().Dimensions
		f.of = p.Steps
		size := picture.SheetSize(dims[3], dims[1], dims[2])
		f.steps = spread(p.Steps, min(f.options.Frames, max(filmMemory/(len(f.target.Filters)*size.X*size.Y*4), 2)))
	}
	kept, found := slices.BinarySearch(f.steps, p.Step)
	if !found {
		return
	}
	p, err := p.Copy()
	if err != nil {
		return // the run itself will say so
	}
	fresh := make([]*frame, len(p.Positions))
	for i, position := range p.Positions {
		fresh[i] = &frame{loss: p.Loss[i], dead: p.Dead[i]}
		if kept == 0 {
			f.climb[position] = new(take)
		}
		climb := f.climb[position]
		climb.frames = append(climb.frames, fresh[i])
		// Silent filters climb again from other starts. The run keeps the first climb unless another one wakes them.
		if p.Step == p.Steps && (f.whole[position] == nil || p.Loss[i] > 0) {
			f.whole[position] = climb
		}
	}
	f.busy.Go(func() {
		images, err := p.Images()
		if err != nil {
			return
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		for i := range fresh {
			fresh[i].img = images[i]
		}
	})
}

// spread chooses that many of the numbers 1 to steps, evenly, with both ends.
func spread(steps, count int) []int {
	if steps <= count {
		count = steps
	}
	var chosen []int
	for i := range count {
		step := steps
		if count > 1 {
			step = 1 + i*(steps-1)/(count-1)
		}
		chosen = append(chosen, step)
	}
	return slices.Compact(chosen)
}

// frames are the kept steps as whole pictures, and what to say of each. In a grid all tiles are at the same step,
// though they climbed batch by batch; one whose run was stopped stays as it was, one that never began is black.
func (f *Film) frames() (images []image.Image, lines []string) {
	f.busy.Wait()
	f.mu.Lock()
	defer f.mu.Unlock()
	last := make([]frame, len(f.target.Filters))
	for k, step := range f.steps {
		fresh := 0
		for i := range last {
			climb := f.whole[i]
			if climb == nil {
				climb = f.climb[i] // stopped in between
			}
			if climb != nil && k < len(climb.frames) && climb.frames[k].img != nil {
				last[i] = *climb.frames[k]
				fresh++
			}
		}
		if fresh == 0 {
			break // stopped before
		}
		line := fmt.Sprintf("step %d of %d", step, f.of)
		if len(last) == 1 {
			images = append(images, last[0].img)
			lines = append(lines, line+", activation "+amount(last[0].loss))
			continue
		}
		images, lines = append(images, f.board(last)), append(lines, line)
	}
	return images, lines
}

// board lays the tiles of a grid out.
func (f *Film) board(tiles []frame) image.Image {
	first := slices.IndexFunc(tiles, func(tile frame) bool { return tile.img != nil })
	size := tiles[first].img.Bounds().Size()
	board := picture.NewBoard(len(tiles), size.Y, size.X, picture.GridOptions{})
	for i, filter := range f.target.Filters {
		board.Put(i, tiles[i].img, strconv.Itoa(filter), deadBadge(tiles[i].dead))
	}
	return board.Image()
}

// Play shows the film in the cell: a slider to scrub, play and pause, and the speed. It is plain HTML that goes into
// the saved notebook and the exported page, and needs no kernel and no network; where scripts don't run, it is the
// last frame. In a terminal it prints one line.
func (f *Film) Play(title string) {
	images, lines := f.frames()
	if len(images) == 0 {
		Text("[%s: no frames]", title)
		return
	}
	text := fmt.Sprintf("[film of %d frames: %s]", len(images), title)
	if !InNotebook() {
		Text("%s", text)
		return
	}
	html(f.markup(title, images, lines), text)
}

// markup is the player, within the bound.
func (f *Film) markup(title string, images []image.Image, lines []string) string {
	width := shownWidth(images[0].Bounds().Dx())
	quality, id := 85, "convscope-film-"+gonbui.UniqueId()
	for {
		urls := make([]string, len(images))
		total := len(player)
		for i, img := range images {
			var buffer bytes.Buffer
			if err := jpeg.Encode(&buffer, img, &jpeg.Options{Quality: quality}); err != nil {
				return stdhtml.EscapeString(err.Error())
			}
			urls[i] = "data:image/jpeg;base64," + base64.StdEncoding.EncodeToString(buffer.Bytes())
			total += len(urls[i]) + len(lines[i])
		}
		total += len(urls[len(urls)-1])
		if total+4096 <= f.options.MaxBytes || images[0].Bounds().Dx() < 32 {
			return document(id, title, width, urls, lines)
		}
		switch {
		case quality > 45:
			quality -= 20
		case len(images) > 8:
			images, lines = everyOther(images), everyOther(lines)
		default:
			images = slices.Clone(images)
			for i, img := range images {
				size := img.Bounds().Size()
				half := image.NewNRGBA(image.Rect(0, 0, size.X/2, max(size.Y/2, 1)))
				xdraw.BiLinear.Scale(half, half.Bounds(), img, img.Bounds(), xdraw.Src, nil)
				images[i] = half
			}
		}
	}
}

// everyOther keeps the last of a list, and from there every other.
func everyOther[T any](list []T) []T {
	var kept []T
	for i, item := range list {
		if (len(list)-1-i)%2 == 0 {
			kept = append(kept, item)
		}
	}
	return kept
}

// document is the player's HTML.
func document(id, title string, width int, urls, lines []string) string {
	frames, _ := json.Marshal(urls)
	texts, _ := json.Marshal(lines)
	last := len(urls) - 1
	return fmt.Sprintf(`<div id="%[1]s" class="%[11]s" data-lm-suppress-shortcuts="true" role="group" `+
		`aria-label="%[2]s" style="max-width:%[3]dpx;color:var(--jp-ui-font-color1,inherit);`+
		`font:13px/1.5 var(--jp-ui-font-family,system-ui,sans-serif)">`+
		`<b>%[2]s</b>`+
		`<img alt="%[2]s, the last frame" src="%[4]s" style="display:block;width:100%%;image-rendering:pixelated">`+
		`<div data-bar hidden style="display:flex;gap:.5rem;align-items:center;flex-wrap:wrap">`+
		`<button type="button" data-play>Play</button>`+
		`<input type="range" data-at aria-label="frame" min="0" max="%[5]d" value="%[5]d" style="flex:1;min-width:8rem">`+
		`<label>speed <select data-speed><option value="0.5">½</option><option value="1" selected>1</option>`+
		`<option value="2">2</option><option value="4">4</option></select></label></div>`+
		`<div data-line aria-live="off">%[6]s</div></div><script>(%[7]s)(%[8]q, %[9]s, %[10]s);</script>`,
		id, stdhtml.EscapeString(title), width, urls[last], last, stdhtml.EscapeString(lines[last]), player, id,
		frames, texts, asWritten)
}

// WritePNG writes the film as an animated PNG; programs that know no animation show its last frame. The recipe
// package's Insert puts a recipe into it.
func (f *Film) WritePNG(w io.Writer) error {
	images, _ := f.frames()
	return picture.Animate(w, images, picture.AnimationOptions{})
}
