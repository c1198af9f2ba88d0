// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package progress

import (
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/dustin/go-humanize/english"
)

// Plain returns a bar that prints one line to w when it starts and one when it is done, and between them one after
// five seconds, and then ever more seldom, so that a log stays readable. The last line says how much was done when
// that is less than the total.
func Plain(w io.Writer, what string, total int64, unit Unit) Bar {
	p := &plain{w: w, what: what, total: total, unit: unit, start: time.Now(), next: Pause}
	if total > 0 && unit != Share {
		fmt.Fprintf(w, "%s: %s ...\n", what, p.amount(total))
	} else {
		fmt.Fprintf(w, "%s ...\n", what)
	}
	return p
}

type plain struct {
	w           io.Writer
	what        string
	done, total int64
	unit        Unit
	start       time.Time
	next        time.Duration // when to print the next line
	ended       bool
}

// Pause is how long a task goes on before something is printed about it where nobody watches a bar. Each pause is a
// quarter of the time spent so far, if that is longer.
var Pause = 5 * time.Second

// Next is when to print about a task again after it was done at that time.
func Next(spent time.Duration) time.Duration { return spent + max(Pause, spent/4) }

func (p *plain) Set(done int64) {
	p.done = done
	spent := time.Since(p.start)
	if p.ended || spent < p.next || p.total > 0 && done >= p.total {
		return
	}
	p.next = Next(spent)
	if p.total > 0 && p.unit != Share {
		fmt.Fprintf(p.w, "%s: %s of %s, %.0f s\n", p.what, p.amount(done), p.amount(p.total), spent.Seconds())
	} else {
		fmt.Fprintf(p.w, "%s: %s, %.0f s\n", p.what, p.amount(done), spent.Seconds())
	}
}

func (p *plain) Done() {
	if p.ended {
		return
	}
	p.ended = true
	spent := time.Since(p.start)
	switch {
	case p.unit == Share && p.done < p.total:
		fmt.Fprintf(p.w, "%s: stopped at %s after %.1f s\n", p.what, p.amount(p.done), spent.Seconds())
	case p.total > 0 && p.done < p.total:
		fmt.Fprintf(p.w, "%s: stopped at %s of %s after %.1f s\n",
			p.what, p.amount(p.done), p.amount(p.total), spent.Seconds())
	case p.unit == Bytes && spent > 0:
		speed := uint64(float64(p.done) / spent.Seconds())
		fmt.Fprintf(p.w, "%s: %s in %.1f s (%s/s)\n", p.what, p.amount(p.done), spent.Seconds(), humanize.Bytes(speed))
	default:
		fmt.Fprintf(p.w, "%s: %s in %.1f s\n", p.what, p.amount(p.done), spent.Seconds())
	}
}

// amount prints n in the bar's unit: "59 MB", "40 steps", "12.5 %".
func (p *plain) amount(n int64) string {
	switch {
	case p.unit == Bytes:
		return humanize.Bytes(uint64(max(n, 0)))
	case p.unit == Share:
		return fmt.Sprintf("%g %%", float64(n)/10)
	case p.unit == Things:
		return strconv.FormatInt(n, 10)
	}
	return english.Plural(int(n), "step", "")
}
