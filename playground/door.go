// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package playground

import (
	"context"
	"runtime/debug"
	"strings"

	"convscope/display/control"
	"convscope/display/page"
	"convscope/pkg/network"
)

// door is a network that is being opened.
type door struct {
	path, input string
	cancel      context.CancelFunc
}

// arrival is what came of opening one.
type arrival struct {
	door  *door
	found *subject
	err   error
}

// ask takes what was typed into the field for the network, or for what pictures it takes.
func (s *session) ask(event page.Event) {
	now := s.setting.of
	path, input := strings.TrimSpace(event.Value), ""
	if event.Name == inputKnob {
		path, input = now.path, path
	}
	switch {
	case path == "":
		s.refuse("Network: it is empty: give a .keras, .h5 or .onnx file, or the name of one that comes along")
	case event.Name == inputKnob && (!now.isFile() || now.path == ""):
		s.refuse("Input: this network knows what pictures it takes")
	case event.Name == inputKnob && input == network.InputText(now.Network().Input),
		event.Name == networkKnob && now.is(path):
		s.giveUp()
		s.fields()
		s.page.Set("error", "text", "")
	case event.Name == networkKnob && s.given.is(path):
		s.giveUp()
		s.runner.stop()
		s.entry = s.given
		s.enter()
	default:
		s.unlock(path, input)
	}
}

// refuse says what is wrong with a network, and stays with the one that is there. What was typed stays too, to be
// mended, until the next run.
func (s *session) refuse(why string) { s.page.Set("error", "text", why) }

// unlock opens a network, in another goroutine. The run that is on ends: what it takes is the new network's.
func (s *session) unlock(path, input string) {
	s.giveUp()
	s.runner.stop()
	ctx, cancel := context.WithCancel(context.Background())
	d := &door{path, input, cancel}
	s.opening = d
	s.page.Set("error", "text", "")
	s.page.Set("status", "text", "Opening "+path+"…")
	s.page.Set("stop", "disabled", "")
	device := s.given.net.Device()
	go func() {
		found, err := open(ctx, device, path, input)
		if ctx.Err() == nil {
			select {
			case s.doors <- arrival{d, found, err}:
				return
			case <-ctx.Done():
			}
		}
		if found != nil { // nobody waits for it any more
			found.close()
		}
	}()
}

// giveUp stays with the network that is there.
func (s *session) giveUp() {
	if s.entry != nil && s.entry != s.given {
		s.entry.close()
	}
	s.entry = nil
	if s.opening == nil {
		return
	}
	s.opening.cancel()
	s.opening = nil
	s.page.Set("stop", "disabled", hidden(!s.running))
	s.page.Set("status", "text", "Stopped: it is still "+s.setting.of.title())
	s.fields()
}

// arrive takes a network that is open, or says why it isn't.
func (s *session) arrive(a arrival) {
	if a.door != s.opening {
		if a.found != nil {
			a.found.close()
		}
		return
	}
	s.opening.cancel()
	s.opening = nil
	if a.err != nil {
		s.page.Set("stop", "disabled", hidden(!s.running))
		s.page.Set("status", "text", "It is still "+s.setting.of.title())
		s.refuse(oneLine(a.err))
		return
	}
	s.entry = a.found
	s.enter()
}

// enter makes the open network the panel's, once nothing runs on the one before, and gives back what that took.
func (s *session) enter() {
	if s.entry == nil || s.running {
		return
	}
	before, entry := s.setting.of, s.entry
	s.entry = nil
	if before == s.given {
		s.left = s.setting
	}
	setting := s.setting
	if entry == s.given {
		setting.layer, setting.filter, setting.size = s.left.layer, s.left.filter, s.left.size
	}
	turned, err := setting.about(entry)
	if err != nil {
		entry.close()
		s.refuse(oneLine(err))
		return
	}
	s.setting = turned
	for _, earlier := range []*shown{s.this, s.previous} {
		if earlier != nil && before.own {
			earlier.forget()
		}
	}
	if before != entry {
		before.close()
	}
	debug.FreeOSMemory() // weights on the device are given back when the garbage collector finds them
	s.fields()
	s.page.Set(layerKnob+"-options", "html", control.Proposals(turned.knobs()[layerKnob].Options))
	s.showKnobs(networkKnob)
	s.begin()
}

// fields show what the network is.
func (s *session) fields() {
	of := s.setting.of
	s.page.Set(networkKnob, "value", of.title())
	s.page.Set(networkKnob, "title", of.title())
	s.page.Set(networkKnob+"-options", "html", control.Proposals(of.nearby))
	s.page.Set("about", "text", of.about())
	s.page.Set("input-row", "hidden", hidden(!of.isFile()))
	s.page.Set(inputKnob, "value", network.InputText(of.Network().Input))
}
