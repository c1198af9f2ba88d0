// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package browser

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// Watch is what a page asked for, and what went wrong in it.
type Watch struct {
	mu         sync.Mutex
	requests   []string
	complaints []string
}

// Watch watches the page from now on: requests and those of them that fail, what is written to the console,
// exceptions. What the page itself calls off is no failure.
func (p *Page) Watch() (*Watch, error) {
	w := new(Watch)
	complain := func(format string, args ...any) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.complaints = append(w.complaints, fmt.Sprintf(format, args...))
	}
	err := chromedp.Listen(p.ctx, func(event any) {
		switch e := event.(type) {
		case *network.EventRequestWillBeSent:
			w.mu.Lock()
			defer w.mu.Unlock()
			w.requests = append(w.requests, e.Request.URL)
		case *network.EventLoadingFailed:
			if !e.Canceled {
				complain("a request failed: %s %s", e.Type, e.ErrorText)
			}
		case *network.EventResponseReceived:
			if e.Response.Status >= 400 {
				complain("%s: status %d", e.Response.URL, e.Response.Status)
			}
		case *runtime.EventExceptionThrown:
			complain("exception: %+v", *e.ExceptionDetails)
		case *runtime.EventConsoleAPICalled:
			complain("console: %s", e.Type)
		case *cdplog.EventEntryAdded:
			complain("log: %s %s %s", e.Entry.Level, e.Entry.Text, e.Entry.URL)
		}
	})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(p.ctx, limit)
	defer cancel()
	if _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); err != nil {
		return nil, err
	}
	if _, err := chromedp.Call(ctx, runtime.Enable, cdp.Empty{}); err != nil {
		return nil, err
	}
	_, err = chromedp.Call(ctx, cdplog.Enable, cdp.Empty{})
	return w, err
}

// Complaints are what went wrong so far.
func (w *Watch) Complaints() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.complaints)
}

// Requests are the addresses so far that don't begin with one of those.
func (w *Watch) Requests(but ...string) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(w.requests), func(url string) bool {
		return slices.ContainsFunc(but, func(start string) bool { return strings.HasPrefix(url, start) })
	})
}

// Resize gives the page a window of that many pixels.
func (p *Page) Resize(width, height int64) error {
	return p.Do(chromedp.EmulateViewport(width, height))
}

// Prefer makes the system of the page's reader one that prefers something, such as "prefers-color-scheme" "dark".
func (p *Page) Prefer(feature, value string) error {
	ctx, cancel := context.WithTimeout(p.ctx, limit)
	defer cancel()
	_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia,
		emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: feature, Value: value}}})
	return err
}
