// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package display

import (
	stdhtml "html"
	"strings"
	"text/tabwriter"
)

// Table shows rows under a header. Columns whose cells all look like numbers are set flush right. In a terminal it
// prints aligned columns.
func Table(header []string, rows [][]string) {
	if !InNotebook() {
		tabs := tabwriter.NewWriter(out(), 0, 0, 2, ' ', 0)
		for _, row := range append([][]string{header}, rows...) {
			cells := make([]string, len(row))
			for i, cell := range row {
				cells[i] = oneLine(cell)
			}
			tabs.Write([]byte(strings.Join(cells, "\t") + "\n"))
		}
		tabs.Flush()
		return
	}
	html(table(header, rows), "")
}

// asWritten is the class of HTML in which Jupyter and its exports take no text between dollars for a formula.
const asWritten = "mathjax_ignore tex2jax_ignore"

// table is the rows as HTML.
func table(header []string, rows [][]string) string {
	var b strings.Builder
	b.WriteString("<table class=\"" + asWritten + "\"><thead><tr>")
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
	return b.String()
}

// oneLine is a text without line breaks and tabs, such as may be in the names of files.
func oneLine(text string) string {
	return strings.NewReplacer("\r\n", " ", "\n", " ", "\r", " ", "\t", " ").Replace(text)
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
