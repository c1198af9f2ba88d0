// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package rewrite

import (
	"math"
	"strconv"
	"strings"
)

// function is the body of one function, with who needs what in it.
type function struct {
	statements []statement
	defined    map[string]int   // by a result's name, the statement that gives it
	users      map[string][]int // by name, the statements that are needed and use it, each once for each use
}

// pure holds the operations that do nothing but give their results. XLA drops one whose results nobody needs, and
// GoMLX writes many such: the gradients that were not asked for.
var pure = set("abs", "add", "and", "atan2", "bitcast_convert", "broadcast_in_dim", "cbrt", "ceil", "clamp", "compare",
	"concatenate", "constant", "convert", "convolution", "cosine", "divide", "dot_general", "dynamic_slice",
	"dynamic_update_slice", "exponential", "exponential_minus_one", "floor", "gather", "iota", "is_finite", "log",
	"log_plus_one", "logistic", "maximum", "minimum", "multiply", "negate", "not", "or", "pad", "power", "reduce",
	"reduce_window", "remainder", "reshape", "reverse", "round_nearest_even", "rsqrt", "scatter", "select",
	"select_and_scatter", "sign", "sine", "slice", "sqrt", "subtract", "tanh", "transpose", "xor")

func set(names ...string) map[string]bool {
	s := make(map[string]bool, len(names))
	for _, name := range names {
		s[name] = true
	}
	return s
}

// newFunction finds out who needs what. It says false where a name has two meanings.
func newFunction(statements []statement) (*function, bool) {
	f := &function{statements, make(map[string]int, len(statements)), make(map[string][]int, len(statements))}
	for i, s := range statements {
		for _, name := range s.results {
			if _, twice := f.defined[name]; twice {
				return nil, false
			}
			f.defined[name] = i
		}
	}
	for i := len(statements) - 1; i >= 0; i-- { // the users of a name stand behind it
		if !f.needed(i) {
			continue
		}
		for _, name := range statements[i].uses {
			f.users[name] = append(f.users[name], i)
		}
	}
	return f, true
}

// needed says whether the statement does anything but give results that nobody needs.
func (f *function) needed(i int) bool {
	s := f.statements[i]
	if !pure[s.op] {
		return true
	}
	for _, name := range s.results {
		if len(f.users[name]) > 0 {
			return true
		}
	}
	return false
}

// giving returns the statement of that operation whose only result has the name, or nil.
func (f *function) giving(name, op string) *statement {
	i, found := f.defined[name]
	if !found || f.statements[i].op != op || len(f.statements[i].results) != 1 {
		return nil
	}
	return &f.statements[i]
}

// onlyUser returns the place of the only statement that needs the name, which uses it once and has one result.
func (f *function) onlyUser(name string) (int, bool) {
	if users := f.users[name]; len(users) == 1 && len(f.statements[users[0]].results) == 1 {
		return users[0], true
	}
	return 0, false
}

// other returns the second of a statement's two operands where name is the first, and the other way round.
func (s *statement) other(name string) string {
	switch {
	case len(s.operands) != 2:
	case s.operands[0] == name:
		return s.operands[1]
	case s.operands[1] == name:
		return s.operands[0]
	}
	return ""
}

// isScalar says whether the name is a float32 constant, such as "0.0", in any shape.
func (f *function) isScalar(name, value string) bool { return f.scalar(name) == value }

// scalar returns the float32 constant, in any shape, that the name is, or "".
func (f *function) scalar(name string) string {
	if spread := f.giving(name, "broadcast_in_dim"); spread != nil {
		if spread.attributes != "{ broadcast_dimensions = array<i64> }" || len(spread.operands) != 1 {
			return ""
		}
		name = spread.operands[0]
	}
	constant := f.giving(name, "constant")
	if constant == nil {
		return ""
	}
	value, begins := strings.CutPrefix(constant.attributes, "{ value = dense<")
	value, ends := strings.CutSuffix(value, "> : tensor<f32> }")
	if !begins || !ends {
		return ""
	}
	return value
}

// maximum returns x where the statement is max(x, 0), or "".
func (f *function) maximum(s *statement) string {
	if s == nil || s.op != "maximum" || len(s.operands) != 2 {
		return ""
	}
	for _, x := range s.operands {
		if f.isScalar(s.other(x), "0.0") {
			return x
		}
	}
	return ""
}

// minimum returns the positive number that the statement bounds y by, or "".
func (f *function) minimum(s *statement, y string) string {
	if s.op != "minimum" || len(s.operands) != 2 {
		return ""
	}
	return f.positive(s.other(y))
}

// passing returns m and a bound where the statement is y where 0 < m < bound, and 0 elsewhere, as package layer writes
// the gradient of a ReLU with a bound; else "".
func (f *function) passing(s *statement, y string) (m, bound string) {
	if s.op != "select" || len(s.operands) != 3 || s.operands[1] != y || !f.isScalar(s.operands[2], "0.0") {
		return "", ""
	}
	both := f.giving(s.operands[0], "and")
	if both == nil || len(both.operands) != 2 {
		return "", ""
	}
	m, low := f.compared(both.operands[0], "GT")
	other, high := f.compared(both.operands[1], "LT")
	if m == "" || m != other || m == y || !f.isScalar(low, "0.0") {
		return "", ""
	}
	if bound = f.positive(high); bound == "" {
		return "", ""
	}
	return m, bound
}

// compared returns the two operands of the comparison of floats in that direction that gives the name, or "".
func (f *function) compared(name, direction string) (left, right string) {
	s := f.giving(name, "compare")
	if s == nil || len(s.operands) != 2 || spaced(s.attributes) != "{ compare_type = #stablehlo<comparison_type FLOAT>, "+
		"comparison_direction = #stablehlo<comparison_direction "+direction+"> }" {
		return "", ""
	}
	return s.operands[0], s.operands[1]
}

// positive returns the float32 constant above 0, in any shape, that the name is, or "".
func (f *function) positive(name string) string {
	value := f.scalar(name)
	number, err := strconv.ParseFloat(value, 32)
	if err != nil || !(number > 0) || math.IsInf(number, 0) || strings.ContainsAny(value, "xX_") {
		return ""
	}
	return value
}

// step returns x where the name is what GoMLX writes for step(x) in the gradient of max(x, 0), or "":
//
//	sign(sign(x - 0) + 1)
//
// It is 1 from zero on, 0 below, and NaN where x is.
func (f *function) step(name string) string {
	outer := f.giving(name, "sign")
	if outer == nil || len(outer.operands) != 1 {
		return ""
	}
	sum := f.giving(outer.operands[0], "add")
	if sum == nil || len(sum.operands) != 2 || !f.isScalar(sum.operands[1], "1.0") {
		return ""
	}
	inner := f.giving(sum.operands[0], "sign")
	if inner == nil || len(inner.operands) != 1 {
		return ""
	}
	difference := f.giving(inner.operands[0], "subtract")
	if difference == nil || len(difference.operands) != 2 || !f.isScalar(difference.operands[1], "0.0") {
		return ""
	}
	return difference.operands[0]
}
