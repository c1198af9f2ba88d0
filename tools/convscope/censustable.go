// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"image"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gomlx/gomlx/core/tensors"

	"convscope/internal/file"
	"convscope/pkg/ascent"
	"convscope/pkg/picture"
	"convscope/vgg16"
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

// quantiles are, for each filter, what 95 % of the photographs' mean activations lie below.
func quantiles(net *vgg16.Model, layer vgg16.Layer, photos *tensors.Tensor) ([]float32, error) {
	responses, err := net.Responses(photos, true, layer.Name)
	if err != nil {
		return nil, err
	}
	values := make([]float32, layer.Filters)
	for filter := range values {
		var own []float32
		for _, mean := range responses[0].Mean {
			own = append(own, mean[filter])
		}
		slices.Sort(own)
		values[filter] = own[min(int(quantile*float64(len(own))), len(own)-1)]
	}
	return values, nil
}

// readPhotos reads a folder's photographs.
func readPhotos(dir string) ([]image.Image, error) {
	if info, err := os.Stat(dir); err != nil { // before opening, which waits where it is a pipe
		return nil, fmt.Errorf("reading the photographs: %w", err)
	} else if !info.IsDir() {
		return nil, fmt.Errorf("reading the photographs: %s is no folder: name one", dir)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("reading the photographs: %w", err)
	}
	var photos []image.Image
	for _, entry := range entries {
		ext := strings.ToLower(filepath.Ext(entry.Name()))
		if !slices.Contains([]string{".png", ".jpg", ".jpeg", ".gif", ".webp"}, ext) {
			continue
		}
		img, err := picture.Open(filepath.Join(dir, entry.Name()))
		if err != nil {
			return nil, err
		}
		photos = append(photos, img)
	}
	if len(photos) == 0 {
		return nil, fmt.Errorf("%s: there is no PNG, JPEG, GIF or WebP file in it", dir)
	}
	return photos, nil
}

func photosNote(photos *tensors.Tensor) string {
	if photos == nil {
		return ""
	}
	return fmt.Sprintf(", beside %d pieces of photographs", photos.Shape().Dim(0))
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
	return fmt.Sprintf("| %s | %d | %d | %d | %d | %d | %d | %s | %s | %.1f |\n", name, len(citizens), dead, alive, rescued, proven, tried,
		share(firing, len(citizens)-proven), share(above, photographed), took.Minutes())
}

// csv is the path of the file with a line for each filter: beside the table, or nowhere when that goes into a pipe or a device.
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
		rows := [][]string{{"layer", "filter", "dead for the book", "life", "how", "steps", "activation", "photographs' 95 %"}}
		for _, one := range all {
			photos := ""
			if one.photos >= 0 {
				photos = fmt.Sprintf("%.5g", one.photos)
			}
			rows = append(rows, []string{
				one.layer, fmt.Sprint(one.filter), fmt.Sprint(one.bookDead), string(one.fate.Life), one.fate.How, fmt.Sprint(one.steps), fmt.Sprintf("%.5g", one.activation), photos,
			})
		}
		return cmp.Or(lines.WriteAll(rows), lines.Error())
	})
}
