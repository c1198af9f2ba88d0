// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package page

import (
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io"
	"iter"
	"path/filepath"
	"strings"

	"convscope/internal/file"
)

//go:embed index.html style script
var source embed.FS

var index = template.Must(template.ParseFS(source, "index.html"))

// The parts of the style and the script, in their order.
var (
	styles  = []string{"base", "map", "filter", "media"}
	scripts = []string{"dom", "route", "data", "theme", "lane", "map", "order", "head", "wall", "film", "chart",
		"neighbor", "story", "again", "filter", "search", "key", "start"}
)

// licence is the first line of the style and of the script.
const licence = "Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0"

// style is gallery.css.
func style() []byte {
	return joined("/* "+licence+" */\n", "style/%s.css", styles, "")
}

// script is gallery.js: its parts in a function, so that they leave but one name behind.
func script() []byte {
	return joined("// "+licence+"\n(() => {\n\"use strict\";\n", "script/%s.js", scripts, "})();\n")
}

// joined is what is embedded, part after part.
func joined(before, path string, parts []string, after string) []byte {
	all := []byte(before)
	for _, part := range parts {
		text, err := source.ReadFile(fmt.Sprintf(path, part))
		if err != nil {
			panic(err) // the list and the folder differ
		}
		all = append(append(all, '\n'), text...)
	}
	return append(all, after...)
}

// Write writes a gallery's pages into a folder that is there: index.html with its style and script, the network's
// data, and those of each layer that comes. Each file appears complete or not at all, index.html last; what is there
// is replaced, and pictures are left alone. Layers may be any of the network's, in any order; an error among them ends
// it.
func Write(dir string, n Network, layers iter.Seq2[Layer, error]) error {
	files, err := n.files()
	if err != nil {
		return err
	}
	if err := file.Folder(filepath.Join(dir, "data")); err != nil {
		return err
	}
	for layer, err := range layers {
		if err != nil {
			return fmt.Errorf("a layer's page: %w", err)
		}
		name, known := files[layer.Name]
		if !known {
			return fmt.Errorf("the layer %q is not among the network's %d", layer.Name, len(n.Layers))
		}
		delete(files, layer.Name) // the next one of that name would replace it
		if err := writeCall(filepath.Join(dir, "data", name+".js"), "layer", layer); err != nil {
			return err
		}
	}
	if err := writeCall(filepath.Join(dir, "data", "network.js"), "network", n); err != nil {
		return err
	}
	if err := writeBytes(filepath.Join(dir, "gallery.js"), script()); err != nil {
		return err
	}
	if err := writeBytes(filepath.Join(dir, "gallery.css"), style()); err != nil {
		return err
	}
	return file.Write(filepath.Join(dir, "index.html"), func(w io.Writer) error { return index.Execute(w, n) })
}

// files are the base names of the layers' data, by their names, if they can be files beside each other in any file
// system.
func (n Network) files() (map[string]string, error) {
	files, taken := make(map[string]string), map[string]string{"network": "the network"}
	for _, layer := range n.Layers {
		switch folded := strings.ToLower(layer.File); {
		case layer.File == "" && !layer.Shown:
			continue
		case layer.File == "", strings.HasPrefix(layer.File, "."), strings.ContainsAny(layer.File, "/\\:*?\"<>|"):
			return nil, fmt.Errorf("layer %q: %q is no name for a file", layer.Name, layer.File)
		case taken[folded] != "":
			return nil, fmt.Errorf("layer %q: its file %s is that of %s", layer.Name, layer.File, taken[folded])
		default:
			taken[folded] = fmt.Sprintf("%q", layer.Name)
		}
		if _, twice := files[layer.Name]; twice {
			return nil, fmt.Errorf("there are two layers %q", layer.Name)
		}
		files[layer.Name] = layer.File
	}
	if len(n.Layers) == 0 {
		return nil, errors.New("a gallery needs layers")
	}
	return files, nil
}

func writeBytes(path string, data []byte) error {
	return file.Write(path, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}
