// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package keras

import (
	"encoding/json"
	"fmt"

	"convscope/internal/progress"
)

// Bounds of what is taken from a file. The largest network of keras.applications has 1,500 layers in one level and
// half a megabyte of description.
const (
	maxConfig = 8 << 20
	maxLayers = 20_000
	maxDepth  = 16
)

// object is an object of JSON.
type object = map[string]any

// spec is one layer of a description: what it is, and on what it is called.
type spec struct {
	class, name, module string
	options             object
	build               object // with what it was called when it was made
	calls               []call
	inner               *graph // a network within the network, nil for a layer
}

// call is one use of a layer. Values that other layers make are refs, at any depth of args and kwargs.
type call struct {
	args   []any
	kwargs object
	old    bool // as Keras 2 writes it
}

// ref is what a call of a layer of the same network returned.
type ref struct {
	layer        string
	node, output int
}

// cut is Python's start:stop:step, of which each may be nil, and ellipsis its "...".
type (
	cut      struct{ start, stop, step any }
	ellipsis struct{}
)

// graph is a network's description.
type graph struct {
	name       string
	build      object
	sequential bool
	specs      []*spec
	byName     map[string]*spec
	inputs     []named
	outputs    []named
}

// named is a value that a network takes or gives, and the key if they are a dictionary.
type named struct {
	key string
	ref ref
}

// parse reads the description of a network, which is JSON.
func parse(text []byte) (*graph, error) {
	if len(text) > maxConfig {
		return nil, fmt.Errorf("its description has %d bytes, more than any network's", len(text))
	}
	var top object
	if err := json.Unmarshal(text, &top); err != nil {
		return nil, fmt.Errorf("its description is no JSON: %w", err)
	}
	left := maxLayers
	g, err := parseGraph(top, 0, &left)
	if err == nil && g == nil {
		class, _ := top["class_name"].(string)
		return nil, fmt.Errorf("its model is of the class %q, whose layers are in Python alone: "+
			"make it of Sequential or keras.Model(inputs, outputs), load the weights into that, and save it",
			printable(class))
	}
	return g, err
}

// parseGraph reads a network, nil for what has no layers of its own.
func parseGraph(from object, depth int, left *int) (*graph, error) {
	class := text(from["class_name"])
	g := &graph{sequential: class == "Sequential" || class == "Pipeline", byName: map[string]*spec{}}
	g.build, _ = from["build_config"].(object)
	var list []any
	config, _ := from["config"].(object)
	switch inside := from["config"].(type) {
	case []any: // a Sequential of the first versions
		list = inside
	case object:
		found, ok := inside["layers"].([]any)
		if _, wired := inside["output_layers"]; !ok || !g.sequential && !wired {
			return nil, nil
		}
		list, g.name = found, printable(text(inside["name"]))
	default:
		return nil, nil
	}
	if depth > maxDepth {
		return nil, fmt.Errorf("more than %d networks within each other", maxDepth)
	}
	if *left -= len(list); *left < 0 {
		return nil, fmt.Errorf("more than %d layers", maxLayers)
	}
	for i, each := range list {
		from, ok := each.(object)
		if !ok {
			return nil, fmt.Errorf("layer %d of %s is no object", i, quoted(g.name))
		}
		s, err := parseSpec(from, depth, left)
		if err != nil {
			return nil, err
		}
		if g.byName[s.name] != nil || s.name == "" {
			return nil, fmt.Errorf("network %s has two layers named %s", quoted(g.name), quoted(s.name))
		}
		g.specs, g.byName[s.name] = append(g.specs, s), s
	}
	if g.sequential {
		return g, nil
	}
	g.inputs, g.outputs = ends(config["input_layers"], ""), ends(config["output_layers"], "")
	if len(g.inputs) == 0 || len(g.outputs) == 0 {
		return nil, fmt.Errorf("network %s has no inputs or no outputs", quoted(g.name))
	}
	return g, nil
}

