// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package bench

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/dustin/go-humanize"
	"github.com/dustin/go-humanize/english"
)

// Markdown shows the report as tables that can be read as they are.
func (r *Report) Markdown() string {
	var b strings.Builder
	m := r.Machine
	fmt.Fprintf(&b, "# Bench of %s\n\n", r.When.Format("2006-01-02"))
	fmt.Fprintf(&b, "%s, %s, %s of memory; %s; %s.\n", m.Processor, english.Plural(m.Cores, "core", ""),
		humanize.IBytes(m.Memory), m.System, m.Go)
	fmt.Fprintf(&b, "%s of 1.0 from the same noise with the same weights; %s, the sides in turn.\n",
		english.Plural(r.Steps, "step", ""), english.Plural(r.Rounds, "round", ""))
	if r.Stopped {
		b.WriteString("\nStopped early: this is what was measured so far.\n")
	}
	if m.busy() {
		fmt.Fprintf(&b, "\nThe machine was busy before the bench began (load %.1f): the times may be too long.\n",
			m.Load)
	}
	for _, note := range r.Notes {
		fmt.Fprintf(&b, "\n%s\n", note)
	}
	for _, job := range r.Jobs {
		job.markdown(&b)
	}
	return b.String()
}

func (j *JobResult) markdown(b *strings.Builder) {
	fmt.Fprintf(b, "\n## %s: %s\n\n%s, %s, %d x %d pixels", j.Name, j.Title, j.Layer,
		english.Plural(j.Filters, "filter", ""), j.Size, j.Size)
	if j.Step != 0 {
		fmt.Fprintf(b, ", steps of %g", j.Step)
	}
	b.WriteString("\n\n")
	if j.Problem != "" {
		fmt.Fprintf(b, "Not measured: %s\n", j.Problem)
	}
	if j.Cells != nil {
		b.WriteString(table(j.Cells.rows()))
		return
	}
	rows := [][]string{{"", "seconds", "least to most", "ours / theirs", "by round", "peak memory", "last loss"}}
	var problems []string
	for _, side := range j.Sides {
		if side.Problem != "" {
			problems = append(problems, side.Problem)
		}
		rows = append(rows, side.row())
	}
	if len(rows) > 1 {
		b.WriteString(table(rows))
	}
	for _, problem := range problems {
		fmt.Fprintf(b, "\n%s\n", problem)
	}
}

// row is a side's line of the table.
func (s *Side) row() []string {
	about := s.About
	if about == "" {
		about = s.Title
	}
	sum := s.Summary
	if sum == nil {
		return []string{about, "not measured", "", "", "", "", ""}
	}
	row := []string{about, seconds(sum.Median), seconds(sum.Least) + " to " + seconds(sum.Most), "", "",
		humanize.IBytes(uint64(s.PeakBytes)), ""}
	switch {
	case sum.Losses != nil:
		row[6] = sum.Losses.String()
	case len(s.Losses) > 0:
		row[6] = "mean " + fmt.Sprintf("%.5g", mean(s.Losses))
	}
	if sum.Ratio > 0 {
		row[3], row[4] = fmt.Sprintf("%.2f", sum.Ratio), fmt.Sprintf("%.2f", sum.Paired)
	}
	return row
}

// String says in a few words how the losses compare.
func (a *Agreement) String() string {
	verdict := "same"
	if !a.Same {
		verdict = "NOT THE SAME"
	}
	text := fmt.Sprintf("%s: mean off by %s", verdict, percent(a.Mean))
	if a.Worst > 0 {
		text += fmt.Sprintf(", filter %d by %s", a.WorstFilter, percent(a.Worst))
	}
	return text
}

func percent(part float64) string { return fmt.Sprintf("%.2g %%", 100*part) }

func mean(values []float64) float64 {
	var sum float64
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}

// seconds writes three digits that count.
func seconds(s float64) string {
	switch {
	case s >= 100:
		return fmt.Sprintf("%.0f", s)
	case s >= 10:
		return fmt.Sprintf("%.1f", s)
	case s >= 1:
		return fmt.Sprintf("%.2f", s)
	}
	return fmt.Sprintf("%.3f", s)
}

// table writes rows, of which the first is the head, as Markdown whose columns stand below each other as plain text
// too.
func table(rows [][]string) string {
	widths := make([]int, len(rows[0]))
	for i := range widths {
		widths[i] = 3 // Markdown's shortest rule
		for _, row := range rows {
			row[i] = strings.ReplaceAll(row[i], "|", "/")
			widths[i] = max(widths[i], utf8.RuneCountInString(row[i]))
		}
	}
	var b strings.Builder
	line := func(row []string) {
		for i, text := range row {
			b.WriteString("| " + text + strings.Repeat(" ", widths[i]-utf8.RuneCountInString(text)) + " ")
		}
		b.WriteString("|\n")
	}
	line(rows[0])
	for _, width := range widths {
		b.WriteString("| " + strings.Repeat("-", width) + " ")
	}
	b.WriteString("|\n")
	for _, row := range rows[1:] {
		line(row)
	}
	return b.String()
}
