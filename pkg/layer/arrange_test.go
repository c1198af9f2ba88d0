// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package layer_test

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/pkg/layer"
)

// moved takes each number of the result from a place of x, or outside it is the value.
func moved(dims []int, x array, from func(p []int) []int) array {
	return made(append([]int{batch}, dims...), func(p []int) float64 { return *x.at(from(p)...) })
}

func TestArrange(t *testing.T) {
	is := func(dims []int, from func(p []int) []int) func([]array, map[string]array) array {
		return func(x []array, _ map[string]array) array { return moved(dims, x[0], from) }
	}
	in := [][]int{{3, 4, 2}}
	flat := func(dims ...int) func([]array, map[string]array) array {
		return func(x []array, _ map[string]array) array { return array{append([]int{batch}, dims...), x[0].values} }
	}
	run(t, []example{
		{"flatten", layer.Flatten{}, in, flat(24)},
		{"flatten, channels first", layer.Flatten{ChannelsFirst: true}, in, is([]int{24}, func(p []int) []int {
			return []int{p[0], p[1] % 12 / 4, p[1] % 4, p[1] / 12}
		})},
		{"flatten features", layer.Flatten{ChannelsFirst: true}, [][]int{{5}}, flat(5)},
		{"reshape", layer.Reshape{To: []int{0, 2, -1}}, in, flat(3, 2, 4)},
		{"permute", layer.Permute{Axes: []int{2, 0, -2}}, in,
			is([]int{2, 3, 4}, func(p []int) []int { return []int{p[0], p[2], p[3], p[1]} })},
		{"squeeze", layer.Squeeze{}, [][]int{{1, 1, 5}}, flat(5)},
		{"squeeze one", layer.Squeeze{Axes: []int{-2}}, [][]int{{1, 1, 5}}, flat(1, 5)},
		{"expand", layer.Expand{Axes: []int{0, -1}}, [][]int{{5, 2}}, flat(1, 5, 2, 1)},
		{"concat", layer.Concat{Axis: -1}, [][]int{{3, 4, 2}, {3, 4, 1}, {3, 4, 2}},
			func(x []array, _ map[string]array) array {
				return made([]int{batch, 3, 4, 5}, func(p []int) float64 {
					return *x[0].at(p...) + *x[1].at(p[0], p[1], p[2], p[3]-2) + *x[2].at(p[0], p[1], p[2], p[3]-3)
				})
			}},
		{"concat rows", layer.Concat{Axis: 0}, [][]int{{3, 4, 2}, {1, 4, 2}}, func(x []array, _ map[string]array) array {
			return made([]int{batch, 4, 4, 2}, func(p []int) float64 {
				return *x[0].at(p...) + *x[1].at(p[0], p[1]-3, p[2], p[3])
			})
		}},
		{"pad", layer.Pad{Begin: []int{1, 0}, End: []int{2, 1}}, in,
			is([]int{6, 5, 2}, func(p []int) []int { return []int{p[0], p[1] - 1, p[2], p[3]} })},
		{"pad with a value, and channels", layer.Pad{Begin: []int{0, 0, 1}, Value: 3}, in,
			func(x []array, _ map[string]array) array {
				return made([]int{batch, 3, 4, 3}, func(p []int) float64 {
					if p[3] == 0 {
						return 3
					}
					return *x[0].at(p[0], p[1], p[2], p[3]-1)
				})
			}},
		{"crop", layer.Pad{Begin: []int{-1, -2}, End: []int{-1}}, in,
			is([]int{1, 2, 2}, func(p []int) []int { return []int{p[0], p[1] + 1, p[2] + 2, p[3]} })},
		{"crop and pad", layer.Pad{Begin: []int{-1, 2}, End: []int{1, -1}}, in, is([]int{3, 5, 2}, func(p []int) []int {
			if p[2]-2 == 3 {
				return []int{p[0], -1, 0, 0}
			}
			return []int{p[0], p[1] + 1, p[2] - 2, p[3]}
		})},
		{"pad by reflection", layer.Pad{Begin: []int{2, 1}, End: []int{1, 3}, Mode: layer.Reflect}, in,
			is([]int{6, 8, 2}, func(p []int) []int {
				return []int{p[0], []int{2, 1, 0, 1, 2, 1}[p[1]], []int{1, 0, 1, 2, 3, 2, 1, 0}[p[2]], p[3]}
			})},
		{"pad with the edge", layer.Pad{Begin: []int{2, 1}, End: []int{1, 3}, Mode: layer.Edge}, in,
			is([]int{6, 8, 2}, func(p []int) []int {
				return []int{p[0], []int{0, 0, 0, 1, 2, 2}[p[1]], []int{0, 0, 1, 2, 3, 3, 3, 3}[p[2]], p[3]}
			})},
		{"slice", layer.Slice{Axes: []int{0, -2}, Starts: []int{1, -3}, Ends: []int{math.MaxInt, -1}}, in,
			is([]int{2, 2, 2}, func(p []int) []int {
				return []int{p[0], p[1] + 1, p[2] + 1, p[3]}
			})},
		{"slice with steps", layer.Slice{Axes: []int{1, 0}, Starts: []int{1, 0}, Ends: []int{4, 9},
			Steps: []int{2, 2}}, in, is([]int{2, 2, 2}, func(p []int) []int {
			return []int{p[0], 2 * p[1], 2*p[2] + 1, p[3]}
		})},
		{"slice backwards", layer.Slice{Axes: []int{2, 1}, Starts: []int{-1, 9}, Ends: []int{math.MinInt, 0},
			Steps: []int{-1, -2}}, in, is([]int{3, 2, 2}, func(p []int) []int {
			return []int{p[0], p[1], 3 - 2*p[2], 1 - p[3]}
		})},
		{"identity", layer.Identity{}, in, flat(3, 4, 2)},
		{"rescale", layer.Rescale{Scale: []float64{2}, Offset: []float64{1, -1}}, in,
			func(x []array, _ map[string]array) array {
				return made(x[0].dims, func(p []int) float64 { return 2**x[0].at(p...) + 1 - 2*float64(p[3]) })
			}},
		{"prelu", layer.PReLU{Alpha: []int{1, 1, 2}}, in, func(x []array, w map[string]array) array {
			return made(x[0].dims, func(p []int) float64 {
				if v := *x[0].at(p...); v < 0 {
					return v * broadcast(w["alpha"], p)
				}
				return *x[0].at(p...)
			})
		}},
	})
}

