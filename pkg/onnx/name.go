// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package onnx

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"convscope/internal/progress"
	"convscope/pkg/weights/onnxfile"
)

// origin is where in the exported program a node comes from.
type origin struct {
	// module is the module's path, "layer1.0.conv1", and known says that the file tells it.
	module string
	known  bool
	// folded is a module that has become part of this one, as a batch norm does of the convolution before it.
	folded string
}

// originOf tells a node's module. PyTorch's old exporter has it in the node's name, /layer1/layer1.0/conv1/Conv, where
// each part may begin with those before it; its new one in metadata, as a list of 'layer1', 'layer1.0',
// 'layer1.0.conv1', 'conv2d', where the last is what the module calls. TensorFlow's and Keras' have
// model/conv1/Conv2D. Weights are named by their modules too, and those of a convolution tell more than the rest: a
// batch norm is folded into it, and the node is then said to be the batch norm's.
func originOf(n *onnxfile.Node) origin {
	var o origin
	switch {
	case n.Scopes != "":
		parts := strings.Split(strings.Trim(n.Scopes, "[]"), ", ")
		for i, part := range parts {
			parts[i] = strings.Trim(part, `'"`)
		}
		o.known = true
		for _, part := range parts[:len(parts)-1] {
			o.module = cmp.Or(part, o.module)
		}
		if strings.Contains(parts[len(parts)-1], "batch_norm") && hasKernel(n) {
			o.folded = o.module
		}
	case strings.HasPrefix(n.Name, "/"):
		parts := strings.Split(n.Name[1:], "/")
		o.known = true
		around := "" // the last part, with which the next one may begin
		for _, part := range parts[:len(parts)-1] {
			if around != "" && strings.HasPrefix(part, around+".") {
				o.module = strings.TrimSuffix(o.module, around) + part
			} else {
				o.module = strings.TrimPrefix(o.module+"."+part, ".")
			}
			around = part
		}
		return o
	case strings.Contains(n.Name, "/"):
		o.module, o.known = n.Name[:strings.LastIndexByte(n.Name, '/')], true
		return o
	}
	if hasKernel(n) && (!o.known || o.folded != "") {
		if module, is := strings.CutSuffix(n.Inputs[1], ".weight"); is {
			o.module, o.known = module, true
		}
		for _, part := range []string{"/convolution/", "/conv_transpose/", "/depthwise/", "/Conv2D/", "/MatMul/"} {
			if module, _, is := strings.Cut(n.Inputs[1], part); is && n.Scopes == "" {
				o.module, o.known = module, true
			}
		}
		if len(n.Inputs) > 2 && n.Scopes == "" {
			o.folded, _, _ = strings.Cut(n.Inputs[2], "/batchnorm/")
			if o.folded == n.Inputs[2] {
				o.folded = ""
			}
		}
	}
	if o.folded == o.module {
		o.folded = ""
	}
	return o
}

// hasKernel says whether the node's second input is its weight.
func hasKernel(n *onnxfile.Node) bool {
	switch n.Op {
	case "Conv", "ConvTranspose", "Gemm", "MatMul":
		return len(n.Inputs) > 1
	}
	return false
}

