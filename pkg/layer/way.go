// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package layer

// way is how a form of a layer is computed.
type way struct {
	kind
	// from is the form of what it takes.
	from form
	// activated says whether the layer's activation follows.
	activated bool
}

// kind is what is done.
type kind int

const (
	computes kind = iota // from the inputs
	alike                // so too, with the weights of one channel
	filters              // one channel alone, from all channels of the inputs
	forwards             // nothing: it is the input
	same                 // nothing: it is another form of the same layer
	selects              // one channel is taken out of another form of the same layer
)

// way says how a form of a layer is computed.
func (w *walker) way(i int, f form) way {
	layer := &w.network.Layers[i]
	_, activates := layer.Op.(Activate)
	switch f {
	case whole:
		return way{computes, whole, true}
	case before:
		switch {
		case layer.Activation != nil:
			return way{computes, whole, false}
		case activates:
			return way{forwards, whole, false}
		case w.passing[i]:
			return way{computes, before, false}
		}
		return way{same, whole, false}
	case chosen:
		apart := layer.Activation == nil || separate(layer.Activation)
		if alone := w.alone(i); apart && !w.wanted[whole][i] && alone.kind != selects {
			alone.activated = true
			return alone
		}
		return way{selects, whole, false}
	}
	switch alone := w.alone(i); {
	case layer.Activation != nil && alone.kind != selects:
		return alone
	case layer.Activation != nil:
		return way{selects, before, false}
	case activates:
		return way{forwards, chosen, false}
	case w.passing[i] && alone.kind == alike:
		return way{alike, chosenBefore, false}
	case w.passing[i]:
		return way{selects, before, false}
	}
	return way{same, chosen, false}
}

// alone is how one channel of what a layer's Op makes is computed.
func (w *walker) alone(i int) way {
	op := w.network.Layers[i].Op
	if apart, is := op.(Channelwise); is && apart.Channelwise(w.inputShapes(i)...) {
		return way{kind: alike, from: chosen}
	}
	if _, is := op.(Filtering); is {
		return way{kind: filters, from: whole}
	}
	return way{kind: selects}
}

// inputShapes are the shapes of what a layer takes.
func (w *walker) inputShapes(i int) [][]int {
	return w.network.inputShapes(i, w.input.Shape().Dimensions[1:], w.places, w.shapes)
}

// plan finds out what is wanted, from the last layer to the first.
func (w *walker) plan() {
	for i := len(w.network.Layers) - 1; i >= 0; i-- {
		for f := forms - 1; f >= 0; f-- { // a form may take those before it
			if !w.wanted[f][i] {
				continue
			}
			way := w.way(i, f)
			if way.kind == same || way.kind == selects {
				w.wanted[way.from][i] = true
				continue
			}
			takes := i
			if way.kind == computes && way.from == whole {
				if convolution, folds := w.folds(i); folds {
					w.within[i], takes = convolution, convolution
				}
			}
			for _, name := range w.network.Layers[takes].Inputs {
				if name != Picture {
					w.wanted[way.from][w.places[name]] = true
				}
			}
		}
	}
}

// build builds what is wanted, from the first layer to the last.
func (w *walker) build() {
	for i := range w.network.Layers {
		for f := range forms {
			if w.wanted[f][i] {
				w.built[f][i] = w.form(i, f)
			}
		}
	}
}
