// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package display

import (
	"fmt"
	"math"
	"strings"
)

// barCells is how many characters the longest bar takes.
const barCells = 30

// Bars shows values as a table of bars, the longest as long as the largest value; negative ones are drawn lighter. The
// format, such as "%.1f %%", writes the values; without one it is "%.3g". In a terminal it prints the same as text.
func Bars(title string, labels []string, values []float64, format ...string) {
	verb := "%.3g"
	if len(format) > 0 {
		verb = format[0]
	}
	most := 0.0
	for _, v := range values {
		if a := math.Abs(v); !math.IsInf(a, 0) && a > most {
			most = a
		}
	}
	rows := make([][]string, len(values))
	for i, v := range values {
		label := ""
		if i < len(labels) {
			label = labels[i]
		}
		rows[i] = []string{label, barText(v, most), fmt.Sprintf(verb, v)}
	}
	Table([]string{title, "", ""}, rows)
}

// barText is a bar of characters, in eighths of one.
func barText(v, most float64) string {
	if most == 0 || math.IsNaN(v) {
		return ""
	}
	eighths := int(math.Round(math.Min(math.Abs(v)/most, 1) * barCells * 8))
	if v < 0 {
		return strings.Repeat("░", (eighths+7)/8)
	}
	text := strings.Repeat("█", eighths/8)
	if rest := eighths % 8; rest > 0 {
		text += string([]rune("▏▎▍▌▋▊▉")[rest-1])
	}
	return text
}
