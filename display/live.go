// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package display

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	stdhtml "html"
	"image"
	"image/jpeg"
	"os"
	"os/signal"
	"strconv"
	"sync"
	"time"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/janpfeifer/gonb/gonbui"

	"convscope/internal/progress"
	"convscope/pkg/ascent"
	"convscope/pkg/picture"
)

const (
	// frameTime is the least time between two frames of a live picture: five a second.
	frameTime = 200 * time.Millisecond
	// frameShare bounds what frames may take of a run: after one that took t to make, 25 t pass before the next, 4 %.
	frameShare = 25
	// liveQuality is the JPEG quality of a frame.
	liveQuality = 85
)

// Live is [ascent.Run] with the pictures growing in the cell while it runs: one picture, or a grid in the book's
// layout, each tile with its filter's number and rising activation. Filters that stay silent are crossed out. At the
// end the finished picture takes the place of the live one, as [Pattern] and [Grid] show it.
//
// An interrupt, such as the notebook's Stop button, ends the run within a step: what there is stays, labelled with its
// step, and is returned. Errors panic. Options.Progress is called as well, after every step unless Options.Every says
// otherwise. In a terminal it draws a progress bar, and one line at the end.
func Live(target ascent.Target, options ascent.Options) *ascent.Result {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	result, err := LiveContext(ctx, target, options)
	if err != nil {
		panic(err)
	}
	return result
}

// LiveContext is [Live] with errors, that stops when ctx ends.
func LiveContext(ctx context.Context, target ascent.Target, options ascent.Options) (*ascent.Result, error) {
	if options.Progress == nil && options.Every == 0 {
		options.Every = frameTime / 2
	}
	if !InNotebook() {
		var bar progress.Bar
		options.Progress = ascent.Both(options.Progress, func(p ascent.Progress) {
			if bar == nil {
				bar = progress.New(target.Layer, int64(p.Total), progress.Steps)
			}
			bar.Set(int64(p.Done))
		})
		result, err := ascent.Run(ctx, target, options)
		if bar != nil {
			bar.Done()
		}
		if err == nil {
			settle(result, "")
		}
		return result, err
	}
	l := &live{id: gonbui.UniqueId(), target: target, method: options.Method, began: time.Now()}
	options.Progress = ascent.Both(options.Progress, l.step)
	result, err := ascent.Run(ctx, target, options)
	l.making.Wait()
	if err != nil {
		if l.shown {
			gonbui.UpdateHTML(l.id, "")
		}
		return nil, err
	}
	settle(result, l.id)
	return result, nil
}

// settle shows the finished pictures, in the place of the live ones.
func settle(result *ascent.Result, id string) {
	if len(result.Filters) == 1 {
		pattern(result, id)
	} else {
		grid(result, id)
	}
}

// live is a run that is being drawn.
type live struct {
	id     string
	target ascent.Target
	method ascent.Method
	began  time.Time
	shown  bool
	due    time.Time
	making sync.WaitGroup

	mu     sync.Mutex
	busy   bool
	cost   time.Duration
	latest map[int]*tile  // by position in the target's filters
	board  *picture.Board // of several pictures
}

// tile is one picture on its way.
type tile struct {
	values []float32 // [height, width, 3]; nil when drawn already
	loss   float32
	badge  string
}

// step is called after each step. When a frame is due it copies the batch's pictures, and leaves the rest to another
// goroutine.
func (l *live) step(p ascent.Progress) {
	now := time.Now()
	last := p.Step == p.Steps
	l.mu.Lock()
	busy, cost := l.busy, l.cost
	l.mu.Unlock()
	if !last && (busy || now.Before(l.due)) || p.Done == p.Total {
		return
	}
	flat, err := tensors.CopyFlatData[float32](p.Pictures)
	if err != nil {
		return // the run itself will say so
	}
	dims := p.Pictures.Shape().Dimensions
	pixels := dims[1] * dims[2] * dims[3]
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.latest == nil {
		l.latest = make(map[int]*tile)
	}
	for i, loss := range p.Loss {
		l.latest[p.Positions[i]] = &tile{values: flat[i*pixels : (i+1)*pixels], loss: loss,
			badge: deadBadge(p.Dead[i])}
	}
	if busy || now.Before(l.due) {
		return // a batch's last pictures are kept for the next frame
	}
	l.due = now.Add(max(frameTime, frameShare*cost))
	l.busy, l.shown = true, true
	l.making.Go(func() { l.frame(p, dims[1], dims[2]) })
}

