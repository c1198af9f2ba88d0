// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"convscope/internal/file"
	"convscope/pkg/ascent"
)

// citizen is one filter's line.
type citizen struct {
	layer      string
	filter     int
	bookDead   bool
	fate       ascent.Fate
	steps      int
	activation float32 // at the last step
	photos     float32 // the quantile of its mean activations on photographs, -1 without
}

// quantiles are, for each filter, what 95 % of the photographs' mean activations, [photographs][filters], lie below.
func quantiles(means [][]float32) []float32 {
	values := make([]float32, len(means[0]))
	for filter := range values {
		own := make([]float32, len(means))
		for i, mean := range means {
			own[i] = mean[filter]
		}
		slices.Sort(own)
		values[filter] = own[min(int(quantile*float64(len(own))), len(own)-1)]
	}
	return values
}

func photosNote(means [][][]float32) string {
	if means == nil {
		return ""
	}
	return fmt.Sprintf(", beside %d pieces of photographs", len(means[0]))
}

// summary is a layer's line of the table.
func summary(name string, citizens []citizen, took time.Duration) string {
	var dead, alive, rescued, proven, tried, firing, above, photographed int
	for _, one := range citizens {
		if one.bookDead {
			dead++
		}
		switch one.fate.Life {
		case ascent.Alive:
			alive++
		case ascent.Rescued:
			rescued++
		case ascent.Inert:
			if one.fate.Proven {
				proven++
			} else {
				tried++
			}
		}
		if one.fate.Proven {
			continue
		}
		if one.activation > 0 {
			firing++
		}
		if one.photos >= 0 {
			photographed++
			if one.activation > one.photos {
				above++
			}
		}
	}
	share := func(n, of int) string {
		if of == 0 {
			return "-"
		}
		return fmt.Sprintf("%.1f %%", 100*float64(n)/float64(of))
	}
	return fmt.Sprintf("| %s | %d | %d | %d | %d | %d | %d | %s | %s | %.1f |\n",
		name, len(citizens), dead, alive, rescued, proven, tried,
		share(firing, len(citizens)-proven), share(above, photographed), took.Minutes())
}

// csv is the path of the file with a line for each filter: beside the table, or nowhere when that goes into a pipe or
// a device.
func (c *census) csv() string {
	if file.IsStream(c.out) {
		return ""
	}
	return strings.TrimSuffix(c.out, filepath.Ext(c.out)) + ".csv"
}

// write writes both files.
func (c *census) write(table string, all []citizen) error {
	if err := file.Write(c.out, func(w io.Writer) error {
		_, err := io.WriteString(w, table)
		return err
	}); err != nil || c.csv() == "" {
		return err
	}
	return file.Write(c.csv(), func(w io.Writer) error {
		lines := csv.NewWriter(w)
		rows := [][]string{{"layer", "filter", "dead for the book", "life", "how", "steps",
			"activation", "photographs' 95 %"}}
		for _, one := range all {
			photos := ""
			if one.photos >= 0 {
				photos = fmt.Sprintf("%.5g", one.photos)
			}
			rows = append(rows, []string{
				one.layer, fmt.Sprint(one.filter), fmt.Sprint(one.bookDead), string(one.fate.Life), one.fate.How,
				fmt.Sprint(one.steps), fmt.Sprintf("%.5g", one.activation), photos,
			})
		}
		return cmp.Or(lines.WriteAll(rows), lines.Error())
	})
}
