// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package format

import (
	"cmp"
	"slices"
	"strings"
)

// byName sorts tensors by name, with numbers in names compared as numbers: conv2d, conv2d_2, conv2d_10.
func byName(list []Tensor) {
	slices.SortStableFunc(list, func(a, b Tensor) int { return compareNames(a.Name, b.Name) })
}

func compareNames(a, b string) int {
	for a != "" && b != "" {
		da, db := digits(a), digits(b)
		if da == 0 || db == 0 {
			if a[0] != b[0] {
				// What ends a part of a name comes before what continues it: "conv2d/vars" before "conv2d_1/vars".
				return cmp.Compare(rank(a[0]), rank(b[0]))
			}
			a, b = a[1:], b[1:]
			continue
		}
		na, nb := strings.TrimLeft(a[:da], "0"), strings.TrimLeft(b[:db], "0")
		if c := cmp.Or(cmp.Compare(len(na), len(nb)), cmp.Compare(na, nb)); c != 0 {
			return c
		}
		a, b = a[da:], b[db:]
	}
	return cmp.Compare(len(a), len(b))
}

// digits returns how many digits s begins with.
func digits(s string) int {
	n := 0
	for n < len(s) && '0' <= s[n] && s[n] <= '9' {
		n++
	}
	return n
}

func rank(c byte) int {
	if c == '/' || c == '.' || c == ':' {
		return 0
	}
	return int(c)
}
