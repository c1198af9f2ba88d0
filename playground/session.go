// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package playground

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"convscope/display/control"
	"convscope/display/page"
	"convscope/pkg/ascent"
	"convscope/pkg/network"
)

// grace is how long an untouched panel stays after its first picture when other cells wait for it.
const grace = 5 * time.Second

// session is one panel being served. All its fields belong to the goroutine of serve.
type session struct {
	page    *page.Page
	setting setting
	idle    time.Duration
	runner  *runner

	run      int  // number of the last run that was asked for
	running  bool // it is on
	touched  time.Time
	untold   bool // nobody touched anything yet
	finished time.Time
	this     *shown // what is in the first place
	previous *shown
	code     bool // the code is shown

	given   *subject     // the reader's network
	left    setting      // where its knobs stood
	doors   chan arrival // of networks that are being opened
	opening *door        // the one that is waited for
	entry   *subject     // it is open, and waits for the run that is on to end
}

func newSession(p *page.Page, s setting, idle time.Duration) *session {
	return &session{
		page: p, setting: s, idle: idle, runner: newRunner(), touched: time.Now(), untold: true,
		given: s.of, doors: make(chan arrival),
	}
}

// serve handles what comes until the panel ends, and leaves the last picture in the notebook.
func (s *session) serve(ctx context.Context) (*ascent.Result, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go s.runner.serve(ctx)
	s.page.Set("form", "disabled", "")
	s.page.Set("code", "text", s.setting.code())
	s.begin()
	why := s.loop(ctx)
	s.giveUp()
	s.runner.stop()
	cancel()
	for end := range s.runner.outcomes { // a run that was on ends within a step and keeps what it has
		s.take(end)
	}
	defer s.setting.of.close()
	s.page.Close()
	if (s.this == nil || len(s.this.loss) == 0) && s.previous != nil {
		s.this = s.previous // a run that was only just begun has nothing to show
	}
	if s.this == nil {
		s.page.Final("", nil, "The playground ended before its first picture: "+why+".")
		return nil, ctx.Err()
	}
	s.leave(why)
	if s.setting.of.own {
		s.this.forget()
	}
	return s.this.result, nil
}

// loop returns why the panel ended.
func (s *session) loop(ctx context.Context) string {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return "stopped"
		case event, open := <-s.page.Events():
			if !open {
				return s.page.Why()
			}
			s.touched, s.untold = time.Now(), false
			if event.Name == "done" {
				return "Done"
			}
			s.handle(event)
		case a := <-s.doors:
			s.arrive(a)
		case f := <-s.runner.frames:
			s.show(f)
		case end, open := <-s.runner.outcomes:
			if !open {
				return "stopped"
			}
			s.take(end)
		case now := <-tick.C:
			if why := s.over(now); why != "" {
				return why
			}
		}
	}
}

// over says why the panel should end now, or "", and tells the reader how long it stays.
func (s *session) over(now time.Time) string {
	if s.running || s.opening != nil {
		s.touched = now // a run counts as company
	}
	left := s.idle - now.Sub(s.touched)
	if left <= 0 {
		return fmt.Sprintf("nobody touched it for %s", duration(s.idle))
	}
	foot := fmt.Sprintf("Ends by Done, or by itself after %s without a touch (%s left); the last picture stays.",
		duration(s.idle), duration(left))
	if waiting := s.page.Waiting(); waiting > 0 {
		foot = fmt.Sprintf("Cells that wait for Done: %d. %s", waiting, foot)
		if s.untold && !s.finished.IsZero() && now.Sub(s.finished) > grace {
			return "other cells waited; run this cell alone to play"
		}
	}
	s.page.Set("foot", "text", foot)
	return ""
}

// duration is a time in words, in whole minutes when it is long.
func duration(d time.Duration) string {
	if d >= 2*time.Minute {
		return fmt.Sprintf("%d minutes", int((d+30*time.Second)/time.Minute))
	}
	return fmt.Sprintf("%d s", int((d+time.Second-1)/time.Second))
}

