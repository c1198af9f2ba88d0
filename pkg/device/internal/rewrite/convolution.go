// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package rewrite

import (
	"strconv"
	"strings"
)

// convolution is one that package convolve can do, and what its call takes in.
type convolution struct {
	shape
	at, last int // the places of the convolution and of the statement whose result the call gives
	form     int

	x, kernel, bias, mask              string // names
	xType, kernelType, biasType, yType string // the mask's is x's
}

// attributesOf is how go-xla writes the attributes of a convolution that package convolve can do, apart from white
// space.
func attributesOf(channels, reversal string) string {
	return "{ batch_group_count = 1 : i64, " +
		"dimension_numbers = #stablehlo.conv<[b, 0, 1, f]x[0, 1, " + channels + "]->[b, 0, 1, f]>, " +
		"feature_group_count = 1 : i64, lhs_dilation = array<i64: 1, 1>, " +
		"padding = dense<[[1, 1], [1, 1]]> : tensor<2x2xi64>, " +
		"precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>], " +
		"rhs_dilation = array<i64: 1, 1>, window_reversal = array<i1: " + reversal + ">, " +
		"window_strides = array<i64: 1, 1> }"
}

var (
	plain    = attributesOf("i, o", "false, false")
	swapped  = attributesOf("o, i", "false, false") // of a reversed kernel
	reversed = attributesOf("o, i", "true, true")
)

// halfTurn is how go-xla writes a kernel turned by half a turn.
const halfTurn = "{ dimensions = array<i64: 0, 1> }"

// convolution reads the statement at i as one, and says whether package convolve can do it.
func (f *function) convolution(i int) (c convolution, ok bool) {
	s := &f.statements[i]
	if s.op != "convolution" || len(s.operands) != 2 || len(s.results) != 1 || len(s.types) > 1000 {
		return c, false
	}
	c = convolution{at: i, last: i, x: s.operands[0], kernel: s.operands[1]}
	switch strings.Join(strings.Fields(s.attributes), " ") {
	case plain:
	case reversed:
		c.form = backward
	case swapped:
		turn := f.giving(c.kernel, "reverse")
		if turn == nil || turn.attributes != halfTurn || len(turn.operands) != 1 {
			return c, false
		}
		c.kernel, c.form = turn.operands[0], backward
	default:
		return c, false
	}
	operands, result, found := strings.Cut(s.types, " -> ")
	first, second, two := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(operands, "("), ")"), ", ")
	x, kernel, y := dims(first), dims(second), dims(result)
	if !found || !two || len(x) != 4 || len(kernel) != 4 || len(y) != 4 {
		return c, false
	}
	c.shape = shape{x[0], x[1], x[2], x[3], y[3]}
	in, out := kernel[2], kernel[3]
	if c.form == backward {
		in, out = out, in
	}
	c.xType, c.kernelType, c.yType = first, second, result
	return c, [5]int{3, 3, c.in, c.out, c.in} == [5]int{kernel[0], kernel[1], in, out, x[3]} &&
		[3]int(x[:3]) == [3]int(y[:3]) && pays(c.shape)
}

// dims reads a type such as tensor<1x150x150x64xf32>. Another than of float32 with known, moderate, positive dimensions
// has none.
func dims(of string) []int {
	list, is := strings.CutPrefix(of, "tensor<")
	list, ends := strings.CutSuffix(list, "xf32>")
	if !is || !ends {
		return nil
	}
	var sizes []int
	total := 1
	for text := range strings.SplitSeq(list, "x") {
		size, err := strconv.Atoi(text)
		const most = 1 << 30
		if err != nil || size < 1 || size > most/total {
			return nil
		}
		total *= size
		sizes = append(sizes, size)
	}
	return sizes
}

// takeIn finds what stands next to the convolution and can go into its call. all holds all convolutions of the kind, by
// the place of each.
func (f *function) takeIn(c *convolution, all map[int]*convolution) {
	if f.onlyFor(c.x, all) {
		if product := f.giving(c.x, "multiply"); product != nil && len(product.operands) == 2 {
			for _, factor := range product.operands {
				if x := f.step(factor); x != "" {
					c.x, c.mask = product.other(factor), x
					c.form |= mask
					break
				}
			}
		} else if z := f.maximum(f.giving(c.x, "maximum")); z != "" && len(f.users[z]) > 1 {
			c.x = z // which is there anyway
			c.form |= rectify
		}
	}
	y := f.statements[c.at].results[0]
	if next, only := f.onlyUser(y); only && f.statements[next].op == "add" {
		sum := &f.statements[next]
		if value, of := f.spread(sum.other(y), c.out); value != "" {
			c.bias, c.biasType, c.last, y = value, of, next, sum.results[0]
			c.form |= bias
		}
	}
	if next, only := f.onlyUser(y); only && f.maximum(&f.statements[next]) == y {
		c.last = next
		c.form |= relu
	}
}

// onlyFor says whether nothing but convolutions of the kind need the name, and as their x.
func (f *function) onlyFor(name string, all map[int]*convolution) bool {
	for _, user := range f.users[name] {
		if all[user] == nil || f.statements[user].operands[0] != name || f.statements[user].operands[1] == name {
			return false
		}
	}
	return len(f.users[name]) > 0
}

// spread returns the vector, with its type, that the name is with one value for each channel: [channels] or [1, 1, 1,
// channels].
func (f *function) spread(name string, channels int) (value, of string) {
	s := f.giving(name, "broadcast_in_dim")
	if s == nil || len(s.operands) != 1 {
		return "", ""
	}
	of, _, _ = strings.Cut(strings.TrimPrefix(s.types, "("), ") -> ")
	count := strconv.Itoa(channels)
	for _, kind := range [][2]string{
		{"{ broadcast_dimensions = array<i64: 3> }", "tensor<" + count + "xf32>"},
		{"{ broadcast_dimensions = array<i64: 0, 1, 2, 3> }", "tensor<1x1x1x" + count + "xf32>"},
	} {
		if s.attributes == kind[0] && of == kind[1] {
			return s.operands[0], of
		}
	}
	return "", ""
}

// call writes the call that gives name.
func (c *convolution) call(name string) string {
	operands, types := []string{c.x, c.kernel}, []string{c.xType, c.kernelType}
	if c.form&bias != 0 {
		operands, types = append(operands, c.bias), append(types, c.biasType)
	}
	if c.form&mask != 0 {
		operands, types = append(operands, c.mask), append(types, c.xType)
	}
	const dense = "dense<[3, 2, 1, 0]> : tensor<4xindex>" // row-major
	layouts := make([]string, len(types))
	for i, of := range types {
		layouts[i] = dense
		if len(dims(of)) == 1 {
			layouts[i] = "dense<0> : tensor<1xindex>"
		}
	}
	return "    " + name + ` = "stablehlo.custom_call"(` + strings.Join(operands, ", ") + ") {\n" +
		"      api_version = 4 : i32,\n" +
		"      backend_config = {form = " + strconv.Itoa(c.form) + " : i64},\n" +
		`      call_target_name = "` + Target + "\",\n" +
		"      operand_layouts = [" + strings.Join(layouts, ", ") + "],\n" +
		"      result_layouts = [" + dense + "]\n" +
		"    } : (" + strings.Join(types, ", ") + ") -> " + c.yType
}