func parseSpec(from object, depth int, left *int) (*spec, error) {
	s := &spec{class: printable(text(from["class_name"])), module: text(from["module"])}
	s.options, _ = from["config"].(object)
	s.build, _ = from["build_config"].(object)
	if s.name = printable(text(from["name"])); s.name == "" {
		s.name = printable(text(s.options["name"]))
	}
	if s.class == "" {
		return nil, fmt.Errorf("layer %s has no class", quoted(s.name))
	}
	var err error
	if s.inner, err = parseGraph(from, depth+1, left); err != nil {
		return nil, err
	}
	if s.inner != nil && s.name == "" {
		s.name = s.inner.name
	}
	nodes, _ := from["inbound_nodes"].([]any)
	for _, node := range nodes {
		if *left--; *left < 0 {
			return nil, fmt.Errorf("more than %d layers", maxLayers)
		}
		s.calls = append(s.calls, parseCall(node))
	}
	return s, nil
}

// parseCall reads one entry of inbound_nodes: {"args": [...], "kwargs": {...}} in Keras 3, a list of
// ["name", node, output, {kwargs}] before.
func parseCall(node any) call {
	if from, ok := node.(object); ok {
		args, _ := wired(from["args"], false).([]any)
		kwargs, _ := wired(from["kwargs"], false).(object)
		return call{args: args, kwargs: kwargs}
	}
	c := call{old: true}
	list, _ := node.([]any)
	if _, one := oldRef(list); one || len(list) > 2 && text(list[0]) == "_CONSTANT_VALUE" {
		list = []any{list}
	}
	var taken []any
	for _, each := range list {
		entry, _ := each.([]any)
		if r, ok := oldRef(entry); ok {
			taken = append(taken, r)
			if len(entry) > 3 && c.kwargs == nil {
				c.kwargs, _ = wired(entry[3], true).(object)
			}
		} else if len(entry) >= 3 && text(entry[0]) == "_CONSTANT_VALUE" {
			taken = append(taken, entry[2])
			if len(entry) > 3 && c.kwargs == nil {
				c.kwargs, _ = wired(entry[3], true).(object)
			}
		} else {
			taken = append(taken, each)
		}
	}
	if len(taken) == 1 {
		c.args = taken
	} else {
		c.args = []any{taken}
	}
	return c
}

// wired replaces what stands for other layers' values by refs. What old says, a list that looks like one is one.
func wired(value any, old bool) any {
	switch v := value.(type) {
	case []any:
		if r, ok := oldRef(v); ok && old {
			return r
		}
		out := make([]any, len(v))
		for i := range v {
			out[i] = wired(v[i], old)
		}
		return out
	case object:
		if text(v["class_name"]) == "__keras_tensor__" {
			config, _ := v["config"].(object)
			history, _ := config["keras_history"].([]any)
			if r, ok := oldRef(history); ok {
				return r
			}
		}
		config, _ := v["config"].(object)
		switch text(v["class_name"]) {
		case "__tuple__":
			return wired(v["config"], old)
		case "__tensor__", "__numpy__":
			return config["value"]
		case "__ellipsis__":
			return ellipsis{}
		case "__slice__":
			return cut{config["start"], config["stop"], config["step"]}
		}
		if _, ok := v["step"]; ok && len(v) == 3 {
			return cut{v["start"], v["stop"], v["step"]}
		}
		out := object{}
		for key, each := range v {
			out[key] = wired(each, old)
		}
		return out
	}
	return value
}

// oldRef reads ["name", node, output, ...].
func oldRef(list []any) (ref, bool) {
	if len(list) < 3 || len(list) > 4 {
		return ref{}, false
	}
	name, isName := list[0].(string)
	node, isNode := list[1].(float64)
	output, isOutput := list[2].(float64)
	if !isName || !isNode || !isOutput || node < 0 || output < 0 || node > maxLayers || output > maxLayers {
		return ref{}, false
	}
	return ref{printable(name), int(node), int(output)}, true
}

// ends lists a network's inputs or outputs: one, a list or a dictionary of them.
func ends(value any, key string) []named {
	switch v := value.(type) {
	case []any:
		if r, ok := oldRef(v); ok {
			return []named{{key, r}}
		}
		var all []named
		for _, each := range v {
			all = append(all, ends(each, key)...)
		}
		return all
	case object:
		var all []named
		for _, key := range sortedKeys(v) {
			all = append(all, ends(v[key], key)...)
		}
		return all
	}
	return nil
}

func text(value any) string { s, _ := value.(string); return s }

func printable(name string) string { return progress.Printable(name) }

func quoted(name string) string { return fmt.Sprintf("%q", name) }