func TestArithmetic(t *testing.T) {
	var examples []example
	for operation, two := range map[layer.Operation]func(x, y float64) float64{
		layer.Add:      func(x, y float64) float64 { return x + y },
		layer.Subtract: func(x, y float64) float64 { return x - y },
		layer.Multiply: func(x, y float64) float64 { return x * y },
		layer.Divide:   func(x, y float64) float64 { return x / y },
		layer.Maximum:  math.Max,
		layer.Minimum:  math.Min,
		layer.Average:  func(x, y float64) float64 { return (x + y) / 2 },
	} {
		loop := func(x []array, w map[string]array) array {
			all := slices.Clone(x)
			if constant, has := w["constant"]; has {
				all = append(all, constant)
			}
			return made([]int{batch, 3, 4, 2}, func(p []int) float64 { return two(at(all[0], p), at(all[1], p)) })
		}
		examples = append(examples,
			example{string(operation), layer.Arithmetic{Operation: operation}, [][]int{{3, 4, 2}, {3, 4, 2}}, loop},
			example{string(operation) + " a gate", layer.Arithmetic{Operation: operation}, [][]int{{3, 4, 2}, {1, 1, 2}}, loop},
			example{string(operation) + " features", layer.Arithmetic{Operation: operation}, [][]int{{2}, {3, 4, 1}}, loop},
			example{string(operation) + " a constant", layer.Arithmetic{Operation: operation, Constant: []int{2}},
				[][]int{{3, 4, 2}}, loop}, example{string(operation) + " a constant first",
				layer.Arithmetic{Operation: operation, Constant: []int{4, 1}, ConstantFirst: true}, [][]int{{3, 4, 2}},
				func(x []array, w map[string]array) array {
					return made([]int{batch, 3, 4, 2}, func(p []int) float64 { return two(at(w["constant"], p), at(x[0], p)) })
				}})
	}
	examples = append(examples,
		example{"three", layer.Arithmetic{Operation: layer.Average}, [][]int{{5}, {5}, {5}},
			func(x []array, _ map[string]array) array {
				return made(x[0].dims, func(p []int) float64 { return (at(x[0], p) + at(x[1], p) + at(x[2], p)) / 3 })
			}},
		example{"power", layer.Arithmetic{Operation: layer.Power, Constant: []int{1}, ConstantFirst: true},
			[][]int{{5}}, func(x []array, w map[string]array) array {
				return made(x[0].dims, func(p []int) float64 { return math.Pow(w["constant"].values[0], at(x[0], p)) })
			}})
	run(t, examples)
}

