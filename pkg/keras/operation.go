// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package keras

import (
	"slices"
	"strings"

	"convscope/pkg/layer"
)

// isOperation says whether a layer is a function that was applied to other layers' values: x / 127.5, a tf.nn.relu.
func isOperation(s *spec) bool {
	if strings.Contains(s.module, "keras.src.ops") || strings.Contains(s.module, "keras.ops") {
		return true
	}
	// .h5 files say no module. Layers say whether they are trainable.
	_, layerLike := s.options["trainable"]
	return s.module == "" && !layerLike && len(s.calls) > 0 && !s.calls[0].old && operations[snake(s.class)] != nil
}

func (r *reading) isOperation() bool { return isOperation(r.spec) || isFunction(r.spec) }

// isFunction says whether a layer is a function of tf.keras 2, which is a layer there.
func isFunction(s *spec) bool {
	return s.class == "TFOpLambda" || s.class == "SlicingOpLambda"
}

// operation reads what a function does.
func (r *reading) operation() []part {
	name := snake(r.class)
	if isFunction(r.spec) {
		function := text(r.options["function"])
		name = function[strings.LastIndexByte(function, '.')+1:]
		if strings.HasPrefix(function, "image.") {
			name = function
		}
	}
	do := operations[name]
	if do == nil {
		r.fail("the function %s is not known here", quoted(printable(name)))
		return nil
	}
	return do(r)
}

// operations are the functions, by their names in Keras 3 in small letters and in TensorFlow.
var operations map[string]func(*reading) []part

func init() {
	binary := func(o layer.Operation) func(*reading) []part {
		return func(r *reading) []part { return r.binary(o) }
	}
	activate := func(name string) func(*reading) []part {
		return func(r *reading) []part { return r.activate(r.function(name)) }
	}
	reduce := func(to layer.Reduction) func(*reading) []part {
		return func(r *reading) []part { return r.reduce(to) }
	}
	operations = map[string]func(*reading) []part{
		"add": binary(layer.Add), "subtract": binary(layer.Subtract), "multiply": binary(layer.Multiply),
		"divide": binary(layer.Divide), "true_divide": binary(layer.Divide), "truediv": binary(layer.Divide),
		"realdiv": binary(layer.Divide), "maximum": binary(layer.Maximum), "minimum": binary(layer.Minimum),
		"power": binary(layer.Power), "pow": binary(layer.Power), "bias_add": binary(layer.Add),

		"mean": reduce(layer.Mean), "sum": reduce(layer.Sum),
		"max": reduce(layer.Maximal), "min": reduce(layer.Minimal),
		"reduce_mean": reduce(layer.Mean), "reduce_sum": reduce(layer.Sum), "reduce_max": reduce(layer.Maximal),
		"reduce_min": reduce(layer.Minimal),

		"leaky_relu": func(r *reading) []part {
			return r.activate(layer.ReLU{NegativeSlope: r.argumentNumber(0.2, "negative_slope", "alpha")})
		},
		"elu":  func(r *reading) []part { return r.activate(layer.ELU{Alpha: r.argumentNumber(1, "alpha")}) },
		"celu": func(r *reading) []part { return r.activate(layer.CELU{Alpha: r.argumentNumber(1, "alpha")}) },
		"gelu": func(r *reading) []part {
			approximate, ok := r.argument(1, "approximate").(bool)
			return r.activate(layer.GELU{Tanh: ok && approximate})
		},
		"hard_sigmoid": func(r *reading) []part { return r.activate(r.hardSigmoid()) },
		"softmax":      func(r *reading) []part { return r.overChannels(layer.Softmax) },
		"log_softmax":  func(r *reading) []part { return r.overChannels(layer.LogSoftmax) },
		"clip":         (*reading).clip, "clip_by_value": (*reading).clip,

		"cast": (*reading).cast, "identity": (*reading).same, "stop_gradient": (*reading).same,
		"concatenate": (*reading).join, "concat": (*reading).join, "stack": (*reading).stack,
		"reshape": (*reading).reshapeTo, "transpose": (*reading).transpose, "expand_dims": (*reading).expand,
		"squeeze": (*reading).squeeze, "get_item": (*reading).item, "getitem": (*reading).item,
		"":             (*reading).item, // SlicingOpLambda
		"image.resize": (*reading).resizeTo,
	}
	for _, name := range []string{"relu", "relu6", "sigmoid", "silu", "swish", "hard_silu", "hard_swish", "selu",
		"softplus", "softsign", "tanh", "exp", "mish"} {
		operations[name] = activate(name)
	}
	for name, f := range map[string]layer.Function{"abs": layer.Absolute, "absolute": layer.Absolute,
		"negative": layer.Negative, "log": layer.Log, "reciprocal": layer.Reciprocal, "square": layer.Square,
		"sqrt": layer.Sqrt, "erf": layer.Erf} {
		operations[name] = func(r *reading) []part { return r.activate(f) }
	}
}

