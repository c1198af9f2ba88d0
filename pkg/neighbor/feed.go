// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package neighbor

import "math"

// feeding is which filters feed those of a layer with kernels.
type feeding struct {
	*combination
	groups [][]feed // those that each group of filters reads
}

// feed is a filter, and the channels that it reaches.
type feed struct {
	place
	terms []term
}

// term is what of a filter becomes a part of a channel.
type term struct {
	channel int
	source
}

// feeding follows the channels that a layer takes. It is empty where its weights aren't known.
func (t *tracer) feeding(i int) *feeding {
	c := t.combination(i)
	if c == nil {
		return &feeding{}
	}
	f := &feeding{c, make([][]feed, c.in/c.group)}
	for g := range f.groups {
		at := make(map[place]int)
		for channel := g * c.group; channel < (g+1)*c.group; channel++ {
			for _, s := range t.trace(c.input, channel, c.pointwise()) {
				k, known := at[s.place]
				if !known {
					k = len(f.groups[g])
					at[s.place] = k
					f.groups[g] = append(f.groups[g], feed{place: s.place})
				}
				f.groups[g][k].terms = append(f.groups[g][k].terms, term{channel, s})
			}
		}
	}
	return f
}

// of are the filters that feed one.
func (f *feeding) of(filter int) []feed {
	if f.combination == nil {
		return nil
	}
	return f.groups[filter/f.beside]
}

// kernel joins a filter with one that it feeds.
func (f *feeding) kernel(feed feed, filter int) (sum window) {
	for _, term := range feed.terms {
		sum = sum.plus(term.times(f.combination.kernel(term.channel, filter)))
	}
	return sum
}

// weight is that of the kernel.
func (f *feeding) weight(feed feed, filter int) float64 {
	only := feed.terms[0]
	switch { // without a kernel in memory where that goes, as there are very many
	case len(feed.terms) > 1:
		return f.kernel(feed, filter).weight()
	case only.window != nil:
		return only.window.weight() * only.scale * f.at(0, only.channel, filter)
	}
	var sum, squares float64
	for i := range f.rows * f.columns {
		v := f.at(i, only.channel, filter) * only.scale
		sum += v
		squares += v * v
	}
	return signed(math.Sqrt(squares), sum)
}