// handle acts on one event of the page.
func (s *session) handle(event page.Event) {
	switch event.Name {
	case networkKnob, inputKnob:
		if event.Kind == "change" {
			s.ask(event)
		}
		return
	case "stop":
		s.giveUp()
		s.runner.stop()
		return
	}
	if s.opening != nil && event.Kind != "input" && event.Name != "copy" && event.Name != "save" {
		s.page.Set("error", "text", "It is opening "+s.opening.path+": Stop gives that up.")
		return
	}
	switch event.Name {
	case "run":
		if s.running {
			s.page.Set("error", "text", "It is running already: Stop ends it, and a knob starts it anew.")
			return
		}
		s.begin()
	case "copy":
		s.code = !s.code
		s.page.Set("code", "hidden", hidden(!s.code))
	case "save":
		s.save()
	case photoKnob:
		s.photo(event)
	default:
		s.turn(event)
	}
}

// turn takes a knob's new value and starts the new picture.
func (s *session) turn(event page.Event) {
	slides := event.Name == filterKnob
	if _, known := s.setting.knobs()[event.Name]; !known || (event.Kind == "input") != slides {
		return // fields count when they are left, sliders while they move
	}
	turned, err := s.setting.turn(event.Name, event.Value)
	if err == nil {
		err = turned.of.check(turned.layer, ascent.MustMethod(turned.method), turned.size)
	}
	if err != nil {
		s.page.Set("error", "text", oneLine(err))
		return
	}
	same := turned == s.setting
	s.setting = turned
	s.showKnobs(event.Name)
	if same {
		s.page.Set("error", "text", "")
		return
	}
	if turned.start == fromPhoto && turned.photo == nil {
		s.page.Set("status", "text", "Choose a photo to start from.")
		s.runner.stop()
		return
	}
	s.begin()
}

// showKnobs brings the other controls in line with the one that was turned.
func (s *session) showKnobs(turned string) {
	knobs := s.setting.knobs()
	filter := strconv.Itoa(s.setting.filter)
	for _, name := range []string{filterKnob, exactKnob} {
		s.page.Set(name, "max", fmt.Sprint(knobs[name].Max))
		if name != turned {
			s.page.Set(name, "value", filter)
		}
	}
	s.page.Set(filterKnob+"-echo", "text", filter)
	s.page.Set(layerKnob, "value", s.setting.layer)
	s.page.Set(sizeKnob, "min", fmt.Sprint(knobs[sizeKnob].Min))
	s.page.Set(sizeKnob, "max", fmt.Sprint(knobs[sizeKnob].Max))
	if turned != sizeKnob {
		s.page.Set(sizeKnob, "value", knobs[sizeKnob].Value)
	}
	if turned == methodKnob {
		s.page.Set(stepsKnob, "value", knobs[stepsKnob].Value)
		s.page.Set(stepKnob, "value", knobs[stepKnob].Value)
	}
	s.page.Set("photo-row", "hidden", hidden(s.setting.start != fromPhoto))
	s.page.Set(seedKnob, "disabled", hidden(s.setting.start == fromPhoto))
	s.page.Set("code", "text", s.setting.code())
}

// hidden is a property that is either on or off.
func hidden(on bool) string {
	if on {
		return "yes"
	}
	return ""
}

// photo takes the reader's picture.
func (s *session) photo(event page.Event) {
	img, err := control.DecodePhoto(event.Value, event.Title)
	if err != nil {
		s.page.Set("error", "text", err.Error())
		return
	}
	s.setting.photo, s.setting.photoName = img, event.Title
	s.showKnobs(photoKnob)
	s.begin()
}

// begin starts a run of the setting; what is in the first place goes to the second if it was finished or stopped by
// hand.
func (s *session) begin() {
	if s.this != nil {
		s.previous = s.this
		s.showShown("previous", s.previous)
	}
	s.this = nil
	s.page.Set(networkKnob, "value", s.setting.of.title())
	s.page.Set(inputKnob, "value", network.InputText(s.setting.of.Network().Input))
	s.run++
	s.running = true
	s.page.Set("error", "text", "")
	s.page.Set("stop", "disabled", "")
	s.page.Set("save", "disabled", hidden(true))
	s.page.Set("status", "text", "Starting…")
	s.page.Set("this-caption", "text", "This: "+s.setting.caption())
	s.page.Set("this-details", "text", s.setting.details())
	s.runner.start(s.run, s.setting)
}

