// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package jupyter

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"convscope/internal/fetch"
)

// Picture is one PNG or JPEG among a notebook's outputs.
type Picture struct {
	Cell  int    // the code cell's number, from 1
	Index int    // the picture's number in that cell, from 1
	Ext   string // "png" or "jpg"
	Data  []byte // the file
}

// dataURL matches the picture of an img element in HTML, as gonbui.EmbedImageAsPNGSrc makes it. Pictures inside
// scripts, such as a film's frames, are not matched.
var dataURL = regexp.MustCompile(`src="data:image/(png|jpeg);base64,([A-Za-z0-9+/=\s]+)`)

// extensions are the kinds of picture, by the end of their MIME type.
var extensions = map[string]string{"png": "png", "jpeg": "jpg"}

// Pictures returns all PNGs and JPEGs of the outputs in order: those of type image/png and image/jpeg and those inside
// HTML, SVG and Markdown. Damaged base64 is an error.
func (nb *Notebook) Pictures() ([]Picture, error) {
	var pictures []Picture
	for i, cell := range nb.CodeCells() {
		index := 0
		add := func(kind, base64Text string) error {
			index++
			data, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(base64Text), ""))
			if err != nil {
				return fmt.Errorf("%s: cell %d: picture %d is damaged: %w", nb.Name, i+1, index, err)
			}
			pictures = append(pictures, Picture{Cell: i + 1, Index: index, Ext: extensions[kind], Data: data})
			return nil
		}
		for _, output := range cell.Outputs {
			for _, kind := range []string{"png", "jpeg"} {
				if text, ok := output.Data["image/"+kind].(string); ok {
					if err := add(kind, text); err != nil {
						return nil, err
					}
				}
			}
			for _, mime := range []string{"text/html", "image/svg+xml", "text/markdown"} {
				text, _ := output.Data[mime].(string)
				for _, found := range dataURL.FindAllStringSubmatch(text, -1) {
					if err := add(found[1], found[2]); err != nil {
						return nil, err
					}
				}
			}
		}
	}
	return pictures, nil
}

// written matches the end of a picture's file name, after that of the notebook.
var written = regexp.MustCompile(`^-cell[0-9]{2,}-[0-9]+\.(png|jpg)$`)

// WritePictures writes all pictures of the outputs into a directory, as NAME-cell07-1.png, and returns their paths.
// Pictures of that name from an earlier run are removed.
func (nb *Notebook) WritePictures(dir, name string) ([]string, error) {
	pictures, err := nb.Pictures()
	if err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, entry := range entries {
		if rest, found := strings.CutPrefix(entry.Name(), name); found && written.MatchString(rest) && !entry.IsDir() {
			if err := os.Remove(filepath.Join(dir, entry.Name())); err != nil {
				return nil, err
			}
		}
	}
	var paths []string
	for _, picture := range pictures {
		path := filepath.Join(dir, fmt.Sprintf("%s-cell%02d-%d.%s", name, picture.Cell, picture.Index, picture.Ext))
		err := fetch.WriteAtomic(path, func(w io.Writer) error {
			_, err := w.Write(picture.Data)
			return err
		})
		if err != nil {
			return paths, err
		}
		paths = append(paths, path)
	}
	return paths, nil
}