// frame draws what is new and sends it.
func (l *live) frame(p ascent.Progress, height, width int) {
	start := time.Now()
	l.mu.Lock()
	fresh := make(map[int]tile)
	for i, t := range l.latest {
		if t.values != nil {
			fresh[i] = *t
			t.values = nil
		}
	}
	l.mu.Unlock()
	var buffer bytes.Buffer
	if img := l.draw(fresh, height, width); img != nil && jpeg.Encode(&buffer, img,
		&jpeg.Options{Quality: liveQuality}) == nil {
		gonbui.UpdateHTML(l.id, l.markup(buffer.Bytes(), img.Bounds().Dx(), fresh, p))
	}
	l.mu.Lock()
	l.busy, l.cost = false, time.Since(start)
	l.mu.Unlock()
}

// draw brings the new tiles into the picture and returns it, nil when there is none. Only the goroutine of a frame
// touches it.
func (l *live) draw(fresh map[int]tile, height, width int) image.Image {
	filters := l.target.Filters
	for i, t := range fresh {
		images, err := l.method.Images(tensors.FromFlatDataAndDimensions(t.values, height, width,
			len(t.values)/(height*width)))
		if err != nil {
			continue
		}
		if len(filters) == 1 {
			return images[0]
		}
		if l.board == nil { // the method may show less than the whole picture
			size := images[0].Bounds().Size()
			l.board = picture.NewBoard(len(filters), size.Y, size.X,
				picture.GridOptions{Scale: boardScale(len(filters), size.X)})
			for k, filter := range filters {
				l.board.Put(k, nil, strconv.Itoa(filter), "")
			}
		}
		l.board.Put(i, images[0], fmt.Sprintf("%d  %s", filters[i], amount(t.loss)), t.badge)
	}
	if l.board == nil {
		return nil
	}
	return l.board.Image()
}

// deadBadge is the badge of a picture that has not moved so far.
func deadBadge(dead bool) string {
	if dead {
		return string(ascent.Dead)
	}
	return ""
}

// amount is an activation in few characters.
func amount(v float32) string {
	switch {
	case v == 0:
		return "0"
	case v >= 100 || v <= -100:
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprintf("%.2g", v)
}

// markup is a frame as HTML: the picture at the size that the finished one will have, and a line with the step, the
// loss and the time left.
func (l *live) markup(frame []byte, width int, fresh map[int]tile, p ascent.Progress) string {
	done, total, steps := p.Done, p.Total, p.Steps
	line := fmt.Sprintf("%s, filter %d: step %d of %d, activation %s",
		l.target.Layer, l.target.Filters[0], p.Step, steps, amount(fresh[0].loss))
	if many := len(l.target.Filters); many > 1 {
		var sum float32
		for _, t := range fresh {
			sum += t.loss
		}
		line = fmt.Sprintf("%s: %d of %d pictures done, step %d of %d, mean activation %s",
			l.target.Layer, min(done/steps, many), many, done, total, amount(sum/float32(len(fresh))))
	}
	if elapsed := time.Since(l.began); done > 0 && done < total {
		line += fmt.Sprintf(", %s left", max(time.Duration(float64(elapsed)/float64(done)*float64(total-done)),
			time.Second).Round(time.Second))
	}
	return fmt.Sprintf("<img alt=\"\" style=\"display:block;width:%dpx;max-width:100%%;image-rendering:pixelated\" "+
		"src=\"data:image/jpeg;base64,%s\">"+
		"<progress max=\"%d\" value=\"%d\" style=\"width:10em\"></progress> <span class=\"%s\">%s</span>",
		shownWidth(width), base64.StdEncoding.EncodeToString(frame), total, done, asWritten,
		stdhtml.EscapeString(line))
}
