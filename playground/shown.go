// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package playground

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/png"

	"convscope/internal/file"
	"convscope/pkg/ascent"
	"convscope/pkg/picture"
	"convscope/pkg/recipe"
)

// shown is a picture with what it came from.
type shown struct {
	label, details string
	file           string // its name
	img            image.Image
	result         *ascent.Result
	recipe         func() (recipe.Recipe, error) // while its network is there
	loss           []float32
}

// finished is the picture of a finished or stopped run.
func finished(s setting, result *ascent.Result, img image.Image) *shown {
	p := &shown{
		label: s.caption(), details: s.details(), img: img, result: result, loss: result.Loss[0],
		file:   fmt.Sprintf("%s_%d.png", file.Name(s.layer, "layer"), s.filter),
		recipe: func() (recipe.Recipe, error) { return s.of.net.Recipe(result) },
	}
	if s.method != bookMethod {
		p.label += ", " + s.method
	}
	switch {
	case result.Stopped:
		p.label += fmt.Sprintf(" (stopped at step %d)", len(p.loss))
	case result.Dead[0]:
		p.label += " (" + string(result.Fates[0].Life) + ": only noise)"
	}
	return p
}

// forget lets go of the network that the picture came from; picture and numbers stay.
func (s *shown) forget() {
	result := *s.result
	result.Origin, result.Options.Progress = nil, nil
	s.result, s.recipe = &result, nil
}

// showShown shows a picture in one of the two places, exactly.
func (s *session) showShown(place string, what *shown) {
	var buffer bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&buffer, what.img); err == nil {
		s.page.Set(place, "src", "data:image/png;base64,"+base64.StdEncoding.EncodeToString(buffer.Bytes()))
	}
	title := map[string]string{"this": "This: ", "previous": "Previous: "}[place]
	s.page.Set(place+"-caption", "text", title+what.label)
	s.page.Set(place+"-details", "text", what.details)
}

// save hands the picture to the browser as a file.
func (s *session) save() {
	if s.this == nil {
		s.page.Set("error", "text", "There is no finished picture to save yet.")
		return
	}
	made, err := s.this.recipe()
	var buffer bytes.Buffer
	if err == nil {
		err = recipe.Encode(&buffer, s.this.img, made)
	}
	if err != nil {
		s.page.Set("error", "text", oneLine(err))
		return
	}
	s.page.Download(s.this.file, "image/png", buffer.Bytes())
	s.page.Set("status", "text", "Saved as "+s.this.file+" by the browser, with its recipe inside.")
}

// leave puts the last picture in the panel's place.
func (s *session) leave(why string) {
	var buffer bytes.Buffer
	caption := s.this.label
	images, captions := []image.Image{picture.Enlarge(s.this.img, max(1, 300/s.this.img.Bounds().Dx()))},
		[]string{caption}
	if err := png.Encode(&buffer, picture.Strip(images, captions)); err != nil {
		s.page.Final("", nil, caption)
		return
	}
	text := fmt.Sprintf("[picture: %s; %s; the playground ended: %s]", caption, s.this.details, why)
	s.page.Final("image/png", buffer.Bytes(), text)
}
