// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package page

import "time"

// swapped is how long a message waits for one that was sent before it. GoNB handles each message in a goroutine of its
// own, so that neighbours may change places. May go when GoNB keeps their order.
const swapped = 100 * time.Millisecond

// order puts one page's messages into the order in which they were sent.
type order struct {
	next  int // the number that is due
	early map[int]note
	since time.Time // when the first of early came
}

// put takes a message and returns those that are due now. One that was given up on is late and lost, and so is a copy.
func (o *order) put(n note, now time.Time) []note {
	if n.Seq < o.next {
		return nil
	}
	if o.early == nil {
		o.early = make(map[int]note)
	}
	if len(o.early) == 0 {
		o.since = now
	}
	o.early[n.Seq] = n
	return o.due()
}

// overdue gives up on messages that did not come in time, and returns those that waited for them.
func (o *order) overdue(now time.Time) []note {
	if len(o.early) == 0 || now.Sub(o.since) < swapped {
		return nil
	}
	first := 0
	for seq := range o.early {
		if first == 0 || seq < first {
			first = seq
		}
	}
	o.next = first
	return o.due()
}

func (o *order) due() []note {
	var due []note
	for {
		n, here := o.early[o.next]
		if !here {
			break
		}
		delete(o.early, o.next)
		o.next++
		due = append(due, n)
	}
	return due
}
