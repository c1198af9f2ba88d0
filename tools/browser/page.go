// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package browser

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"time"

	cdpbrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/heapprofiler"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/performance"
	"github.com/chromedp/chromedp"
)

// Page is one page of the browser.
type Page struct {
	ctx    context.Context
	cancel context.CancelFunc
}

// limit is how long one action in the browser may take.
const limit = 60 * time.Second

// Do runs actions of chromedp.
func (p *Page) Do(actions ...chromedp.Action[chromedp.Void]) error {
	ctx, cancel := context.WithTimeout(p.ctx, limit)
	defer cancel()
	return chromedp.Do(ctx, actions...)
}

// Goto opens an address.
func (p *Page) Goto(url string) error { return p.Do(chromedp.Navigate(url)) }

// Reload loads the page anew.
func (p *Page) Reload() error { return p.Do(chromedp.Reload()) }

// Close closes the page, as a reader closes a tab.
func (p *Page) Close() error {
	_, err := chromedp.Call(p.ctx, page.Close, cdp.Empty{})
	p.cancel()
	return err
}

// Open says whether the page was not closed yet.
func (p *Page) Open() bool { return p.ctx.Err() == nil }

// Eval evaluates JavaScript, waits for a promise, and returns the value.
func Eval[T any](p *Page, script string) (T, error) {
	ctx, cancel := context.WithTimeout(p.ctx, limit)
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
	if err != nil {
		return value, fmt.Errorf("%s: %w", script, err)
	}
	return value, nil
}

// Exec evaluates JavaScript for what it does.
func (p *Page) Exec(script string) error {
	_, err := Eval[bool](p, "(async () => {await ("+script+"); return true})()")
	return err
}

// Until waits until JavaScript is true.
func (p *Page) Until(script string, patience time.Duration) error {
	var last error
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		var done bool
		if done, last = Eval[bool](p, "Boolean("+script+")"); last == nil && done {
			return nil
		}
		if p.ctx.Err() != nil {
			return p.ctx.Err()
		}
	}
	return errors.Join(fmt.Errorf("not within %s: %s", patience, script), last)
}

// Screenshot returns what the window shows: of an element that fits in it, scrolled to its middle, or all of it for
// "".
func (p *Page) Screenshot(selector string) (image.Image, error) {
	var box struct{ X, Y, Width, Height float64 }
	var err error
	if selector != "" {
		box, err = Eval[struct{ X, Y, Width, Height float64 }](p, fmt.Sprintf(`(async () => {
			const element = document.querySelector(%q);
			element.scrollIntoView({block: "center"});
			await new Promise((done) => setTimeout(done, 150));
			const b = element.getBoundingClientRect();
			return {X: b.x, Y: b.y, Width: b.width, Height: b.height};
		})()`, selector))
		if err != nil {
			return nil, err
		}
	}
	ctx, cancel := context.WithTimeout(p.ctx, limit)
	defer cancel()
	data, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		return nil, err
	}
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil || selector == "" {
		return img, err
	}
	part := image.Rect(int(box.X), int(box.Y), int(box.X+box.Width), int(box.Y+box.Height)).Intersect(img.Bounds())
	return img.(interface {
		SubImage(image.Rectangle) image.Image
	}).SubImage(part), nil
}

// Downloads makes the browser keep downloads in the directory.
func (p *Page) Downloads(dir string) error {
	events := true
	_, err := chromedp.CallBrowser(p.ctx, cdpbrowser.SetDownloadBehavior, cdpbrowser.SetDownloadBehaviorParams{
		Behavior: cdpbrowser.SetDownloadBehaviorBehaviorAllow, DownloadPath: dir, EventsEnabled: &events,
	})
	return err
}

// Downloaded waits for a complete file of that name.
func Downloaded(dir, name string, patience time.Duration) ([]byte, error) {
	path := filepath.Join(dir, name)
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if data, err := os.ReadFile(path); err == nil && len(data) > 0 {
			if partial, _ := filepath.Glob(filepath.Join(dir, "*.crdownload")); len(partial) == 0 {
				return data, nil
			}
		}
	}
	return nil, fmt.Errorf("%s was not downloaded within %s", name, patience)
}

// Memory is what a page holds after a garbage collection.
type Memory struct {
	Heap  int64 // bytes of JavaScript
	Nodes int64 // of the document, also detached ones
}

// Memory measures the page.
func (p *Page) Memory() (m Memory, err error) {
	ctx, cancel := context.WithTimeout(p.ctx, limit)
	defer cancel()
	if _, err := chromedp.Call(ctx, performance.Enable, performance.EnableParams{}); err != nil {
		return m, err
	}
	for range 2 {
		if _, err := chromedp.Call(ctx, heapprofiler.CollectGarbage, cdp.Empty{}); err != nil {
			return m, err
		}
	}
	metrics, err := chromedp.Call(ctx, performance.GetMetrics, cdp.Empty{})
	for _, metric := range metrics.Metrics {
		switch metric.Name {
		case "JSHeapUsedSize":
			m.Heap = int64(metric.Value)
		case "Nodes":
			m.Nodes = int64(metric.Value)
		}
	}
	return m, err
}
