// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"strconv"
	"strings"
)

// maxSide is how many pixels a side has at most; it keeps products of sides far from overflow.
const maxSide = 1 << 16

// parseSize reads a size flag: "150" is a square, "101x83" is 101 pixels high and 83 wide.
func parseSize(text string) (height, width int, err error) {
	first, second, oblong := strings.Cut(text, "x")
	if !oblong {
		second = first
	}
	height, errHeight := strconv.Atoi(first)
	width, errWidth := strconv.Atoi(second)
	if errHeight != nil || errWidth != nil || height < 1 || width < 1 {
		return 0, 0, fmt.Errorf("size %q: give pixels, such as 150, or HEIGHTxWIDTH, such as 101x83", text)
	}
	if height > maxSide || width > maxSide {
		return 0, 0, fmt.Errorf("size %q: give at most %d pixels a side", text, maxSide)
	}
	return height, width, nil
}

// maxFilters is more than any layer has; it keeps a mistyped range from filling the memory.
const maxFilters = 1 << 12

// parseFilters reads a list of filters: "7", "0-63" or "0,3,8-11". They keep their order; a filter named twice is an
// error.
func parseFilters(text string) ([]int, error) {
	return parseList("filter", text, "0-63 or 0,3,8-11")
}

// parseList reads a list of whole numbers and ranges of what is counted so.
func parseList(what, text, example string) ([]int, error) {
	bad := func(part string) error {
		return fmt.Errorf("%ss %q: %q is no %s or range: write such as %s", what, text, part, what, example)
	}
	var numbers []int
	seen := make(map[int]bool)
	for part := range strings.SplitSeq(text, ",") {
		low, high, isRange := strings.Cut(strings.TrimSpace(part), "-")
		if !isRange {
			high = low
		}
		first, errFirst := strconv.Atoi(low)
		last, errLast := strconv.Atoi(high)
		if errFirst != nil || errLast != nil || first < 0 || last < first || last-first >= maxFilters {
			return nil, bad(part)
		}
		for number := first; number <= last; number++ {
			if seen[number] {
				return nil, fmt.Errorf("%ss %q: %d is named twice", what, text, number)
			}
			seen[number] = true
			numbers = append(numbers, number)
		}
	}
	return numbers, nil
}
