// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package browser

import (
	"github.com/chromedp/chromedp"
)

// mouse presses, moves and releases.
func mouse(at func(part float64) (x, y float64), from, to float64, moves int) []chromedp.Action[chromedp.Void] {
	x, y := at(from)
	actions := []chromedp.Action[chromedp.Void]{chromedp.MouseEvent(chromedp.MousePressed, x, y, chromedp.ButtonLeft,
		chromedp.ClickCount(1))}
	for i := 1; i <= moves; i++ {
		x, y = at(from + (to-from)*float64(i)/float64(moves))
		actions = append(actions, chromedp.MouseEvent(chromedp.MouseMoved, x, y, chromedp.ButtonLeft))
	}
	return append(actions, chromedp.MouseEvent(chromedp.MouseReleased, x, y, chromedp.ButtonLeft,
		chromedp.ClickCount(1)))
}
