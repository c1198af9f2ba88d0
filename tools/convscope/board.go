// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/mattn/go-isatty"
	"golang.org/x/sync/errgroup"
	"golang.org/x/term"

	"convscope/internal/progress"
)

// board runs steps at the same time and shows how far they are: one line for each step when it is done, with the time
// it took, and about those that are not: a last line in a terminal, and elsewhere a line now and then.
type board struct {
	out   io.Writer
	width int // of the terminal, 0 = not a terminal
	steps []*step

	mu    sync.Mutex
	bars  []*boardBar // the tasks under way, in the order in which they began
	shown bool        // the last line is drawn
}

// step is one line of the board.
type step struct {
	name  string
	do    func(ctx context.Context) (about string, err error)
	began time.Time
	ended bool
}

func newBoard(out io.Writer) *board {
	b := &board{out: out}
	if file, ok := out.(*os.File); ok && isatty.IsTerminal(file.Fd()) {
		b.width = 80
		if width, _, err := term.GetSize(int(file.Fd())); err == nil && width > 0 {
			b.width = width
		}
	}
	return b
}

// add adds a step. do returns a few words about what is there now.
func (b *board) add(name string, do func(ctx context.Context) (about string, err error)) {
	b.steps = append(b.steps, &step{name: name, do: do})
}

// run runs all steps and returns the first error, on which the other steps are cancelled.
func (b *board) run(ctx context.Context) error {
	// Bars and news of all packages come here while the steps run.
	newBar, line := progress.New, progress.Line
	defer func() { progress.New, progress.Line = newBar, line }()
	progress.New, progress.Line = b.newBar, b.line

	stop := b.redraw()
	defer stop()
	group, together := errgroup.WithContext(ctx)
	for _, s := range b.steps {
		group.Go(func() error {
			b.mu.Lock()
			s.began = time.Now()
			b.mu.Unlock()
			about, err := s.do(together)
			b.mu.Lock()
			s.ended = true
			b.mu.Unlock()
			if err != nil {
				return &stepError{s.name, err}
			}
			b.line(fmt.Sprintf("%-8s %s, %.1f s", s.name, about, time.Since(s.began).Seconds()))
			return nil
		})
	}
	return group.Wait()
}

// stepError says which step failed, unless the error does so itself.
type stepError struct {
	name string
	err  error
}

func (e *stepError) Error() string {
	if errors.Is(e.err, context.Canceled) || strings.HasPrefix(e.err.Error(), e.name) {
		return e.err.Error()
	}
	return e.name + ": " + e.err.Error()
}

func (e *stepError) Unwrap() error { return e.err }

// line prints news above the last line.
func (b *board) line(text string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.clear()
	fmt.Fprintln(b.out, progress.Printable(text))
	b.draw()
}

// redraw keeps the last line fresh until the returned function is called. Where there is none, it prints how far the
// tasks are, ever more seldom.
func (b *board) redraw() (stop func()) {
	if b.width == 0 {
		return b.tell()
	}
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(200 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				b.mu.Lock()
				b.clear()
				b.draw()
				b.mu.Unlock()
			case <-done:
				return
			}
		}
	}()
	return func() {
		close(done)
		<-ended
		b.mu.Lock()
		defer b.mu.Unlock()
		b.clear()
	}
}

// tell prints a line about the tasks under way after each pause, until the returned function is called.
func (b *board) tell() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var ended sync.WaitGroup
	ended.Go(func() {
		began := time.Now()
		for {
			spent := time.Since(began)
			select {
			case <-time.After(progress.Next(spent) - spent):
			case <-ctx.Done():
				return
			}
			b.mu.Lock()
			if text := b.underway(); text != "" {
				fmt.Fprintln(b.out, text)
			}
			b.mu.Unlock()
		}
	})
	return func() {
		cancel()
		ended.Wait()
	}
}

// underway is the tasks in one line, or where none tells how far it is, the steps. It is called with the lock held.
func (b *board) underway() string {
	var texts []string
	for _, bar := range b.bars {
		texts = append(texts, bar.String())
	}
	for _, s := range b.steps {
		if len(b.bars) == 0 && !s.began.IsZero() && !s.ended {
			texts = append(texts, fmt.Sprintf("%s (%.0f s)", s.name, time.Since(s.began).Seconds()))
		}
	}
	return strings.Join(texts, " | ")
}

// clear and draw are called with the lock held.
func (b *board) clear() {
	if b.shown {
		fmt.Fprint(b.out, "\r\x1b[K")
		b.shown = false
	}
}

func (b *board) draw() {
	if b.width == 0 || len(b.bars) == 0 { // which also keeps the steps' names out of the last line
		return
	}
	text := []rune(b.underway())
	fmt.Fprint(b.out, string(text[:min(len(text), b.width-1)]))
	b.shown = true
}

// newBar takes the place of progress.New.
func (b *board) newBar(what string, total int64, unit progress.Unit) progress.Bar {
	b.mu.Lock()
	defer b.mu.Unlock()
	bar := &boardBar{board: b, what: what, total: total, unit: unit, began: time.Now()}
	b.bars = append(b.bars, bar)
	return bar
}

// newTask adds a task that tells in words how far it is.
func (b *board) newTask(what string) *boardBar {
	return b.newBar(what, 0, progress.Steps).(*boardBar)
}

// boardBar is one task of a step.
type boardBar struct {
	board       *board
	what, words string
	done, total int64
	unit        progress.Unit
	began       time.Time
}

// Set reports how much is done.
func (bar *boardBar) Set(done int64) {
	bar.board.mu.Lock()
	defer bar.board.mu.Unlock()
	bar.done = done
}

// say reports in words how far it is.
func (bar *boardBar) say(format string, args ...any) {
	bar.board.mu.Lock()
	defer bar.board.mu.Unlock()
	bar.words = fmt.Sprintf(format, args...)
}

// Done takes the task off the board.
func (bar *boardBar) Done() {
	bar.board.mu.Lock()
	defer bar.board.mu.Unlock()
	for i, other := range bar.board.bars {
		if other == bar {
			bar.board.bars = append(bar.board.bars[:i], bar.board.bars[i+1:]...)
			return
		}
	}
}

// String is the task in a few words: "weights 12 MB of 59 MB, 4.1 MB/s, 11s left".
func (bar *boardBar) String() string {
	spent := time.Since(bar.began)
	if bar.words != "" || bar.total <= 0 && bar.done == 0 {
		return fmt.Sprintf("%s (%.0f s)", strings.TrimSpace(bar.what+" "+bar.words), spent.Seconds())
	}
	amount := func(n int64) string {
		if bar.unit == progress.Bytes {
			return humanize.Bytes(uint64(max(n, 0)))
		}
		return humanize.Comma(n)
	}
	text := bar.what + " " + amount(bar.done)
	if bar.total > 0 {
		text += " of " + amount(bar.total)
	}
	if bar.unit == progress.Bytes && bar.done > 0 {
		text += fmt.Sprintf(", %s/s", humanize.Bytes(uint64(float64(bar.done)/max(spent.Seconds(), 0.001))))
	}
	if bar.total > bar.done && bar.done > 0 {
		left := time.Duration(float64(spent) / float64(bar.done) * float64(bar.total-bar.done))
		text += fmt.Sprintf(", %s left", left.Round(time.Second))
	}
	return text
}