// at is the number of an input, which has the batch, or of a constant, which has not, broadcast.
func at(a array, p []int) float64 {
	if a.dims[0] == batch && len(a.dims) < len(p) && len(a.dims) == 2 { // features
		return *a.at(p[0], p[len(p)-1])
	}
	return broadcast(a, p)
}

func TestResize(t *testing.T) {
	in := []int{3, 4, 2}
	// The places and shares are those that ONNX's Resize names for rows (3 to out) and columns (4 to out), by hand.
	type taps [][3]float64 // a place, the next one, and the share of the next
	nearest := func(places ...int) (all taps) {
		for _, place := range places {
			all = append(all, [3]float64{float64(place), float64(place), 0})
		}
		return all
	}
	var examples []example
	for _, c := range []struct {
		name          string
		op            layer.Resize
		rows, columns taps
	}{
		{"Keras' nearest", layer.Resize{Scale: [2]float64{2, 3}}, nearest(0, 0, 1, 1, 2, 2),
			nearest(0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3)},
		{"asymmetric floor", layer.Resize{Scale: [2]float64{2, 0.5}, Coordinates: layer.Asymmetric,
			Rounding: layer.Floor}, nearest(0, 0, 1, 1, 2, 2), nearest(0, 2)},
		{"to a size", layer.Resize{Height: 5, Width: 4}, nearest(0, 0, 1, 2, 2), nearest(0, 1, 2, 3)},
		{"prefer floor, a tie", layer.Resize{Height: 1, Width: 2}, nearest(1), nearest(0, 2)},
		{"prefer ceil, a tie", layer.Resize{Height: 1, Width: 2, Rounding: layer.PreferCeil}, nearest(1), nearest(1, 3)},
		{"ceil", layer.Resize{Scale: [2]float64{1, 1.5}, Coordinates: layer.Asymmetric, Rounding: layer.Ceil},
			nearest(0, 1, 2), nearest(0, 1, 2, 2, 3, 3)},
		{"bilinear", layer.Resize{Scale: [2]float64{2, 1}, Sampling: layer.Bilinear},
			taps{{0, 0, 0}, {0, 1, .25}, {0, 1, .75}, {1, 2, .25}, {1, 2, .75}, {2, 2, 0}}, nearest(0, 1, 2, 3)},
		{"bilinear, corners", layer.Resize{Height: 5, Width: 7, Sampling: layer.Bilinear, Coordinates: layer.AlignCorners},
			taps{{0, 1, 0}, {0, 1, .5}, {1, 2, 0}, {1, 2, .5}, {2, 2, 0}},
			taps{{0, 1, 0}, {0, 1, .5}, {1, 2, 0}, {1, 2, .5}, {2, 3, 0}, {2, 3, .5}, {3, 3, 0}}},
		{"bilinear, asymmetric", layer.Resize{Scale: [2]float64{2, 1}, Sampling: layer.Bilinear,
			Coordinates: layer.Asymmetric},
			taps{{0, 1, 0}, {0, 1, .5}, {1, 2, 0}, {1, 2, .5}, {2, 2, 0}, {2, 2, .5}}, nearest(0, 1, 2, 3)},
		{"bilinear to one, torch", layer.Resize{Height: 1, Width: 1, Sampling: layer.Bilinear,
			Coordinates: layer.TorchHalfPixel}, nearest(0), nearest(0)},
		{"bilinear, smaller", layer.Resize{Scale: [2]float64{1, 0.5}, Sampling: layer.Bilinear}, nearest(0, 1, 2),
			taps{{0, 1, .5}, {2, 3, .5}}},
	} {
		examples = append(examples, example{c.name, c.op, [][]int{in}, func(x []array, _ map[string]array) array {
			return made([]int{batch, len(c.rows), len(c.columns), 2}, func(p []int) (all float64) {
				for i := range 2 {
					for j := range 2 {
						row, column := c.rows[p[1]], c.columns[p[2]]
						shares := [2][2]float64{{1 - row[2], row[2]}, {1 - column[2], column[2]}}
						all += shares[0][i] * shares[1][j] * *x[0].at(p[0], int(row[i]), int(column[j]), p[3])
					}
				}
				return all
			})
		}})
	}
	run(t, examples)
}

