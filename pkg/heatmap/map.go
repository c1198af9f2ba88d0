// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package heatmap

import (
	"fmt"
	"image"
)

// Map is where a layer sees a class.
type Map struct {
	// Values are the map before any ReLU, [Height, Width] row by row: positive where the layer speaks for the class,
	// negative where it speaks against it.
	Values        []float32
	Height, Width int
	// Shares are what each channel of the layer adds to the mean of Values, signed: they sum up to it.
	Shares []float32
	// Method made the map, for the class with that index and name, of the layer.
	Method Method
	Class  int
	Name   string
	Layer  string
	// Softmax says that the map follows the class's probability, not its logit.
	Softmax bool
	// Score is the class's logit, Probability its softmax.
	Score, Probability float64
	// Logits and Probabilities are those of all classes.
	Logits, Probabilities []float32
	// Photo is the picture as the model saw it.
	Photo *image.NRGBA
	// Stride is how many pixels of Photo one step in the map spans, 0 for an even spread; Field is the side of the
	// square that one place sees.
	Stride, Field int

	pass *pass
}

// pass is what one run of the model gave: the maps of all methods.
type pass struct {
	values []float32 // [methods, h, w]
	shares []float32 // [methods, channels]
}

// By returns the map that another method makes of the same pass. It computes nothing.
func (m *Map) By(method Method) (*Map, error) {
	at, err := method.index()
	if err != nil {
		return nil, err
	}
	if m.pass == nil {
		return nil, fmt.Errorf("this map was not made by Explain: it has no other methods")
	}
	other := *m
	other.Method = methods[at].Method
	size, channels := m.Height*m.Width, len(m.pass.shares)/len(methods)
	other.Values = m.pass.values[at*size : (at+1)*size]
	other.Shares = m.pass.shares[at*channels : (at+1)*channels]
	return &other, nil
}

// MustBy is [Map.By] for notebook cells: errors panic.
func (m *Map) MustBy(method Method) *Map {
	other, err := m.By(method)
	if err != nil {
		panic(err)
	}
	return other
}

// Positive are the values after a ReLU, divided by the largest: from 0 to 1, [Height, Width]. Where no value is
// positive it returns zeros and false.
func (m *Map) Positive() (values []float32, some bool) {
	_, high := m.span()
	values = make([]float32, len(m.Values))
	if high <= 0 {
		return values, false
	}
	for i, v := range m.Values {
		values[i] = max(v, 0) / high
	}
	return values, true
}

// AllNegative says that the layer speaks against the class at some places and for it at none.
func (m *Map) AllNegative() bool {
	low, high := m.span()
	return high <= 0 && low < 0
}

// Note says in one line what is wrong with the map, "" when nothing is.
func (m *Map) Note() string {
	low, high := m.span()
	switch {
	case low == 0 && high == 0 && m.Softmax:
		return fmt.Sprintf("the map of %s is zero: the model is so sure that its probability can't move; "+
			"use the logit", m.Name)
	case low == 0 && high == 0:
		return fmt.Sprintf("the map of %s is zero: nothing in %s speaks for it or against it by %s",
			m.Name, m.Layer, m.Method)
	case m.AllNegative():
		return fmt.Sprintf("nothing in %s speaks for %s: all of the map is negative, so it is drawn signed, the "+
			"darkest blue where most speaks against it", m.Layer, m.Name)
	case m.flat():
		return fmt.Sprintf("the map of %s is the same everywhere: it points nowhere", m.Name)
	}
	return ""
}

// span are the smallest and the largest value.
func (m *Map) span() (low, high float32) {
	if len(m.Values) == 0 {
		return 0, 0
	}
	low, high = m.Values[0], m.Values[0]
	for _, v := range m.Values {
		low, high = min(low, v), max(high, v)
	}
	return low, high
}

// flat says that the values differ by no more than rounding does.
func (m *Map) flat() bool {
	const rounding = 1e-5
	low, high := m.span()
	return high-low <= rounding*max(high, -low)
}
