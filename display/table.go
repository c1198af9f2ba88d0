// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package display

import (
	stdhtml "html"
	"strings"
	"text/tabwriter"
)

// Table shows rows under a header. Columns whose cells all look like numbers are set flush right. In a terminal it prints
// aligned columns.
func Table(header []string, rows [][]string) {
	if !InNotebook() {
		tabs := tabwriter.NewWriter(out(), 0, 0, 2, ' ', 0)
		for _, row := range append([][]string{header}, rows...) {
			tabs.Write([]byte(strings.Join(row, "\t") + "\n"))
		}
		tabs.Flush()
		return
	}
	var b strings.Builder
	b.WriteString("<table><thead><tr>")
	for i, cell := range header {
		b.WriteString("<th style=\"text-align:" + align(rows, i) + "\">" + stdhtml.EscapeString(cell) + "</th>")
	}
	b.WriteString("</tr></thead><tbody>")
	for _, row := range rows {
		b.WriteString("<tr>")
		for i, cell := range row {
			b.WriteString("<td style=\"text-align:" + align(rows, i) + "\">" + stdhtml.EscapeString(cell) + "</td>")
		}
		b.WriteString("</tr>")
	}
	b.WriteString("</tbody></table>")
	html(b.String(), "")
}

// align returns "right" for a column of numbers, else "left".
func align(rows [][]string, column int) string {
	for _, row := range rows {
		if column < len(row) && strings.Trim(row[column], "0123456789.,-+%xe ") != "" {
			return "left"
		}
	}
	return "right"
}
