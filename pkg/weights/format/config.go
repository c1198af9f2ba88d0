// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package format

import (
	"encoding/json"
	"slices"
	"strings"

	"convscope/internal/progress"
)

// maxConfig is how many bytes a network's description in a Keras file may have; VGG16's has 20 thousand.
const maxConfig = 16 << 20

// layer is one of a Keras network, as its description has it.
type layer struct {
	class  string
	config map[string]any
}

// describeKeras notes on the kernels what a Keras file's description of its network says of their convolutions: those
// of the same name where the file lists tensors by layer, else, if there are as many of the same shapes, those in the
// same order. A description that isn't understood tells nothing.
func (f *File) describeKeras(text []byte, named bool) {
	var top any
	if len(text) > maxConfig || json.Unmarshal(text, &top) != nil {
		return
	}
	layers := leaves(top, nil)
	var names []string
	var convs []*Conv
	for i, l := range layers {
		if l.class == "Conv2D" || l.class == "Convolution2D" {
			name, _ := l.config["name"].(string)
			names, convs = append(names, name), append(convs, l.conv(layers[:i], layers[i+1:]))
		}
	}
	var kernels []*Tensor
	for i := range f.Tensors {
		if len(f.Tensors[i].Shape) == 4 {
			kernels = append(kernels, &f.Tensors[i])
		}
	}
	if named {
		for _, t := range kernels {
			parts := strings.Split(t.Name, "/")
			at := slices.IndexFunc(names, func(name string) bool { return name != "" && slices.Contains(parts, name) })
			if at >= 0 {
				t.Conv = convs[at]
			}
		}
		return
	}
	if len(kernels) != len(convs) {
		return
	}
	for i, t := range kernels {
		if c := convs[i]; c.Size == nil || !slices.Equal(c.Size, t.Shape[:2]) || c.filters != t.Shape[3] {
			return
		}
	}
	for i, t := range kernels {
		t.Conv = convs[i]
	}
}

// leaves lists the layers of a network, with those of the networks in it, in order.
func leaves(value any, found []layer) []layer {
	switch v := value.(type) {
	case []any:
		for _, each := range v {
			found = leaves(each, found)
		}
	case map[string]any:
		class, _ := v["class_name"].(string)
		switch config := v["config"].(type) {
		case []any: // a Sequential of Keras 1
			return leaves(config, found)
		case map[string]any:
			if inner, ok := config["layers"]; ok {
				return leaves(inner, found)
			}
			return append(found, layer{class, config})
		}
	}
	return found
}

// conv says how a convolution is used, given the layers before and after it.
func (l layer) conv(before, after []layer) *Conv {
	c := &Conv{Op: "Conv2D", Size: l.pair("kernel_size"), Strides: l.pair("strides", "subsample"),
		Dilations: l.pair("dilation_rate", "atrous_rate"), Before: make([]int, 4)}
	groups, _ := l.config["groups"].(float64)
	filters, _ := l.config["filters"].(float64)
	c.Groups, c.filters = int(groups), int(filters)
	switch l.text("padding", "border_mode") {
	case "valid":
		c.Pads = make([]int, 4)
	case "same":
		c.Same = true
	}
	if len(before) > 0 && before[len(before)-1].class == "ZeroPadding2D" {
		c.Before = before[len(before)-1].pads()
	}
	if c.Activation = l.activation(); c.Activation != "linear" {
		return c
	}
	c.Activation = ""
	for _, next := range after {
		switch {
		case strings.Contains(next.class, "Conv"):
			c.Activation = "linear"
		case next.class == "ReLU":
			c.Activation = next.relu()
		case next.class == "Activation":
			c.Activation = next.activation()
		case next.class == "LeakyReLU" || next.class == "PReLU" || next.class == "ELU":
			c.Activation = strings.ToLower(next.class)
		}
		if c.Activation != "" {
			break
		}
	}
	return c
}

// activation is the name of a layer's activation, "" if it is not told.
func (l layer) activation() string {
	v, ok := l.config["activation"]
	if m, isMap := v.(map[string]any); isMap {
		if v = m["config"]; m["class_name"] != "function" {
			v = m["class_name"]
		}
	}
	name, _ := v.(string)
	if ok && v == nil {
		return "linear"
	}
	return strings.ToLower(progress.Printable(name))
}

// relu is "relu", or says what makes a layer of ReLU another function.
func (l layer) relu() string {
	for _, part := range []string{"max_value", "negative_slope", "threshold"} {
		if n, ok := l.config[part].(float64); ok && n != 0 {
			return "relu with " + part
		}
	}
	return "relu"
}

// pads are those of a ZeroPadding2D: one number, one for rows and one for columns, or two for each.
func (l layer) pads() []int {
	switch n := numbersIn(l.config["padding"], nil); len(n) {
	case 1:
		return []int{n[0], n[0], n[0], n[0]}
	case 2:
		return []int{n[0], n[1], n[0], n[1]}
	case 4:
		return []int{n[0], n[2], n[1], n[3]}
	}
	return nil
}

// pair is the first setting of these names that is there: a number for rows and one for columns, or one for both.
func (l layer) pair(names ...string) []int {
	for _, name := range names {
		switch n := numbersIn(l.config[name], nil); len(n) {
		case 1:
			return []int{n[0], n[0]}
		case 2:
			return n
		}
	}
	return nil
}

func (l layer) text(names ...string) string {
	for _, name := range names {
		if text, ok := l.config[name].(string); ok {
			return text
		}
	}
	return ""
}

// numbersIn lists the numbers in a value, also in lists of lists.
func numbersIn(value any, found []int) []int {
	switch v := value.(type) {
	case float64:
		return append(found, int(v))
	case []any:
		for _, each := range v {
			found = numbersIn(each, found)
		}
	}
	return found
}
