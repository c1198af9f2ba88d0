// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package ascent

// Life says whether a filter ever answered.
type Life string

const (
	// Alive filters answered to their own start.
	Alive Life = "alive"
	// Rescued ones were silent, and woken.
	Rescued Life = "rescued"
	// Inert ones stay silent whatever was tried, or provably: they have no pattern.
	Inert Life = "inert"
	// Dead ones were silent, and nothing was tried: their picture shows nothing of them.
	Dead Life = "dead"
)

// Fate is what became of one filter's picture.
type Fate struct {
	Life Life `json:"life"`
	// How says what woke a rescued filter, or why an inert one is called so.
	How string `json:"how,omitempty"`
	// Proven says that an inert one's silence follows from its weights.
	Proven bool `json:"proven,omitempty"`
}

// Shown says whether the picture shows the filter's pattern.
func (f Fate) Shown() bool { return f.Life != Dead && f.Life != Inert }

// badge is the word for a picture's corner: none for a filter that is alive.
func (f Fate) badge() string {
	if f.Life == Alive {
		return ""
	}
	return string(f.Life)
}
