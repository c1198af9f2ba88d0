// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package ascent

import (
	"fmt"
	"math"
)

const (
	// maxWeight keeps the loss and the square of its gradient within float32.
	maxWeight = 1e9
	// maxPower is from where on a power of a cosine is nothing but 0 and 1.
	maxPower = 100
)

// Check returns an error when a model has no such layer or channel, or a number can't be climbed; channels tells how
// many a layer has.
func (o Objective) Check(channels func(layer string) (int, error)) error {
	switch text := o.String(); {
	case len(o.terms) == 0:
		return fmt.Errorf("the objective is empty: name at least one term, such as channel:LAYER:0")
	case len(o.terms) > maxTerms || len(text) > maxObjective:
		return fmt.Errorf("the objective has %d terms in %d bytes: at most %d in %d",
			len(o.terms), len(text), maxTerms, maxObjective)
	}
	counts := false
	for _, t := range o.terms {
		if err := t.check(channels); err != nil {
			return err
		}
		counts = counts || t.weight != 0
	}
	if !counts {
		return fmt.Errorf("objective %s: every factor is 0, so there is nothing to climb", quoted(o.String()))
	}
	return nil
}

// check is Check for one term.
func (t term) check(channels func(layer string) (int, error)) error {
	if err := t.checkNumbers(); err != nil {
		return fmt.Errorf("objective %s: %w", quoted(t.text(term.fileName)), err)
	}
	count, err := channels(t.layer)
	if err != nil {
		return err
	}
	layers, counts := []string{t.layer, t.layer}, []int{count, count}
	if t.other != "" {
		layers[1] = t.other
		if counts[1], err = channels(t.other); err != nil {
			return err
		}
	}
	for i, channel := range t.channels {
		if k := min(i, 1); channel < 0 || channel >= counts[k] {
			return fmt.Errorf("%s has no filter %d: choose 0 to %d", layers[k], channel, counts[k]-1)
		}
	}
	switch {
	case t.kind == "direction" && len(t.vector) != count:
		return fmt.Errorf("a direction in %s has %d numbers, not %d", t.layer, count, len(t.vector))
	case t.kind == "caricature" && t.photo == nil:
		return fmt.Errorf("a caricature in %s needs a photo that has pixels", t.layer)
	}
	return nil
}

// checkNumbers looks at the term alone.
func (t term) checkNumbers() error {
	within := func(what string, v, most float64) error {
		if !(math.Abs(v) <= most) {
			return fmt.Errorf("%s is %g: give a number from %g to %g", what, v, -most, most)
		}
		return nil
	}
	if err := within("the factor", t.weight, maxWeight); err != nil {
		return err
	}
	if err := within("the power", t.power, maxPower); err != nil {
		return err
	}
	if t.kind == "channels" && (len(t.channels) == 0 || len(t.weights) != len(t.channels)) {
		return fmt.Errorf("%d filters with %d weights: give one for each, and at least one",
			len(t.channels), len(t.weights))
	}
	for i, v := range t.weights {
		if err := within(fmt.Sprintf("the weight of filter %d", t.channels[i]), v, maxWeight); err != nil {
			return err
		}
	}
	for i, v := range t.vector {
		if err := within(fmt.Sprintf("number %d of the direction", i), float64(v), maxWeight); err != nil {
			return err
		}
	}
	if n := len(t.place); n != 0 && (n != 2 || t.place[0] < 0 || t.place[1] < 0) {
		return fmt.Errorf("a neuron stands in a row and a column from 0 on, not at %v", t.place)
	}
	return nil
}

// CheckPlaces returns an error when a neuron lies outside its layer, for what the model sees of a picture; size tells
// how many rows and columns of places the layer has then. border is the method's.
func (o Objective) CheckPlaces(border int, size func(layer string) (rows, columns int)) error {
	for _, t := range o.terms {
		if len(t.place) == 0 {
			continue
		}
		rows, columns := size(t.layer)
		rows, columns = rows-2*min(border, (rows-1)/2), columns-2*min(border, (columns-1)/2)
		if err := t.checkPlace(rows, columns); err != nil {
			return err
		}
	}
	return nil
}

// checkPlace returns an [*OptionError] when the term's neuron lies outside a layer that shows that many places.
func (t term) checkPlace(rows, columns int) error {
	if row, column := t.place[0], t.place[1]; row >= 0 && row < rows && column >= 0 && column < columns {
		return nil
	}
	return &OptionError{Option: "objective", Problem: fmt.Sprintf(
		"%s is outside the layer: for what this method shows it of the picture, its rows go from 0 to %d and "+
			"its columns from 0 to %d",
		t.text(term.fileName), rows-1, columns-1)}
}
