// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package onnx

import (
	"fmt"
	"math"

	"convscope/pkg/layer"
)

// activations are operations on each value by itself.
var activations = map[string]func(n *node) layer.Activation{
	"Relu":       func(*node) layer.Activation { return layer.ReLU{} },
	"Sigmoid":    func(*node) layer.Activation { return layer.Sigmoid },
	"Tanh":       func(*node) layer.Activation { return layer.Tanh },
	"Softplus":   func(*node) layer.Activation { return layer.Softplus },
	"Softsign":   func(*node) layer.Activation { return layer.Softsign },
	"Mish":       func(*node) layer.Activation { return layer.Mish },
	"HardSwish":  func(*node) layer.Activation { return layer.HardSiLU },
	"Erf":        func(*node) layer.Activation { return layer.Erf },
	"Exp":        func(*node) layer.Activation { return layer.Exponential },
	"Log":        func(*node) layer.Activation { return layer.Log },
	"Neg":        func(*node) layer.Activation { return layer.Negative },
	"Abs":        func(*node) layer.Activation { return layer.Absolute },
	"Sqrt":       func(*node) layer.Activation { return layer.Sqrt },
	"Reciprocal": func(*node) layer.Activation { return layer.Reciprocal },
	"LeakyRelu": func(n *node) layer.Activation {
		return layer.ReLU{NegativeSlope: float64(n.Float("alpha", 0.01))}
	},
	"ThresholdedRelu": func(n *node) layer.Activation {
		return layer.ReLU{Threshold: float64(n.Float("alpha", 1))}
	},
	"Elu":  func(n *node) layer.Activation { return layer.ELU{Alpha: float64(n.Float("alpha", 1))} },
	"Celu": func(n *node) layer.Activation { return layer.CELU{Alpha: float64(n.Float("alpha", 1))} },
	"HardSigmoid": func(n *node) layer.Activation {
		return layer.HardSigmoid{Alpha: float64(n.Float("alpha", 0.2)), Beta: float64(n.Float("beta", 0.5))}
	},
	"Gelu": func(n *node) layer.Activation {
		return layer.GELU{Tanh: n.Text("approximate", "none") == "tanh"}
	},
	"FastGelu": func(*node) layer.Activation { return layer.GELU{Tanh: true} },
	"Selu": func(n *node) layer.Activation {
		const alpha, gamma = 1.67326319217681884765625, 1.05070102214813232421875
		if n.Float("alpha", alpha) != alpha || n.Float("gamma", gamma) != gamma {
			return nil
		}
		return layer.SELU
	},
	"Swish": func(n *node) layer.Activation {
		if n.Float("alpha", 1) != 1 {
			return nil
		}
		return layer.SiLU
	},
}

// activate is an activation as a layer of its own: a person who wrote a module for it finds it by its name, and the
// convolution before it gives what it gave.
func (r *reader) activate(n *node) ([]*value, error) {
	x, err := n.device(0)
	if err != nil {
		return nil, err
	}
	if len(n.in) != 1 {
		return nil, fmt.Errorf("it has %d inputs where 1 is supported", len(n.in))
	}
	a := activations[n.Op](n)
	if a == nil {
		return nil, fmt.Errorf("it has options that are not supported")
	}
	return r.activated(n, a, x), nil
}

func (r *reader) activated(n *node, a layer.Activation, x *value) []*value {
	return []*value{r.row(n, "", layer.Activate{Activation: a}, nil, x.order, x)}
}

// clip is a Clip; one from 0 on is a ReLU.
func (r *reader) clip(n *node) ([]*value, error) {
	x, err := n.device(0)
	if err != nil {
		return nil, err
	}
	low, err := n.number(1, "min", math.Inf(-1))
	if err != nil {
		return nil, err
	}
	high, err := n.number(2, "max", math.Inf(1))
	if err != nil {
		return nil, err
	}
	const unbounded = 3e38 // older graphs have the largest number of 32 bits for none
	if low <= -unbounded {
		low = math.Inf(-1)
	}
	if high >= unbounded {
		high = math.Inf(1)
	}
	switch {
	case !(low <= high):
		return nil, fmt.Errorf("values between %g and %g", low, high)
	case low == 0 && math.IsInf(high, 1):
		return r.activated(n, layer.ReLU{}, x), nil
	case low == 0 && high > 0:
		return r.activated(n, layer.ReLU{Max: high}, x), nil
	}
	return r.activated(n, layer.Clip{Min: low, Max: high}, x), nil
}

// softmax is a Softmax or a LogSoftmax. Up to version 12 it is over all axes from the given one on.
func (r *reader) softmax(n *node) ([]*value, error) {
	x, err := n.device(0)
	if err != nil {
		return nil, err
	}
	absent := -1
	if r.model.Opset < 13 {
		absent = 1
	}
	rank := len(x.order)
	axis, err := axisIn(int(n.Int("axis", int64(absent))), rank)
	if err != nil {
		return nil, err
	}
	if r.model.Opset < 13 {
		dims := x.dims(r.batch)
		for i := axis + 1; i < rank; i++ {
			if dims[i] != 1 && dims[axis] != 1 {
				return nil, fmt.Errorf("one over several axes is not supported")
			}
			if dims[i] != 1 {
				axis = i
			}
		}
	}
	last := x.order[axis]
	if last == 0 {
		return nil, errBatch
	}
	order := make([]int, rank)
	for i, at := range x.order {
		switch {
		case i == axis:
			order[i] = len(x.shape)
		case at > last:
			order[i] = at - 1
		default:
			order[i] = at
		}
	}
	if x, err = r.turned(n, x, order); err != nil || x.lost {
		return []*value{x}, err
	}
	if n.Op == "LogSoftmax" {
		return r.activated(n, layer.LogSoftmax, x), nil
	}
	return r.activated(n, layer.Softmax, x), nil
}

// prelu is a PRelu with a known slope.
func (r *reader) prelu(n *node) ([]*value, error) {
	x, err := n.device(0)
	if err != nil {
		return nil, err
	}
	slope, err := n.weight(1)
	if err != nil {
		return nil, err
	}
	if slope, err = r.beside(slope, x); err != nil {
		return nil, err
	}
	return r.weighed(n, layer.PReLU{Alpha: slope.dims}, map[string]*array{"alpha": slope}, x)
}

// erfc is 1 - erf(x), of which tf2onnx makes Keras' GELU.
func (r *reader) erfc(n *node) ([]*value, error) {
	x, err := n.device(0)
	if err != nil {
		return nil, err
	}
	erf := r.row(n, "erf", layer.Activate{Activation: layer.Erf}, nil, x.order, x)
	return []*value{r.row(n, "", layer.Rescale{Scale: []float64{-1}, Offset: []float64{1}}, nil, x.order, erf)}, nil
}
