// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// Package page connects a running notebook cell with the browser page that shows it: what happens to the controls
// comes in, what the program sets goes out. It never waits for a browser that is not there.
//
//	markup := `<p>Filter <input type="range" data-name="filter"> <b data-name="echo"></b></p>`
//	p, err := page.Open(ctx, page.Options{Markup: markup})
//	if errors.Is(err, page.ErrNobody) {
//		return // nbclient, nbconvert, go test: go on with the defaults
//	}
//	defer p.Close()
//	for event := range p.Events() {
//		p.Set("echo", "text", event.Value)
//	}
//
// It is the one place that works round GoNB v0.11.4's front-end communication; each way round says what it is for and
// when it may go.
package page
