// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package gallery

import (
	"image"
	"math"
)

const (
	// directions is how many a look tells apart, scales in how many sizes of structure.
	directions, scales = 8, 2
	// lookLength is how many numbers a look has.
	lookLength = 6 + directions*scales
)

// lookAt describes a picture in numbers from 0 to about 1: the mean of each colour and its deviation, and how much
// contrast runs in each of eight directions, in fine and in coarse structure. Patterns are textures, so where
// something is in them says little.
func lookAt(img image.Image) []float64 {
	bounds := img.Bounds()
	height, width := bounds.Dy(), bounds.Dx()
	look := make([]float64, lookLength)
	gray := make([]float64, height*width)
	count := float64(height * width)
	for y := range height {
		for x := range width {
			r, g, b, _ := img.At(bounds.Min.X+x, bounds.Min.Y+y).RGBA()
			for c, v := range []uint32{r, g, b} {
				level := float64(v) / 0xffff
				look[c] += level / count
				look[3+c] += level * level / count
				gray[y*width+x] += level / 3
			}
		}
	}
	for c := range 3 {
		look[3+c] = 2 * math.Sqrt(max(look[3+c]-look[c]*look[c], 0)) // at most 1
	}
	for scale, far := range []int{1, 4} {
		own := look[6+scale*directions:][:directions]
		total := 0.0
		for y := far; y < height-far; y++ {
			for x := far; x < width-far; x++ {
				down := gray[(y+far)*width+x] - gray[(y-far)*width+x]
				right := gray[y*width+x+far] - gray[y*width+x-far]
				length := math.Hypot(down, right)
				angle := math.Atan2(down, right) + math.Pi // 0 to 2 pi; opposite ones are the same
				own[int(angle/math.Pi*directions)%directions] += length
				total += length
			}
		}
		for i := range own {
			own[i] /= max(total, 1e-9)
		}
	}
	const digits = 1e4
	for i := range look {
		look[i] = math.Round(look[i]*digits) / digits
	}
	return look
}

// inOrder gives each look its place in an order in which neighbours look alike: from the darkest on always to the
// nearest that is left. Those without a look come last.
func inOrder(looks [][]float64) []int {
	places := make([]int, len(looks))
	left := make([]int, 0, len(looks))
	var none []int
	for i, look := range looks {
		if len(look) == 0 || len(look) != len(looks[0]) && len(looks[0]) > 0 {
			none = append(none, i)
		} else {
			left = append(left, i)
		}
	}
	now := -1
	for place := 0; len(left) > 0; place++ {
		best, least := 0, math.Inf(1)
		for k, i := range left {
			far := looks[i][0] + looks[i][1] + looks[i][2]
			if now >= 0 {
				far = distance(looks[now], looks[i])
			}
			if far < least {
				best, least = k, far
			}
		}
		now = left[best]
		places[now] = place
		left = append(left[:best], left[best+1:]...)
	}
	for k, i := range none {
		places[i] = len(looks) - len(none) + k
	}
	return places
}

// distance is the square of how far two looks are apart.
func distance(a, b []float64) (far float64) {
	for i := range min(len(a), len(b)) {
		far += (a[i] - b[i]) * (a[i] - b[i])
	}
	return far
}
