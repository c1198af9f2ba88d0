// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package page

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestMessagesComeInOrder(t *testing.T) {
	began := time.Now()
	tests := map[string]struct{ sent, want []int }{
		"as sent":  {[]int{1, 2, 3}, []int{1, 2, 3}},
		"swapped":  {[]int{2, 1, 3}, []int{1, 2, 3}},
		"reversed": {[]int{4, 3, 2, 1}, []int{1, 2, 3, 4}},
		"twice":    {[]int{1, 1, 2, 2}, []int{1, 2}},
		"lost one": {[]int{1, 3, 4}, []int{1, 3, 4}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			o, got := &order{next: 1}, []int(nil)
			for _, seq := range test.sent {
				for _, n := range o.put(note{Seq: seq}, began) {
					got = append(got, n.Seq)
				}
			}
			require.Empty(t, o.overdue(began.Add(swapped/2)), "it may still come")
			for _, n := range o.overdue(began.Add(2 * swapped)) {
				got = append(got, n.Seq)
			}
			require.Equal(t, test.want, got)
		})
	}
}

func TestDeliveryWaitsForThePage(t *testing.T) {
	now := time.Now()
	p := &Page{state: make(map[key]string), dirty: make(map[key]bool), wake: make(chan struct{}, 1), heard: now}
	for _, value := range []string{"1", "2", "3"} {
		p.Set("count", "text", value)
	}
	p.Set("picture", "src", "a")
	text, why := p.next(now)
	require.Empty(t, why)
	require.JSONEq(t, `{"n": 1, "sets": [["count", "text", "3"], ["picture", "src", "a"]]}`, text,
		"values that follow each other replace each other")
	p.Set("count", "text", "4")
	text, _ = p.next(now)
	require.Empty(t, text, "the page has not shown the last one")
	p.acked = 1
	text, _ = p.next(now)
	require.JSONEq(t, `{"n": 2, "sets": [["count", "text", "4"]]}`, text)
	p.acked = 2
	text, _ = p.next(now.Add(pulse / 2))
	require.Empty(t, text, "nothing to say")
	text, _ = p.next(now.Add(2 * pulse))
	require.JSONEq(t, `{"n": 3, "sets": []}`, text, "a pulse")
	_, why = p.next(now.Add(2 * silence))
	require.Equal(t, "the page is silent", why)
	p.left = now
	_, why = p.next(now.Add(returns / 2))
	require.Empty(t, why, "it may come back")
	_, why = p.next(now.Add(2 * returns))
	require.Equal(t, "the page was closed", why)
}
