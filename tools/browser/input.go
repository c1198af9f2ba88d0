// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package browser

import (
	"fmt"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// Key presses a key on what has the focus, such as [kb.ArrowRight], [kb.Tab] or "a".
func (p *Page) Key(keys ...string) error {
	for _, key := range keys {
		if err := p.Do(chromedp.KeyEvent(key)); err != nil {
			return err
		}
	}
	return nil
}

// Focus gives an element the focus.
func (p *Page) Focus(selector string) error {
	return p.Do(chromedp.Focus(chromedp.CSS(selector)))
}

// Click clicks the middle of an element, with the mouse. What moves away under the mouse is clicked again, as a reader
// does.
func (p *Page) Click(selector string) error {
	for range 5 {
		if err := p.still(selector); err != nil {
			return err
		}
		// The page says where the click came down.
		err := p.Exec(fmt.Sprintf(`(() => {
			const wanted = document.querySelector(%q);
			globalThis.hit = undefined;
			addEventListener("click", (e) => {globalThis.hit = wanted.contains(e.target)}, {capture: true, once: true});
		})()`, selector))
		if err != nil {
			return err
		}
		if err := p.Do(chromedp.Click(chromedp.CSS(selector))); err != nil {
			return err
		}
		if missed, err := Eval[bool](p, "globalThis.hit === false"); err != nil || !missed {
			return err
		}
	}
	return fmt.Errorf("%s moves away from the mouse", selector)
}

// DoubleClick clicks twice.
func (p *Page) DoubleClick(selector string) error {
	if err := p.still(selector); err != nil {
		return err
	}
	return p.Do(chromedp.DoubleClick(chromedp.CSS(selector)))
}

// still scrolls to an element and waits until it stands still.
func (p *Page) still(selector string) error {
	if err := p.Do(chromedp.ScrollIntoView(chromedp.CSS(selector))); err != nil {
		return err
	}
	return p.Exec(fmt.Sprintf(`(async () => {
		const place = () => JSON.stringify(document.querySelector(%q)?.getBoundingClientRect());
		for (let before = ""; before !== place();) {
			before = place();
			await new Promise((done) => setTimeout(done, 50));
		}
	})()`, selector))
}

// Type replaces what is in a field and leaves it.
func (p *Page) Type(selector, text string) error {
	if err := p.Do(chromedp.ScrollIntoView(chromedp.CSS(selector)),
		chromedp.Focus(chromedp.CSS(selector))); err != nil {
		return err
	}
	if err := p.Exec(fmt.Sprintf("document.querySelector(%q).select()", selector)); err != nil {
		return err
	}
	return p.Do(chromedp.KeyEvent(kb.Delete), chromedp.KeyEvent(text), chromedp.KeyEvent(kb.Tab))
}

// Drag presses the mouse on a slider and moves it from one part of its width to another, in so many moves.
func (p *Page) Drag(selector string, from, to float64, moves int) error {
	if err := p.still(selector); err != nil {
		return err
	}
	box, err := Eval[struct{ X, Y, Width, Height float64 }](p, fmt.Sprintf(
		"(() => {const b = document.querySelector(%q).getBoundingClientRect(); return {X: b.x, Y: b.y, Width: "+
			"b.width, Height: b.height}})()", selector))
	if err != nil {
		return err
	}
	at := func(part float64) (x, y float64) { return box.X + part*box.Width, box.Y + box.Height/2 }
	return p.Do(mouse(at, from, to, moves)...)
}

// File gives a file to a file field.
func (p *Page) File(selector, path string) error {
	return p.Do(chromedp.SetUploadFiles(chromedp.CSS(selector), []string{path}))
}

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
