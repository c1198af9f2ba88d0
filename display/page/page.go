// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package page

import (
	"context"
	_ "embed" // the browser's half
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/janpfeifer/gonb/gonbui"
	"github.com/janpfeifer/gonb/gonbui/protocol"
)

//go:embed page.js
var script string

// ErrNobody is returned, wrapped, when no browser shows the running cell, or none answers.
var ErrNobody = errors.New("no browser shows this cell")

const (
	// patience is how long a page may take to answer first. GoNB alone waits up to 3 s for its own connection.
	patience = 10 * time.Second
	// returns is how long a page that said goodbye may take to come back: a reload.
	returns = 5 * time.Second
	// silence is how long a page may leave questions unanswered before it counts as gone: it was closed without a
	// word, or its network fails.
	silence = 30 * time.Second
	// pulse is how often a quiet page is asked whether it is there.
	pulse = 4 * time.Second
)

// Options say what a page shows.
type Options struct {
	// Markup is the panel as HTML. Elements with data-name take part: inputs, selects and buttons send [Event]s, and
	// [Page.Set] reaches all of them. An element with data-note shows the page's own messages. A fieldset is switched
	// off when the page is over.
	Markup string
	// Patience is how long to wait for the page's first answer; 0 means 10 seconds.
	Patience time.Duration
}

// Event is something that happened on the page.
type Event struct {
	// Name is the element's data-name.
	Name string `json:"name"`
	// Kind is the browser's event: input while a value changes, change when it has, click.
	Kind string `json:"event"`
	// Value is the element's value as text; of a file, a data URL, or "" when the browser can't read it as a picture.
	Value string `json:"value"`
	// Title is a file's name.
	Title string `json:"title"`
	// Data is what is in a file whose element has data-most, the most bytes that it may have: the file as it is. It is
	// nil where the file is larger or did not arrive; Value is its size.
	Data []byte `json:"-"`
}

// Page is a browser page with a panel, while a cell runs.
type Page struct {
	id     string // of the panel's element and of its display
	events chan Event
	ended  chan struct{} // closed when the page is over
	why    string        // why it ended

	mu      sync.Mutex
	state   map[key]string // all that was set, for a page that comes back
	order   []key
	dirty   map[key]bool
	once    [][3]string // downloads
	sent    int         // number of the last message
	acked   int
	heard   time.Time // when the page last said something
	left    time.Time // when it said goodbye; zero while it is there
	waiting int       // cells that wait for this one
	wake    chan struct{}

	upload string // the file that is arriving, and as much of it as is here
	data   []byte
}

// key names one property of one element.
type key struct{ name, property string }

// Present says whether a browser may be showing the running cell: the program runs in a cell, and a Jupyter server
// started its kernel. nbclient and nbconvert start kernels themselves.
func Present() bool {
	// GoNB answers the first subscription of a kernel with a script of its own in the cell's output, and takes it away
	// only when a browser has run it: a notebook executed without one would keep it. So ask nobody who can't answer.
	// May go when GoNB can tell whether a browser is connected.
	return gonbui.IsNotebook && os.Getenv("JPY_SESSION_NAME") != "" &&
		os.Getenv(protocol.GONB_JUPYTER_KERNEL_ID_ENV) != ""
}

// Open shows the panel and waits for the page's first answer. It returns [ErrNobody] when none comes; the panel's
// place is empty then, and [Page.Final] on the returned page fills it.
func Open(ctx context.Context, o Options) (*Page, error) {
	p := &Page{
		id: "convscope-" + gonbui.UniqueId(), events: make(chan Event, 64), ended: make(chan struct{}),
		state: make(map[key]string), dirty: make(map[key]bool), wake: make(chan struct{}, 1),
	}
	if !Present() {
		return p, ErrNobody
	}
	incoming := subscribe(p.address())
	hello := make(chan struct{})
	go p.receive(incoming, hello)
	p.display(o.Markup)
	announce(p.address())
	wait := o.Patience
	if wait == 0 {
		wait = patience
	}
	over := time.After(wait)
	for call := time.After(0); ; { // a page whose connection opens late misses the first call
		select {
		case <-hello:
			go p.deliver()
			return p, nil
		case <-ctx.Done():
			p.end(context.Cause(ctx).Error())
			return p, ctx.Err()
		case <-over:
			p.end("no browser answered")
			return p, fmt.Errorf("%w: none answered within %s", ErrNobody, wait)
		case <-call:
			send(p.address(), `{"hello":true}`)
			call = time.After(wait / 4)
		}
	}
}

// address is where the page's messages go.
func (p *Page) address() string { return "/convscope/" + p.id }

// display shows the panel.
func (p *Page) display(markup string) {
	id, _ := json.Marshal(p.id)
	kernel, _ := json.Marshal(os.Getenv(protocol.GONB_JUPYTER_KERNEL_ID_ENV))
	address, _ := json.Marshal(p.address())
	gonbui.UpdateHTML(p.id, fmt.Sprintf("<div id=%s class=\"mathjax_ignore tex2jax_ignore\" "+
		"data-lm-suppress-shortcuts=\"true\">%s</div><script>(%s)(%s, %s, %s);</script>",
		id, markup, script, id, kernel, address))
}

// Final replaces the panel by what stays in the notebook, by MIME type, with a line of text for readers that can't
// show it.
func (p *Page) Final(mime string, data []byte, text string) {
	content := map[protocol.MIMEType]any{protocol.MIMETextPlain: text}
	if mime != "" {
		content[protocol.MIMEType(mime)] = data
	}
	gonbui.SendData(&protocol.DisplayData{Data: content, DisplayID: p.id})
	gonbui.Sync()
}

// Events are what happens on the page, in order. The channel is closed when the page is over.
func (p *Page) Events() <-chan Event { return p.events }

// Why says in a few words why the page is over, "" while it is not.
func (p *Page) Why() string {
	select {
	case <-p.ended:
		return p.why
	default:
		return ""
	}
}

// Waiting counts the cells of the notebook that wait for the running one to end, as the page last saw them.
func (p *Page) Waiting() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.waiting
}

// Set sets a property of the element with that data-name: text, html, value, disabled or hidden ("" is no), focus, or
// any attribute. It returns at once: values that follow each other faster than the page shows them replace each other.
func (p *Page) Set(name, property, value string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	k := key{name, property}
	old, known := p.state[k]
	if known && old == value && property != "value" && property != "focus" {
		return
	}
	if !known {
		p.order = append(p.order, k)
	}
	p.state[k] = value
	p.dirty[k] = true
	p.stir()
}

// Download hands the reader a file, through the browser.
func (p *Page) Download(name, mime string, data []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.once = append(p.once, [3]string{"@download", name, dataURL(mime, data)})
	p.stir()
}

// Close tells the page that the panel is over and gives it a moment to hear it.
func (p *Page) Close() {
	p.mu.Lock()
	p.once = append(p.once, [3]string{"@end", "", ""})
	p.stir()
	p.mu.Unlock()
	for range 20 {
		p.mu.Lock()
		done := len(p.once) == 0 && p.acked == p.sent || !p.left.IsZero()
		p.mu.Unlock()
		select {
		case <-p.ended:
			done = true
		default:
		}
		if done {
			break
		}
		time.Sleep(25 * time.Millisecond)
	}
	p.end("closed")
}

// end closes the events once.
func (p *Page) end(why string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.ended:
	default:
		p.why = why
		close(p.ended)
	}
}

// stir wakes the delivery; p.mu is held.
func (p *Page) stir() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}
