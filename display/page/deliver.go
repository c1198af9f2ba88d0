// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package page

import (
	"encoding/base64"
	"encoding/json"
	"strconv"
	"time"
)

// note is what the page sends: an event, or one of the page's own messages.
type note struct {
	Event
	Page    string `json:"page"` // which page, new after a reload
	Seq     int    `json:"seq"`  // counts a page's messages from 1
	Ack     int    `json:"ack"`
	Waiting int    `json:"waiting"`
	Upload  string `json:"upload"` // which file this is a piece or the end of
	From    int    `json:"from"`   // where in it the piece begins
	Size    int    `json:"size"`   // of the whole file
}

// receive turns the page's messages into events until the page is over.
func (p *Page) receive(incoming <-chan string, hello chan struct{}) {
	defer close(p.events)
	orders := make(map[string]*order)
	for {
		select {
		case <-p.ended:
			return
		case text := <-incoming:
			var n note
			if json.Unmarshal([]byte(text), &n) != nil || n.Seq < 1 {
				continue // not from our script
			}
			if orders[n.Page] == nil {
				orders[n.Page] = &order{next: 1}
			}
			for _, n := range orders[n.Page].put(n, time.Now()) {
				hello = p.take(n, hello)
			}
		case now := <-time.After(swapped):
			for _, o := range orders {
				for _, n := range o.overdue(now) {
					hello = p.take(n, hello)
				}
			}
		}
	}
}

// take handles one message, in its order. It returns hello, or nil once it is closed.
func (p *Page) take(n note, hello chan struct{}) chan struct{} {
	p.mu.Lock()
	p.heard, p.left = time.Now(), time.Time{}
	switch n.Name {
	case "@hello": // also from a page that comes back: it needs all that was set
		for k := range p.state {
			p.dirty[k] = true
		}
		p.acked = p.sent
		p.stir()
	case "@bye":
		p.left = time.Now()
	case "@ack":
		p.acked = max(p.acked, n.Ack)
		p.waiting = n.Waiting
		p.stir()
	case "@piece":
		p.piece(n)
	}
	if n.Upload != "" && n.Upload == p.upload && n.Name != "" && n.Name[0] != '@' {
		if n.Size == len(p.data) {
			n.Data = p.data
		}
		p.upload, p.data = "", nil
	}
	p.mu.Unlock()
	if n.Name == "@hello" && hello != nil {
		close(hello)
		return nil
	}
	if n.Name != "" && n.Name[0] != '@' {
		select {
		case p.events <- n.Event:
		case <-p.ended:
		}
	}
	return hello
}

// piece puts a piece of a file behind those that are here, and tells the page how far the file is. A piece that comes
// once more changes nothing.
func (p *Page) piece(n note) {
	if n.Upload != p.upload && n.From == 0 {
		p.upload, p.data = n.Upload, nil
	}
	if n.Upload != p.upload {
		return
	}
	if bytes, err := base64.StdEncoding.DecodeString(n.Value); err == nil && n.From == len(p.data) {
		p.data = append(p.data, bytes...)
	}
	p.once = append(p.once, [3]string{"@arrived", n.Upload, strconv.Itoa(len(p.data))})
	p.stir()
}

// deliver sends what was set, a message at a time: the next one leaves when the page has shown the last. A page that
// is slow skips values, and one that is gone costs GoNB, which waits seconds for it, one message and not all.
func (p *Page) deliver() {
	for {
		select {
		case <-p.ended:
			return
		case <-p.wake:
		case <-time.After(time.Second):
		}
		if text, why := p.next(time.Now()); why != "" {
			p.end(why)
			return
		} else if text != "" {
			send(p.address(), text)
		}
	}
}

// next is the next message to send, or why the page is over.
func (p *Page) next(now time.Time) (text, why string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch quiet := now.Sub(p.heard); {
	case !p.left.IsZero():
		if now.Sub(p.left) > returns {
			return "", "the page was closed"
		}
		return "", ""
	case quiet > silence:
		return "", "the page is silent"
	case p.acked < p.sent:
		return "", "" // it may still answer, or come back and say hello
	case len(p.dirty) == 0 && len(p.once) == 0 && quiet < pulse:
		return "", ""
	}
	sets := [][3]string{}
	for _, k := range p.order {
		if p.dirty[k] {
			sets = append(sets, [3]string{k.name, k.property, p.state[k]})
		}
	}
	sets = append(sets, p.once...)
	p.dirty, p.once = make(map[key]bool), nil
	p.sent++
	message, err := json.Marshal(map[string]any{"n": p.sent, "sets": sets})
	if err != nil {
		panic(err) // strings can't fail
	}
	return string(message), ""
}

// dataURL is a file inside an address.
func dataURL(mime string, data []byte) string {
	return "data:" + mime + ";base64," + base64.StdEncoding.EncodeToString(data)
}
