// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package keras

import (
	"fmt"
	"strings"

	"convscope/pkg/layer"
)

// functions are the activations that Keras knows by name; that of nil changes nothing.
var functions = map[string]layer.Activation{
	"linear": nil, "relu": layer.ReLU{}, "relu6": layer.ReLU{Max: 6}, "leaky_relu": layer.ReLU{NegativeSlope: 0.2},
	"sigmoid": layer.Sigmoid, "tanh": layer.Tanh, "softmax": layer.Softmax, "log_softmax": layer.LogSoftmax,
	"softplus": layer.Softplus, "softsign": layer.Softsign, "exponential": layer.Exponential, "exp": layer.Exponential,
	"silu": layer.SiLU, "swish": layer.SiLU, "hard_silu": layer.HardSiLU, "hard_swish": layer.HardSiLU,
	"selu": layer.SELU, "elu": layer.ELU{Alpha: 1}, "celu": layer.CELU{Alpha: 1}, "gelu": layer.GELU{},
	"mish": layer.Mish, "hard_tanh": layer.Clip{Min: -1, Max: 1},
}

// activation reads a layer's option of that name: a function's name, a function or a layer.
func (r *reading) activation() layer.Activation {
	v := r.options["activation"]
	if v == nil {
		return nil
	}
	if from, ok := v.(object); ok {
		config, isLayer := from["config"].(object)
		class := plainClass(text(from["class_name"]))
		if build := activationLayers[class]; isLayer && build != nil {
			inner := *r
			inner.spec = &spec{class: class, options: config}
			inner.fault = ""
			a := build(&inner)
			if inner.fault != "" {
				r.fail("its activation: %s", inner.fault)
			}
			return a
		}
		if name, ok := from["config"].(string); ok {
			v = name
		} else if v = from["class_name"]; class == "function" || class == "__lambda__" {
			v = "a function in Python"
		}
	}
	return r.function(v)
}

// function is the activation of a name.
func (r *reading) function(value any) layer.Activation {
	name := plainClass(text(value))
	if name == "hard_sigmoid" {
		return r.hardSigmoid()
	}
	a, ok := functions[name]
	if !ok {
		a, ok = functions[strings.ToLower(name)]
	}
	if !ok {
		r.fail("its activation %s is not known here", quoted(printable(fmt.Sprint(value))))
	}
	return a
}

// hardSigmoid is another function since Keras 3.
func (r *reading) hardSigmoid() layer.Activation {
	if r.version < 3 {
		return layer.HardSigmoid{Alpha: 0.2, Beta: 0.5}
	}
	return layer.HardSigmoid{Alpha: 1.0 / 6, Beta: 0.5}
}

// activationLayers are the layers that are activations, with their options.
var activationLayers = map[string]func(*reading) layer.Activation{
	"ReLU": func(r *reading) layer.Activation {
		a := layer.ReLU{Max: r.number(0, "max_value"), NegativeSlope: r.number(0, "negative_slope"),
			Threshold: r.number(0, "threshold")}
		if r.value("max_value") == 0.0 {
			r.fail("its max_value of 0 leaves nothing")
		}
		return a
	},
	"LeakyReLU": func(r *reading) layer.Activation {
		return layer.ReLU{NegativeSlope: r.number(0.3, "negative_slope", "alpha")}
	},
	"ThresholdedReLU": func(r *reading) layer.Activation { return layer.ReLU{Threshold: r.number(1, "theta")} },
	"ELU":             func(r *reading) layer.Activation { return layer.ELU{Alpha: r.number(1, "alpha")} },
	"Softmax": func(r *reading) layer.Activation {
		r.onChannels("axis")
		return layer.Softmax
	},
}

// plainClass is a class's name without the package that it is registered in: "Custom>Swish".
func plainClass(name string) string { return name[strings.LastIndexByte(name, '>')+1:] }