// named gives the nodes the names of their layers. A module that does one thing gives it its name; of several things
// the last one has it, and the others are its parts. What a module does between those in it is named by the operation.
// A module that is used again has a number then, as PyTorch's old exporter writes it.
func (s *source) named(nodes []*onnxfile.Node) []*node {
	onDevice := s.reached(nodes)
	origins := make([]origin, len(nodes))
	inner := map[string]bool{} // modules with others in them
	for i, n := range nodes {
		if !onDevice[i] {
			continue
		}
		origins[i] = originOf(n)
	}
	again := unnumbered(origins, stripPrefix(origins))
	for _, o := range origins {
		for path := parent(o.module); path != ""; path = parent(path) {
			inner[path] = true
		}
	}
	out := make([]*node, len(nodes))
	calls, last := map[string]int{}, map[string]int{} // of modules: how often called, and their last node
	before := ""
	for i, n := range nodes {
		out[i] = &node{Node: n}
		o := origins[i]
		if !onDevice[i] {
			continue
		}
		own := cmp.Or(n.Name, first(n.Outputs), n.Op)
		switch name := o.module; {
		case !o.known:
			out[i].name = shown(own)
		case name == "" || inner[name]:
			out[i].name = shown(strings.TrimPrefix(name+"."+n.Op, "."))
		default:
			if name != before {
				calls[name]++
			}
			if at := last[name]; name == before { // the module does more than one thing
				out[at].name, out[at].aliases = shown(name+"."+nodes[at].Op), nil
			}
			if last[name] = i; calls[name] > 1 {
				name = fmt.Sprintf("%s_%d", name, calls[name]-1)
			}
			out[i].name = shown(name)
		}
		if o.known {
			before = o.module
		}
		if o.folded != "" {
			out[i].aliases = append(out[i].aliases, shown(o.folded))
		}
		if n.Name != "" && shown(n.Name) != out[i].name {
			out[i].aliases = append(out[i].aliases, shown(n.Name))
		}
	}
	// What a module with others in it gives is what the last of them gives.
	ends := map[string]int{}
	for i, o := range origins {
		if onDevice[i] {
			for _, whole := range []string{o.module, cmp.Or(o.folded, o.module)} {
				for path := whole; path != ""; path = parent(path) {
					if inner[path] {
						ends[path] = i
					}
				}
			}
		}
	}
	for path, i := range ends {
		out[i].aliases = append(out[i].aliases, shown(path))
	}
	for _, n := range out {
		n.aliases = append(n.aliases, again.restored(append(n.aliases, n.name))...)
		slices.Sort(n.aliases)
		n.aliases = slices.Compact(n.aliases)
	}
	return out
}

// parent is the path of the module around one, "" for the outermost.
func parent(path string) string { return path[:max(strings.LastIndexAny(path, "./"), 0)] }

// numbered is the number that Keras' export has put behind the names of all layers, because it calls them once more.
type numbered struct {
	suffix string          // such as _1
	layers map[string]bool // that had it
}

// unnumbered takes such a number off, if all layers have the same one as the network that they are in.
func unnumbered(origins []origin, network string) numbered {
	n := numbered{layers: map[string]bool{}}
	at := strings.LastIndexByte(network, '_')
	if at < 0 || strings.Trim(network[at+1:], "0123456789") != "" || at+1 == len(network) {
		return n
	}
	n.suffix = network[at:]
	paths := func(do func(path *string)) {
		for i := range origins {
			for _, path := range []*string{&origins[i].module, &origins[i].folded} {
				if origins[i].known && *path != "" {
					do(path)
				}
			}
		}
	}
	all := true
	paths(func(path *string) {
		layer, _, _ := strings.Cut(*path, "/")
		all = all && len(layer) > len(n.suffix) && strings.HasSuffix(layer, n.suffix)
	})
	if all {
		paths(func(path *string) {
			layer, rest, inside := strings.Cut(*path, "/")
			layer = strings.TrimSuffix(layer, n.suffix)
			n.layers[layer] = true
			if *path = layer; inside {
				*path += "/" + rest
			}
		})
	}
	return n
}

// restored are the names as the file has them.
func (n numbered) restored(names []string) (all []string) {
	for _, name := range names {
		end := strings.IndexAny(name, "/.")
		if end < 0 {
			end = len(name)
		}
		if n.layers[name[:end]] {
			all = append(all, name[:end]+n.suffix+name[end:])
		}
	}
	return all
}

// stripPrefix takes the folders that all modules of a TensorFlow graph are in off their paths, and returns the last.
func stripPrefix(origins []origin) (last string) {
	for {
		prefix, several := "", false
		for _, o := range origins {
			if !o.known {
				continue
			}
			head, _, inside := strings.Cut(o.module, "/")
			if !inside || prefix != "" && head != prefix {
				return last
			}
			several = several || prefix != ""
			prefix = head
		}
		if !several {
			return last
		}
		last = prefix
		for i := range origins {
			origins[i].module = strings.TrimPrefix(origins[i].module, prefix+"/")
			origins[i].folded = strings.TrimPrefix(origins[i].folded, prefix+"/")
		}
	}
}

// reached says which nodes compute with the picture, not with constants and sizes alone.
func (s *source) reached(nodes []*onnxfile.Node) []bool {
	device := map[string]bool{s.picture: true}
	out := make([]bool, len(nodes))
	for i, n := range nodes {
		takes := slices.ContainsFunc(n.Inputs, func(name string) bool { return device[name] })
		if n.Op == "Shape" || n.Op == "Size" || n.Op != "If" && !takes {
			continue
		}
		out[i] = true
		for _, name := range n.Outputs {
			device[name] = true
		}
	}
	return out
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return progress.Printable(list[0])
}
