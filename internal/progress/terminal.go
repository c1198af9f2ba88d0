// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package progress

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
)

// screen is the terminal's last line, which a bar and Line share.
var screen struct {
	sync.Mutex
	bar *progressbar.ProgressBar
}

// Terminal returns a bar that redraws itself on one line of w, at most ten times a second, with the time left
// and, for Bytes, the speed.
func Terminal(w io.Writer, what string, total int64, unit Unit) Bar {
	limit := total
	if total <= 0 {
		limit = -1 // progressbar's own sign for a spinner
	}
	options := []progressbar.Option{
		progressbar.OptionSetWriter(w),
		progressbar.OptionSetDescription(what),
		progressbar.OptionSetWidth(24),
		progressbar.OptionThrottle(100 * time.Millisecond),
		progressbar.OptionShowElapsedTimeOnFinish(),
		progressbar.OptionSetRenderBlankState(true),
	}
	if unit != Share {
		options = append(options, progressbar.OptionShowCount())
	}
	if unit == Bytes {
		options = append(options, progressbar.OptionShowBytes(true))
	}
	screen.Lock()
	defer screen.Unlock()
	t := &terminal{w: w, total: total, bar: progressbar.NewOptions64(limit, options...)}
	screen.bar = t.bar
	return t
}

type terminal struct {
	w     io.Writer
	bar   *progressbar.ProgressBar
	total int64
	ended bool
}

func (t *terminal) Set(done int64) {
	screen.Lock()
	defer screen.Unlock()
	if t.ended || t.total > 0 && done > t.total {
		return
	}
	// A bar cannot fail its task: a closed terminal is not the download's problem.
	_ = t.bar.Set64(done)
}

func (t *terminal) Done() {
	screen.Lock()
	defer screen.Unlock()
	if t.ended {
		return
	}
	t.ended = true
	_ = t.bar.Exit() // stops drawing, leaves what is there
	fmt.Fprintln(t.w)
	if screen.bar == t.bar {
		screen.bar = nil
	}
}
