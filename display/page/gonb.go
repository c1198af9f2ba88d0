// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package page

import (
	"sync"

	"github.com/janpfeifer/gonb/gonbui"
	_ "github.com/janpfeifer/gonb/gonbui/comms" // sets its dispatcher first, so that ours comes before it
	"github.com/janpfeifer/gonb/gonbui/protocol"
)

// What follows takes the place of gonbui/comms, widgets and dom, which in v0.11.4
//   - wait for ever for a browser that is not there (Slider.Done, Select.Done, Button.Done, ReadValue, GetInnerHtml);
//   - leave their lock locked after a message that nobody subscribed to, so that the next one hangs
//     (dispatchValueUpdates);
//   - run each callback in a goroutine of its own, so that values arrive out of order (dispatchValueUpdates);
//   - say of an open channel that it is closed, and the reverse (AddressChan.IsClosed), and read a slider's value
//     without a lock;
//   - drop values that JavaScript takes for false, such as 0 and "" (websocket.js).
//
// It may go when these are mended; what it needs of GoNB is the protocol alone.

var (
	subscribing sync.Mutex
	subscribers = make(map[string]chan<- string)
)

func init() {
	others := gonbui.OnCommValueUpdate
	gonbui.OnCommValueUpdate = func(message *protocol.CommValue) {
		subscribing.Lock()
		to, ours := subscribers[message.Address]
		subscribing.Unlock()
		if !ours {
			if others != nil {
				others(message)
			}
			return
		}
		if text, ok := message.Value.(string); ok {
			select {
			case to <- text:
			default: // nobody reads any more
			}
		}
	}
}

// subscribe returns what arrives at the address, in the order in which the kernel delivers it.
func subscribe(address string) <-chan string {
	incoming := make(chan string, 1024)
	subscribing.Lock()
	defer subscribing.Unlock()
	subscribers[address] = incoming
	return incoming
}

// announce asks the kernel to deliver what the page sends to the address. The kernel first sees to its own connection
// to the browser, for up to 3 s.
func announce(address string) {
	gonbui.SendData(&protocol.DisplayData{Data: map[protocol.MIMEType]any{
		protocol.MIMECommSubscribe: &protocol.CommSubscription{Address: address},
	}})
}

// send sends text to the page.
func send(address, text string) {
	gonbui.SendData(&protocol.DisplayData{Data: map[protocol.MIMEType]any{
		protocol.MIMECommValue: &protocol.CommValue{Address: address, Value: text},
	}})
}
