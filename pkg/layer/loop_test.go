// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package layer_test

import (
	"math"
	"slices"
)

// array holds numbers, the last axis innermost. The functions here are what the layers compute, as plain loops.
type array struct {
	dims   []int
	values []float64
}

func newArray(dims ...int) array {
	size := 1
	for _, dim := range dims {
		size *= dim
	}
	return array{dims, make([]float64, size)}
}

// at is the place of a number.
func (a array) at(place ...int) *float64 {
	i := 0
	for axis, k := range place {
		if k < 0 || k >= a.dims[axis] {
			return new(float64) // nothing is outside
		}
		i = i*a.dims[axis] + k
	}
	return &a.values[i]
}

// each calls the function with every place.
func (a array) each(visit func(place []int)) {
	place := make([]int, len(a.dims))
	for i := range a.values {
		for axis, rest := len(a.dims)-1, i; axis >= 0; axis-- {
			place[axis], rest = rest%a.dims[axis], rest/a.dims[axis]
		}
		visit(place)
	}
}

// made is an array whose numbers the function gives.
func made(dims []int, value func(place []int) float64) array {
	a := newArray(dims...)
	a.each(func(place []int) { *a.at(place...) = value(place) })
	return a
}

// mapped is an array of the same shape.
func mapped(a array, value func(x float64) float64) array {
	return made(a.dims, func(place []int) float64 { return value(*a.at(place...)) })
}

// geometry says by hand how a window goes over a picture: what lies before it, and how many positions come out.
type geometry struct {
	kernel, stride, dilation, begin, out [2]int
	groups                               int
}

// conv convolves x [batch, height, width, in] with a kernel [height, width, in/groups, filters].
func conv(x, kernel array, g geometry) array {
	in, filters := kernel.dims[2], kernel.dims[3]
	return made([]int{x.dims[0], g.out[0], g.out[1], filters}, func(p []int) (sum float64) {
		group := p[3] / (filters / g.groups)
		for row := range g.kernel[0] {
			for column := range g.kernel[1] {
				for c := range in {
					sum += *kernel.at(row, column, c, p[3]) * *x.at(p[0], p[1]*g.stride[0]-g.begin[0]+row*g.dilation[0],
						p[2]*g.stride[1]-g.begin[1]+column*g.dilation[1], group*in+c)
				}
			}
		}
		return sum
	})
}

// transposed scatters each position of x over the result; the kernel is [height, width, filters/groups, in].
func transposed(x, kernel array, g geometry) array {
	each, in := kernel.dims[2], x.dims[3]
	y := newArray(x.dims[0], g.out[0], g.out[1], each*g.groups)
	x.each(func(p []int) {
		group := p[3] / (in / g.groups)
		for row := range g.kernel[0] {
			for column := range g.kernel[1] {
				for f := range each {
					*y.at(p[0], p[1]*g.stride[0]-g.begin[0]+row*g.dilation[0], p[2]*g.stride[1]-g.begin[1]+column*g.dilation[1],
						group*each+f) += *x.at(p...) * *kernel.at(row, column, f, p[3])
				}
			}
		}
	})
	return y
}

// biased adds a number for each channel.
func biased(x, bias array) array {
	return made(x.dims, func(p []int) float64 { return *x.at(p...) + bias.values[p[len(p)-1]] })
}

// pooled is what becomes of each window; of a maximum what lies outside is -inf.
func pooled(x array, g geometry, makes func(inside []float64) float64) array {
	return made([]int{x.dims[0], g.out[0], g.out[1], x.dims[3]}, func(p []int) float64 {
		var inside []float64
		for row := range g.kernel[0] {
			for column := range g.kernel[1] {
				at := []int{p[1]*g.stride[0] - g.begin[0] + row*g.dilation[0],
					p[2]*g.stride[1] - g.begin[1] + column*g.dilation[1]}
				if at[0] >= 0 && at[1] >= 0 && at[0] < x.dims[1] && at[1] < x.dims[2] {
					inside = append(inside, *x.at(p[0], at[0], at[1], p[3]))
				}
			}
		}
		return makes(inside)
	})
}

func mean(list []float64) float64 { return sum(list) / float64(len(list)) }

func sum(list []float64) (all float64) {
	for _, x := range list {
		all += x
	}
	return all
}

// reduced makes one number of all along the axes, which stay as 1.
func reduced(x array, axes []int, makes func([]float64) float64) array {
	dims := slices.Clone(x.dims)
	for _, axis := range axes {
		dims[axis] = 1
	}
	lists := make(map[string][]float64)
	key := func(p []int) string {
		k := make([]byte, len(p))
		for i := range p {
			if dims[i] > 1 {
				k[i] = byte(p[i])
			}
		}
		return string(k)
	}
	x.each(func(p []int) { lists[key(p)] = append(lists[key(p)], *x.at(p...)) })
	return made(dims, func(p []int) float64 { return makes(lists[key(p)]) })
}

// normalized takes x to a mean of 0 and a variance of 1 along the axes.
func normalized(x array, axes []int, epsilon float64) array {
	means := reduced(x, axes, mean)
	variances := reduced(x, axes, func(list []float64) (v float64) {
		m := mean(list)
		for _, x := range list {
			v += (x - m) * (x - m) / float64(len(list))
		}
		return v
	})
	return made(x.dims, func(p []int) float64 {
		return (*x.at(p...) - broadcast(means, p)) / math.Sqrt(broadcast(variances, p)+epsilon)
	})
}

// broadcast is the number that stands at a place, in all places of an axis of 1.
func broadcast(a array, place []int) float64 {
	own := slices.Clone(place[len(place)-len(a.dims):])
	for axis := range own {
		own[axis] = min(own[axis], a.dims[axis]-1)
	}
	return *a.at(own...)
}