func TestOpErrors(t *testing.T) {
	in := []int{3, 4, 2}
	for _, c := range []struct {
		name string
		op   layer.Op
		in   [][]int
		says string
	}{
		{"two inputs", layer.Flatten{}, [][]int{in, in}, "one input, not 2"},
		{"no input", layer.Concat{}, nil, "at least one"},
		{"no input to add", layer.Arithmetic{Operation: layer.Add}, nil, "at least one"},
		{"an unknown operation", layer.Arithmetic{Operation: "xor"}, [][]int{in}, `"xor"`},
		{"shapes to add", layer.Arithmetic{Operation: layer.Add}, [][]int{in, {3, 5, 2}}, "don't fit"},
		{"shapes to join", layer.Concat{Axis: -1}, [][]int{in, {3, 5, 2}}, "don't fit"},
		{"an axis to join along", layer.Concat{Axis: 3}, [][]int{in}, "no axis 3"},
		{"a reshape with a rest", layer.Reshape{To: []int{5, -1}}, [][]int{in}, "doesn't hold the 24 values"},
		{"a smaller reshape", layer.Reshape{To: []int{3, 4}}, [][]int{in}, "doesn't hold the 24 values"},
		{"two open sizes", layer.Reshape{To: []int{-1, -1}}, [][]int{in}, "can't be filled"},
		{"no size to keep", layer.Reshape{To: []int{3, 4, 2, 0}}, [][]int{in}, "can't be filled"},
		{"an axis twice", layer.Permute{Axes: []int{0, 1, 1}}, [][]int{in}, "no order"},
		{"too few axes", layer.Permute{Axes: []int{0, 1}}, [][]int{in}, "no order"},
		{"an axis that is not 1", layer.Squeeze{Axes: []int{0}}, [][]int{in}, "not 1"},
		{"a reflection of too little", layer.Pad{Begin: []int{3}, Mode: layer.Reflect}, [][]int{in}, "can't be mirrored"},
		{"a crop of everything", layer.Pad{Begin: []int{-3}}, [][]int{in}, "nothing is left"},
		{"a mode", layer.Pad{Mode: "wrap"}, [][]int{in}, `"wrap"`},
		{"an empty slice", layer.Slice{Axes: []int{0}, Starts: []int{2}, Ends: []int{1}}, [][]int{in}, "nothing is left"},
		{"a step of 0", layer.Slice{Axes: []int{0}, Starts: []int{0}, Ends: []int{1}, Steps: []int{0}},
			[][]int{in}, "a step of 0"},
		{"lists", layer.Slice{Axes: []int{0}}, [][]int{in}, "1 axes, 0 starts"},
		{"a vast scale", layer.Resize{Scale: [2]float64{1e300, 1}}, [][]int{in}, "a scale of"},
		{"not a scale", layer.Resize{Scale: [2]float64{math.NaN(), 1}}, [][]int{in}, "a scale of"},
		{"a sampling", layer.Resize{Sampling: "cubic"}, [][]int{in}, `"cubic"`},
		{"a reduction", layer.Reduce{To: "median"}, [][]int{in}, `"median"`},
		{"an alpha", layer.PReLU{Alpha: []int{3}}, [][]int{in}, "an alpha of [3]"},
		{"groups", layer.GroupNorm{Groups: 3}, [][]int{in}, "don't divide"},
		{"a scale for each", layer.Rescale{Scale: []float64{1, 2, 3}}, [][]int{in}, "3 scales or offsets for 2 channels"},
		{"no activation", layer.Activate{}, [][]int{in}, "no activation"},
		{"unsupported", layer.Unsupported{Why: "Attention is not supported"}, [][]int{in}, "Attention is not supported"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := c.op.Shape(c.in...)
			require.ErrorContains(t, err, c.says)
		})
	}
}
