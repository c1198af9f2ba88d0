// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package gallery

import (
	"fmt"
	"strings"

	"convscope/pkg/network"
)

// command is the command line that makes a filter's first picture again, byte for byte.
func (w *worker) command(layer string, filter int) string {
	v := w.plan.variants()[0]
	words := append([]string{"convscope", "pattern"}, w.plan.modelFlags()...)
	words = append(words, "--layer", layer, "--filter", fmt.Sprint(filter), "--size", fmt.Sprint(v.size))
	if v.text != "book" {
		words = append(words, "--method", v.text)
	}
	words = append(words, "--batch", fmt.Sprint(w.plan.Batch))
	return joinWords(words)
}

// modelFlags are those that name the network.
func (p Plan) modelFlags() []string {
	name := p.Network
	if b, builtIn := (network.Options{Model: name}).BuiltIn(); builtIn {
		var words []string
		if b.Name != "vgg16" {
			words = append(words, "--model", name)
		}
		if b.Fingerprint() != p.Fingerprint {
			words = append(words, "--weights", "FILE")
		}
		return words
	}
	return []string{"--model", name, "--input", p.Input}
}

// cell is the same in Go, for a notebook.
func (w *worker) cell(layer string, filter int) string {
	v := w.plan.variants()[0]
	method := ""
	if v.text != "book" {
		method = fmt.Sprintf("Method: ascent.MustMethod(%q), ", v.text)
	}
	options := fmt.Sprintf("ascent.Options{%sSize: %d, Batch: %d, Fixed: true}", method, v.size, w.plan.Batch)
	return fmt.Sprintf("%s\nresult := ascent.MustRun(net.MustChannel(%q, %d), %s)\ndisplay.Pattern(result)",
		w.openCell(), layer, filter, options)
}

// openCell opens the network.
func (w *worker) openCell() string {
	name := w.plan.Network
	if _, builtIn := (network.Options{Model: name}).BuiltIn(); builtIn {
		of, _, _ := strings.Cut(name, "-") // the package's name
		return fmt.Sprintf("net := %s.MustLoad(device.MustNew(device.Options{}), %s.Options{})", of, of)
	}
	return fmt.Sprintf("options := network.Options{Model: %q, Input: %q}\n"+
		"net, err := network.Open(context.Background(), device.MustNew(device.Options{}), options)\n"+
		"if err != nil {\n\tpanic(err)\n}", name, w.plan.Input)
}

// shellWord is a word of a command line, in quotes where a shell would read something else.
func shellWord(word string) string {
	plain := func(c rune) bool {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		return letter || c >= '0' && c <= '9' || strings.ContainsRune("_./:=,+-@%", c)
	}
	if word != "" && strings.IndexFunc(word, func(c rune) bool { return !plain(c) }) < 0 {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// command is the command line that makes the gallery again.
func (p Plan) command() string {
	words := append([]string{"convscope", "gallery", "--out", "DIR"}, p.modelFlags()...)
	var layers []string
	for _, layer := range p.Layers {
		layers = append(layers, layer.Name)
	}
	words = append(words, "--layers", strings.Join(layers, ","))
	words = append(words, "--methods", strings.Join(p.Methods, ","), "--size", fmt.Sprint(p.Size))
	if p.Seeds > 1 {
		words = append(words, "--seeds", fmt.Sprint(p.Seeds))
	}
	if p.Negative {
		words = append(words, "--negative")
	}
	if p.Large {
		words = append(words, "--large")
	}
	if p.Photos != "" {
		words = append(words, "--photos", "FOLDER")
	}
	words = append(words, "--shard-size", fmt.Sprint(p.Shard), "--batch", fmt.Sprint(p.Batch))
	return joinWords(words)
}

// joinWords is a command line.
func joinWords(words []string) string {
	quoted := make([]string, len(words))
	for i, word := range words {
		quoted[i] = shellWord(word)
	}
	return strings.Join(quoted, " ")
}
