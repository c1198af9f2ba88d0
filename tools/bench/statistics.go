// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package bench

import (
	"math"
	"slices"
)

// Summary is what a side's rounds come to.
type Summary struct {
	// Median, Least and Most are seconds.
	Median float64 `json:"median"`
	Least  float64 `json:"least"`
	Most   float64 `json:"most"`
	// Ratio is our median divided by the side's, and Paired the median over the rounds of our time divided by the
	// side's in the same round; 0 for ourselves, and where ours is missing. Below 1 we are faster.
	Ratio  float64 `json:"ratio,omitempty"`
	Paired float64 `json:"paired,omitempty"`
	// Losses says how the side's losses compare with ours.
	Losses *Agreement `json:"lossesAgree,omitempty"`
}

// Agreement compares the last losses of a side with ours, filter by filter.
type Agreement struct {
	// Mean is the relative difference of the means over all filters. Same says that it is at most a hundredth.
	Mean float64 `json:"mean"`
	Same bool    `json:"same"`
	// Worst is the largest relative difference of one filter, WorstFilter. Filters below a hundredth of the strongest
	// don't count.
	Worst       float64 `json:"worst"`
	WorstFilter int     `json:"worstFilter"`
}

// sameLoss is how far the mean loss may lie from ours for the times to be comparable, and weak the part of the
// strongest filter's loss below which a filter's own difference says nothing.
const (
	sameLoss = 0.01
	weak     = 0.01
)

// summarize makes the summary of a side beside ours; nil when there was no round.
func summarize(s, us *Side) *Summary {
	if len(s.Seconds) == 0 {
		return nil
	}
	sum := &Summary{Median: median(s.Seconds), Least: slices.Min(s.Seconds), Most: slices.Max(s.Seconds)}
	if s == us || len(us.Seconds) == 0 {
		return sum
	}
	sum.Ratio, sum.Paired = median(us.Seconds)/sum.Median, paired(us.Seconds, s.Seconds)
	sum.Losses = agree(us.Losses, s.Losses)
	return sum
}

// median is the middle of the values, of which there is at least one.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

// paired is the median over the rounds that both have of our time divided by theirs.
func paired(us, them []float64) float64 {
	var ratios []float64
	for i := range min(len(us), len(them)) {
		ratios = append(ratios, us[i]/them[i])
	}
	return median(ratios)
}

// agree compares losses of the same filters; nil where they can't be compared.
func agree(us, them []float64) *Agreement {
	if len(us) == 0 || len(us) != len(them) {
		return nil
	}
	a := &Agreement{}
	var sum, difference float64
	strongest := slices.Max(us)
	for i, loss := range us {
		sum += loss
		difference += them[i] - loss
		if loss < strongest*weak || loss <= 0 {
			continue
		}
		if d := math.Abs(them[i]-loss) / loss; d > a.Worst {
			a.Worst, a.WorstFilter = d, i
		}
	}
	if a.Mean = math.Abs(difference); sum > 0 {
		a.Mean /= sum
	}
	a.Same = a.Mean <= sameLoss
	return a
}
