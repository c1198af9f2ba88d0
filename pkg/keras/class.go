// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package keras

import (
	"fmt"
	"strings"

	"convscope/pkg/layer"
)

// part is one row that a layer becomes; most are one.
type part struct {
	suffix     string // what is hung on the layer's name
	op         layer.Op
	activation layer.Activation
	wants      []want
	constant   []float32 // the weight "constant", which stands in the description
	// take are the inputs by number; behind them count the parts before. Nil stands for all inputs, or the part
	// before.
	take []int
}

// rows reads a layer: what it computes, in one or more parts.
func (r *reading) rows() []part {
	class := plainClass(r.class)
	if r.isOperation() {
		return r.operation()
	}
	if identities[class] {
		return []part{{op: layer.Identity{}}}
	}
	if class == "Activation" {
		return r.activate(r.activation())
	}
	if build := activationLayers[class]; build != nil {
		return r.activate(build(r))
	}
	if build := classes[class]; build != nil {
		return build(r)
	}
	switch class {
	case "Lambda":
		r.fail("it is Python code, which is not run")
	default:
		r.fail("this class is not known here")
	}
	return nil
}

// identities are the layers that do nothing in a trained network.
var identities = map[string]bool{
	"Identity": true, "ActivityRegularization": true, "InputLayer": true,
	"Dropout": true, "SpatialDropout2D": true, "SpatialDropout1D": true, "AlphaDropout": true, "GaussianDropout": true,
	"GaussianNoise": true, "StochasticDepth": true, "FixedDropout": true, "DropPath": true,
	"RandomFlip": true, "RandomRotation": true, "RandomZoom": true, "RandomTranslation": true, "RandomContrast": true,
	"RandomBrightness": true, "RandomHeight": true, "RandomWidth": true, "RandomShear": true, "RandomHue": true,
	"RandomSaturation": true, "RandomColorJitter": true, "RandomColorDegeneration": true, "RandomGrayscale": true,
	"RandomInvert": true, "RandomPosterization": true, "RandomSharpness": true, "RandomPerspective": true,
	"RandomGaussianBlur": true, "RandomErasing": true, "RandomElasticTransform": true, "RandAugment": true,
	"AugMix": true, "MixUp": true, "CutMix": true,
}

// classes are the others.
var classes = map[string]func(*reading) []part{
	"Conv2D": (*reading).conv, "Convolution2D": (*reading).conv, "DepthwiseConv2D": (*reading).depthwise,
	"SeparableConv2D": (*reading).separable, "SeparableConvolution2D": (*reading).separable,
	"Conv2DTranspose": (*reading).transposed, "Deconvolution2D": (*reading).transposed, "Dense": (*reading).dense,

	"BatchNormalization": (*reading).batchNorm, "SyncBatchNormalization": (*reading).batchNorm,
	"LayerNormalization": (*reading).layerNorm, "GroupNormalization": (*reading).groupNorm,
	"Normalization": (*reading).normalization, "Rescaling": (*reading).rescaling, "PReLU": (*reading).prelu,
	"LayerScale": (*reading).layerScale, "CustomScaleLayer": (*reading).scaledSum,

	"MaxPooling2D": (*reading).maxPool, "MaxPool2D": (*reading).maxPool, "AveragePooling2D": (*reading).averagePool,
	"AvgPool2D": (*reading).averagePool, "GlobalAveragePooling2D": global(layer.Mean),
	"GlobalAvgPool2D": global(layer.Mean), "GlobalMaxPooling2D": global(layer.Maximal),
	"GlobalMaxPool2D": global(layer.Maximal),

	"ZeroPadding2D": (*reading).zeroPadding, "Cropping2D": (*reading).cropping, "UpSampling2D": (*reading).upSampling,
	"Resizing": (*reading).resizing, "Flatten": (*reading).flatten, "Reshape": (*reading).reshape,
	"Permute": (*reading).permute,

	"Add": merge(layer.Add), "Subtract": merge(layer.Subtract), "Multiply": merge(layer.Multiply),
	"Average": merge(layer.Average), "Maximum": merge(layer.Maximum), "Minimum": merge(layer.Minimum),
	"Concatenate": func(r *reading) []part { return r.concat(r.whole(-1, "axis")) },
}

// one is a layer that is one row.
func one(op layer.Op, a layer.Activation, wants ...want) []part {
	return []part{{op: op, activation: a, wants: wants}}
}

// merge is a layer that computes with several inputs.
func merge(o layer.Operation) func(*reading) []part {
	return func(r *reading) []part { return one(layer.Arithmetic{Operation: o}, nil) }
}

func (r *reading) concat(axis int) []part {
	if axis = r.axis(axis); axis == r.rank()-1 {
		axis = -1
	}
	return one(layer.Concat{Axis: axis}, nil)
}

// why says why a layer can't be computed.
func (r *reading) why(name string) string {
	kind := "a"
	if strings.ContainsAny(r.class[:1], "AEIOU") {
		kind = "an"
	}
	return fmt.Sprintf("layer %s, %s %s, can't be computed: %s", quoted(name), kind, r.class, r.fault)
}
