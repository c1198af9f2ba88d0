// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package example

import "math"

// MostAlike is how many filters a layer may have for their correlations to be computed.
const MostAlike = 2048

// moments are those of filters over all positions of many pictures.
type moments struct {
	positions float64
	sums      []float64 // of the activations
	products  []float64 // of each two, the first not after the second: [filters, filters]
}

func newMoments(filters int) *moments {
	return &moments{sums: make([]float64, filters), products: make([]float64, filters*filters)}
}

// add adds a picture of so many positions: the filters' means, and for each two the sum of the products of what
// differs from the means. So nothing cancels out in float32.
func (m *moments) add(positions int, means, products []float32) {
	n, filters := float64(positions), len(m.sums)
	m.positions += n
	for i, mean := range means {
		m.sums[i] += n * float64(mean)
		share := n * float64(mean)
		row, own := m.products[i*filters:(i+1)*filters], products[i*filters:(i+1)*filters]
		for k := i; k < filters; k++ {
			row[k] += float64(own[k]) + share*float64(means[k])
		}
	}
}

// correlations are those of each two filters.
func (m *moments) correlations() [][]float32 {
	filters := len(m.sums)
	covariance := func(i, k int) float64 {
		return m.products[i*filters+k] - m.sums[i]*m.sums[k]/m.positions
	}
	const noise = 1e-10 // of the squares: float32's
	deviations := make([]float64, filters)
	for i := range deviations {
		if variance := covariance(i, i); variance > noise*m.products[i*filters+i] {
			deviations[i] = math.Sqrt(variance)
		}
	}
	all := make([][]float32, filters)
	for i := range all {
		all[i] = make([]float32, filters)
		for k := range i {
			all[i][k] = all[k][i]
		}
		for k := i; k < filters; k++ {
			if scale := deviations[i] * deviations[k]; scale > 0 {
				all[i][k] = float32(min(max(covariance(i, k)/scale, -1), 1))
			}
		}
	}
	return all
}
