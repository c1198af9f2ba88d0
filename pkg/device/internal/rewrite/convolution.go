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
	window   *window // of a depthwise one, nil of one that is 3x3

	x, kernel, bias, mask, after       string // names
	most                               string // a number, "" for no bound
	xType, kernelType, biasType, yType string // the mask's is x's, after's is y's
}

// The attributes of a convolution that package convolve can do 3x3.
var (
	plain    = strings.ReplaceAll(attributesOf("i, o", "false, false"), "%d", "1")
	swapped  = strings.ReplaceAll(attributesOf("o, i", "false, false"), "%d", "1") // of a reversed kernel
	reversed = strings.ReplaceAll(attributesOf("o, i", "true, true"), "%d", "1")
)

// halfTurn is how go-xla writes a kernel turned by half a turn.
const halfTurn = "{ dimensions = array<i64: 0, 1> }"

// convolution reads the statement at i as one, and says whether package convolve can do it 3x3.
func (f *function) convolution(i int) (c convolution, ok bool) {
	s := &f.statements[i]
	if s.op != "convolution" || len(s.operands) != 2 || len(s.results) != 1 {
		return c, false
	}
	c = convolution{at: i, last: i, x: s.operands[0], kernel: s.operands[1]}
	switch spaced(s.attributes) {
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
	x, kernel, y, typed := c.read(s.types)
	if !typed {
		return c, false
	}
	in, out := kernel[2], kernel[3]
	if c.form == backward {
		in, out = out, in
	}
	return c, [5]int{3, 3, c.in, c.out, c.in} == [5]int{kernel[0], kernel[1], in, out, x[3]} &&
		[3]int(x[:3]) == [3]int(y[:3]) && pays(c.shape)
}

// read reads the types of a convolution in two directions, and returns their sizes.
func (c *convolution) read(types string) (x, kernel, y []int, ok bool) {
	if len(types) > 1000 {
		return nil, nil, nil, false
	}
	operands, result, found := strings.Cut(types, " -> ")
	first, second, two := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(operands, "("), ")"), ", ")
	x, kernel, y = dims(first), dims(second), dims(result)
	if !found || !two || len(x) != 4 || len(kernel) != 4 || len(y) != 4 {
		return nil, nil, nil, false
	}
	c.shape = shape{x[0], x[1], x[2], x[3], y[3]}
	c.xType, c.kernelType, c.yType = first, second, result
	return x, kernel, y, true
}

// dims reads a type such as tensor<1x150x150x64xf32>. Another than of float32 with known, moderate, positive
// dimensions has none.
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

// takeIn finds what stands next to the convolution and can go into its call. all holds all convolutions of the kind,
// by the place of each.
func (f *function) takeIn(c *convolution, all map[int]*convolution) {
	if c.window == nil && f.onlyFor(c.x, all) {
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
		c.last, y = next, f.statements[next].results[0]
		c.form |= relu
		if next, only := f.onlyUser(y); only && c.window != nil {
			if bound := f.minimum(&f.statements[next], y); bound != "" {
				c.last, c.most = next, bound
			}
		}
	} else if only && c.window != nil {
		if m, bound := f.passing(&f.statements[next], y); m != "" {
			c.last, c.after, c.most = next, m, bound
			c.form |= after
		}
	}
}

// onlyFor says whether nothing but 3x3 convolutions need the name, and as their x.
func (f *function) onlyFor(name string, all map[int]*convolution) bool {
	for _, user := range f.users[name] {
		c, operands := all[user], f.statements[user].operands
		if c == nil || c.window != nil || operands[0] != name || operands[1] == name {
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
	if c.form&after != 0 {
		operands, types = append(operands, c.after), append(types, c.yType)
	}
	const dense = "dense<[3, 2, 1, 0]> : tensor<4xindex>" // row-major
	layouts := make([]string, len(types))
	for i, of := range types {
		layouts[i] = dense
		if len(dims(of)) == 1 {
			layouts[i] = "dense<0> : tensor<1xindex>"
		}
	}
	target, config := Target, "form = "+strconv.Itoa(c.form)+" : i64"
	if c.window != nil {
		most := "0.0"
		if c.most != "" {
			most = c.most
		}
		target, config = DepthwiseTarget, config+", most = "+most+" : f32, window = "+c.window.attribute()
	}
	return "    " + name + ` = "stablehlo.custom_call"(` + strings.Join(operands, ", ") + ") {\n" +
		"      api_version = 4 : i32,\n" +
		"      backend_config = {" + config + "},\n" +
		`      call_target_name = "` + target + "\",\n" +
		"      operand_layouts = [" + strings.Join(layouts, ", ") + "],\n" +
		"      result_layouts = [" + dense + "]\n" +
		"    } : (" + strings.Join(types, ", ") + ") -> " + c.yType
}