// show shows a frame of the run that is on.
func (s *session) show(f frame) {
	if f.run != s.run || f.jpeg == nil || !s.running {
		return
	}
	s.page.Set("this", "src", "data:image/jpeg;base64,"+base64.StdEncoding.EncodeToString(f.jpeg))
	status := fmt.Sprintf("Step %d of %d · activation %s", f.step, f.steps, amount(f.loss[len(f.loss)-1]))
	if f.dead {
		status += " · silent so far"
	}
	if f.perStep > 0 {
		left := f.perStep * time.Duration(f.steps-f.step)
		status += fmt.Sprintf(" · %.0f ms a step · %.1f s left",
			float64(f.perStep)/float64(time.Millisecond), left.Seconds())
	}
	s.page.Set("status", "text", status)
	s.curves(f.loss, f.steps)
}

// curves draws this and the previous losses in one field.
func (s *session) curves(loss []float32, steps int) {
	var before []float32
	if s.previous != nil {
		before = s.previous.loss
	}
	low, high := bounds(loss, before)
	longest := max(steps, len(before))
	s.page.Set("curve", "d", path(loss, longest, low, high))
	s.page.Set("previous-curve", "d", path(before, longest, low, high))
	text := fmt.Sprintf("activation by step, from %s to %s", amount(low), amount(high))
	if len(before) > 0 {
		text += "; gray: the previous picture"
	}
	s.page.Set("range", "text", text)
}

// amount is an activation in four digits or more, without a power of ten where it can be read without.
func amount(v float32) string {
	if size := math.Abs(float64(v)); size >= 1000 && size < 1e9 {
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprintf("%.4g", v)
}

// take takes the end of a run.
func (s *session) take(end outcome) {
	if end.run != s.run {
		return // another one was asked for since
	}
	s.running = false
	defer s.enter()
	s.finished = time.Now()
	s.page.Set("stop", "disabled", hidden(s.opening == nil))
	if end.err != nil {
		s.say("")
		s.page.Set("error", "text", oneLine(end.err))
		return
	}
	images, err := end.result.Images()
	if err != nil {
		s.page.Set("error", "text", oneLine(err))
		return
	}
	s.this = finished(end.setting, end.result, images[0])
	s.showShown("this", s.this)
	s.curves(s.this.loss, end.setting.steps)
	s.page.Set("save", "disabled", "")
	s.say(verdict(end))
}

// say is what the panel does, unless it is opening a network.
func (s *session) say(status string) {
	if s.opening == nil {
		s.page.Set("status", "text", status)
	}
}

// verdict says how a run ended.
func verdict(end outcome) string {
	r, loss := end.result, end.result.Loss[0]
	text := fmt.Sprintf("Done in %.2f s", (r.Time.Compile + r.Time.Ascent).Seconds())
	if r.Stopped {
		text = fmt.Sprintf("Stopped at step %d of %d", len(loss), end.setting.steps)
	}
	if taken := len(loss); taken > 0 {
		text += fmt.Sprintf(" · activation %s to %s · %.0f ms a step", amount(loss[0]), amount(loss[taken-1]),
			float64(r.Time.Ascent)/float64(time.Millisecond)/float64(taken))
	}
	if r.Time.Compile > 0 {
		text += fmt.Sprintf(" · %.1f s to compile", r.Time.Compile.Seconds())
	}
	switch fate := r.Fates[0]; {
	case r.Dead[0]:
		text += " · " + string(fate.Life) + ": the picture is only noise"
	case fate.Life == ascent.Rescued:
		text += " · rescued by " + fate.How
	}
	return text
}

// oneLine is an error without line breaks.
func oneLine(err error) string {
	if errors.Is(err, context.Canceled) {
		return "stopped"
	}
	return strings.Join(strings.Fields(err.Error()), " ")
}
