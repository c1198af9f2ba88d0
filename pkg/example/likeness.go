// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package example

import "slices"

// Likeness is an order of a layer's filters in which neighbours answer alike, from their correlations:
// [filters][filters], as [Result.Alike] has them. It begins as a chain from each filter to the one that is the most
// alike of those left, and turns parts of it round as long as that brings like ones together (2-opt; Croes, "A method
// for solving traveling-salesman problems", Operations Research 6, 1958). The same correlations give the same order.
func Likeness(alike [][]float32) []int {
	n := len(alike)
	if n == 0 {
		return nil
	}
	order, left := []int{mostAlike(alike)}, make([]int, 0, n)
	for i := range n {
		if i != order[0] {
			left = append(left, i)
		}
	}
	for len(left) > 0 {
		last, best := order[len(order)-1], 0
		for i, filter := range left {
			if alike[last][filter] > alike[last][left[best]] {
				best = i
			}
		}
		order = append(order, left[best])
		left = slices.Delete(left, best, best+1)
	}
	const rounds, least = 50, 1e-6 // turning ends by itself, but may take long
	joint := func(i, k int) float32 {
		if i < 0 || k == n {
			return 0
		}
		return alike[order[i]][order[k]]
	}
	for round, turned := 0, true; turned && round < rounds; round++ {
		turned = false
		for i := range n {
			for k := i + 1; k < n; k++ {
				before, after := joint(i-1, i)+joint(k, k+1), float32(0)
				if i > 0 {
					after += alike[order[i-1]][order[k]]
				}
				if k+1 < n {
					after += alike[order[i]][order[k+1]]
				}
				if after > before+least {
					slices.Reverse(order[i : k+1])
					turned = true
				}
			}
		}
	}
	if order[0] > order[n-1] { // either end may come first
		slices.Reverse(order)
	}
	return order
}

// mostAlike is the filter that is most like another one.
func mostAlike(alike [][]float32) int {
	best, most := 0, float32(-2)
	for i, row := range alike {
		for k, v := range row {
			if i != k && v > most {
				best, most = i, v
			}
		}
	}
	return best
}