// argument is an option of a function: of its own, as Keras 3 keeps it, or the call's by name or place.
func (r *reading) argument(place int, names ...string) any {
	if v := r.value(names...); v != nil {
		return v
	}
	for _, name := range names {
		if v := r.call.kwargs[name]; v != nil {
			return v
		}
	}
	if place < len(r.call.args) {
		return r.call.args[place]
	}
	return nil
}

func (r *reading) argumentNumber(otherwise float64, names ...string) float64 {
	switch v := r.argument(1, names...).(type) {
	case nil:
		return otherwise
	case float64:
		return v
	}
	r.fail("its %s is no number", names[0])
	return otherwise
}

func (r *reading) activate(a layer.Activation) []part {
	return []part{{op: layer.Identity{}, activation: a}}
}

func (r *reading) overChannels(a layer.Activation) []part {
	axis, ok := integer(r.argument(1, "axis"))
	if r.argument(1, "axis") == nil {
		axis, ok = -1, true
	}
	if !ok || r.axis(axis) != r.rank()-1 {
		r.fail("its axis is not that of the channels")
	}
	return r.activate(a)
}

func (r *reading) same() []part { return one(layer.Identity{}, nil) }

func (r *reading) cast() []part {
	if dtype := text(r.argument(1, "dtype")); !strings.Contains(dtype, "float") {
		r.fail("it makes %s of its values", quoted(printable(dtype)))
	}
	return r.same()
}

func (r *reading) clip() []part {
	low, ok := r.argument(1, "x_min", "clip_value_min").(float64)
	high, okay := r.argument(2, "x_max", "clip_value_max").(float64)
	if !ok || !okay {
		r.fail("its bounds are no numbers")
	}
	return r.activate(layer.Clip{Min: low, Max: high})
}

// binary computes with two values, of which one may be a constant.
func (r *reading) binary(o layer.Operation) []part {
	first, second := r.operand(0, "x1", "x", "a", "value"), r.operand(1, "x2", "y", "b", "bias")
	_, left := first.(ref)
	_, right := second.(ref)
	if left && right {
		return one(layer.Arithmetic{Operation: o}, nil)
	}
	number := second
	if right {
		number = first
	}
	shape, values, ok := array(number)
	if !ok || !left && !right {
		r.fail("it takes something else than values and numbers")
		return nil
	}
	if shape = trim(shape); len(shape) > 1 && r.first {
		r.fail("it takes numbers for channels that come first, which is not known here")
	}
	if len(shape) < 2 && left {
		changed := make([]float64, len(values))
		switch o {
		case layer.Add:
			return one(layer.Rescale{Offset: values}, nil)
		case layer.Subtract:
			for i, v := range values {
				changed[i] = -v
			}
			return one(layer.Rescale{Offset: changed}, nil)
		case layer.Multiply:
			return one(layer.Rescale{Scale: values}, nil)
		case layer.Divide:
			for i, v := range values {
				changed[i] = 1 / v
			}
			return one(layer.Rescale{Scale: changed}, nil)
		}
	}
	if len(shape) == 0 {
		shape = []int{1}
	}
	flat := make([]float32, len(values))
	for i, v := range values {
		flat[i] = float32(v)
	}
	return []part{{op: layer.Arithmetic{Operation: o, Constant: shape, ConstantFirst: right}, constant: flat}}
}

// operand is what a function takes at a place or by one of these names.
func (r *reading) operand(place int, names ...string) any {
	if place < len(r.call.args) {
		return r.call.args[place]
	}
	for _, name := range names {
		if v, ok := r.call.kwargs[name]; ok {
			return v
		}
	}
	return nil
}

// array reads numbers in nested lists.
func array(from any) (shape []int, values []float64, ok bool) {
	list, isList := from.([]any)
	if !isList {
		f, isNumber := from.(float64)
		return nil, []float64{f}, isNumber
	}
	for i, each := range list {
		inner, more, ok := array(each)
		if !ok || i > 0 && !slices.Equal(inner, shape) {
			return nil, nil, false
		}
		shape, values = inner, append(values, more...)
	}
	return append([]int{len(list)}, shape...), values, len(list) > 0
}

func (r *reading) reduce(to layer.Reduction) []part {
	given := r.argument(1, "axis")
	op := layer.Reduce{To: to}
	op.Keep, _ = r.argument(2, "keepdims").(bool)
	axes, ok := integers(given)
	if given == nil {
		for axis := range r.rank() { // and the batch, which can't be
			axes = append(axes, axis)
		}
		r.fail("it takes all pictures together")
	} else if !ok {
		r.fail("its axis is no list of whole numbers")
	}
	for _, axis := range axes {
		op.Axes = append(op.Axes, r.axis(axis))
	}
	slices.Sort(op.Axes)
	if r.first && r.rank() == 3 && !op.Keep && !slices.Equal(op.Axes, []int{0, 1}) {
		r.fail("it leaves some axes where channels come first, which is not known here")
	}
	return one(op, nil)
}
