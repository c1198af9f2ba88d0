// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package onnx

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"convscope/internal/progress"
	"convscope/pkg/layer"
)

// end finds the network's output, its classes' scores before a softmax, and the classes' names.
func (r *reader) end() {
	rows := map[string]*layer.Layer{}
	for i := range r.net.Layers {
		rows[r.net.Layers[i].Name] = &r.net.Layers[i]
	}
	for _, out := range r.model.Outputs {
		if v := r.values[out.Name]; v != nil && !v.isHost() && v.layer != layer.Picture {
			r.net.Output = v.layer
			break
		}
	}
	// A search for the largest score gives way to the scores.
	for row := rows[r.net.Output]; row != nil && searches[row.Class] && len(row.Inputs) > 0; row = rows[r.net.Output] {
		r.net.Output = row.Inputs[0]
	}
	if r.net.Output == "" && len(r.net.Layers) > 0 {
		r.net.Output = r.net.Layers[len(r.net.Layers)-1].Name
	}
	r.net.Logits = r.logits(rows)
	names := classes(r.model.Metadata)
	if shape := r.sizing.shapes[r.net.Logits]; len(shape) == 1 && layer.Nameable(shape[0], len(names)) {
		r.net.Classes = names
	}
}

// searches are operations at the end of a network that choose among scores, and what follows them.
var searches = map[string]bool{"ArgMax": true, "TopK": true}

// logits is the layer of the classes' scores: what a softmax at the end takes or, without one, the output, if it is
// one list that comes from a matrix product or a convolution with nothing but sums, shapes and means after it.
func (r *reader) logits(rows map[string]*layer.Layer) string {
	list := func(name string) bool { return len(r.sizing.shapes[name]) == 1 }
	name, soft := r.net.Output, false
	for row := rows[name]; row != nil && list(name); row = rows[name] {
		a, is := row.Op.(layer.Activate)
		_, same := row.Op.(layer.Identity)
		ends := is && slices.Contains([]layer.Activation{layer.Softmax, layer.LogSoftmax, layer.Sigmoid}, a.Activation)
		if !ends && !same {
			break
		}
		name, soft = row.Inputs[0], soft || ends
	}
	if !list(name) || r.sizing.shapes[name][0] < 2 && !soft { // one number alone may be anything, such as an age
		return ""
	}
	if soft {
		return name
	}
	for row := rows[name]; row != nil; row = rows[row.Inputs[0]] {
		switch row.Op.(type) {
		case layer.Dense, layer.Conv:
			return name
		case layer.Arithmetic, layer.Activate, layer.Reduce, layer.AveragePool, layer.Flatten, layer.Squeeze, regroup,
			layer.Rescale, layer.Identity:
		default:
			return ""
		}
		if len(row.Inputs) != 1 {
			return ""
		}
	}
	return ""
}

// classes are the classes' names that people write beside a graph: as a list in JSON or of lines or commas or, as
// ultralytics do, {0: 'cat', 1: 'dog'}.
func classes(metadata map[string]string) []string {
	for _, key := range []string{"names", "classes", "class_names", "labels"} {
		text := strings.TrimSpace(metadata[key])
		if text == "" {
			continue
		}
		var names []string
		switch {
		case strings.HasPrefix(text, "{"):
			names = dictionary(text)
		case strings.HasPrefix(text, "["):
			if json.Unmarshal([]byte(text), &names) != nil &&
				json.Unmarshal([]byte(strings.ReplaceAll(text, "'", `"`)), &names) != nil {
				names = nil
			}
		case strings.Contains(text, "\n"):
			names = strings.Split(text, "\n")
		default:
			names = strings.Split(text, ",")
		}
		for i := range names {
			names[i] = progress.Printable(strings.TrimSpace(names[i]))
		}
		if len(names) > 1 && !slices.Contains(names, "") {
			return names
		}
	}
	return nil
}

// dictionary reads names by their numbers, as Python or JSON write them.
func dictionary(text string) []string {
	found := map[int]string{}
	rest := strings.Trim(text, "{} \n")
	for rest != "" {
		key, after, ok := strings.Cut(rest, ":")
		number, err := strconv.Atoi(strings.Trim(key, `"', `+"\n"))
		after = strings.TrimSpace(after)
		if !ok || err != nil || after == "" || after[0] != '\'' && after[0] != '"' {
			return nil
		}
		end := 1
		for end < len(after) && after[end] != after[0] {
			if after[end] == '\\' {
				end++
			}
			end++
		}
		if end >= len(after) {
			return nil
		}
		found[number] = strings.NewReplacer(`\'`, `'`, `\"`, `"`, `\\`, `\`).Replace(after[1:end])
		rest = strings.TrimLeft(after[end+1:], ", \n")
	}
	names := make([]string, len(found))
	for i := range names {
		name, ok := found[i]
		if !ok {
			return nil
		}
		names[i] = name
	}
	return names
}
