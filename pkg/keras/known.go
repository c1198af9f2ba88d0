// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package keras

import (
	"math"
	"slices"
	"strings"

	"convscope/pkg/layer"

	"github.com/gomlx/gomlx/core/tensors"
)

// How keras.applications prepare pictures, in gray levels.
var (
	caffe = layer.Input{Mean: []float64{103.939, 116.779, 123.68}, BGR: true}
	tf    = layer.Input{Mean: []float64{127.5}, Deviation: []float64{127.5}}
	torch = layer.Input{Mean: []float64{0.485 * 255, 0.456 * 255, 0.406 * 255},
		Deviation: []float64{0.229 * 255, 0.224 * 255, 0.225 * 255}}
)

// known is a network of keras.applications: how its name begins, in small letters, and layers that only it has.
type known struct {
	title, name string
	layers      []string
	input       layer.Input
}

var knowns = []known{
	{"VGG19", "vgg19", []string{"block1_conv1", "block5_conv4"}, caffe},
	{"VGG16", "vgg16", []string{"block1_conv1", "block5_conv3", "block1_pool"}, caffe},
	{"ResNetV2", "resnet50v2", []string{"conv2_block1_preact_bn"}, tf},
	{"ResNetV2", "resnet101v2", nil, tf},
	{"ResNetV2", "resnet152v2", nil, tf},
	{"ResNet", "resnet50", []string{"conv2_block1_0_conv", "conv2_block1_3_bn"}, caffe},
	{"ResNet", "resnet101", nil, caffe},
	{"ResNet", "resnet152", nil, caffe},
	{"ResNet", "resnet", []string{"res2a_branch2a", "bn2a_branch2a"}, caffe}, // of Keras until 2.2
	{"DenseNet", "densenet", []string{"conv2_block1_0_bn", "pool2_bn"}, torch},
	{"MobileNetV2", "mobilenetv2", []string{"expanded_conv_depthwise_BN", "Conv_1_bn"}, tf},
	{"MobileNet", "mobilenet_", []string{"conv_dw_1_bn", "conv_pw_13_bn"}, tf},
	{"InceptionResNetV2", "inception_resnet_v2", []string{"block35_1_mixed", "conv_7b_bn"}, tf},
	{"InceptionV3", "inception_v3", []string{"mixed0", "mixed10"}, tf},
	{"Xception", "xception", []string{"block14_sepconv2_bn", "block1_conv1_bn"}, tf},
	{"NASNet", "nasnet", []string{"stem_bn1", "normal_concat_0"}, tf},
}

// convention fills in how a network wants its pictures: from the file, if it begins with that, or from what network it
// is or has within.
func convention(net *layer.Network, g *graph) {
	if scale, ok := beginning(net); ok {
		// Only a network that takes gray levels divides by so much.
		if in := &net.Input; scale <= 1.0/16 {
			in.Source = "from the file"
		} else if scale > 1 {
			in.Deviation, in.Source = []float64{255}, "guessed from its rescaling of levels from 0 to 1"
		}
		return
	}
	if net.Input.Channels != 3 {
		return
	}
	names := []string{strings.ToLower(g.name)}
	for _, s := range g.specs {
		if s.inner != nil {
			names = append(names, strings.ToLower(s.name))
		}
	}
	layers := map[string]bool{}
	for _, l := range net.Layers {
		for _, name := range append([]string{l.Name}, l.Aliases...) {
			layers[name[strings.LastIndexByte(name, '/')+1:]] = true
		}
	}
	for _, k := range knowns {
		byName := slices.ContainsFunc(names, func(name string) bool { return strings.HasPrefix(name, k.name) })
		byLayers := len(k.layers) > 0 && !slices.ContainsFunc(k.layers,
			func(name string) bool { return !layers[name] })
		if byName && !contradicts(k, layers) || byLayers {
			net.Input.Mean, net.Input.Deviation, net.Input.BGR = k.input.Mean, k.input.Deviation, k.input.BGR
			net.Input.Source = "guessed for " + k.title
			return
		}
	}
}

// contradicts says whether a network that is named like a known one has none of its layers: someone's own "resnet50".
func contradicts(k known, layers map[string]bool) bool {
	return len(k.layers) > 0 && !slices.ContainsFunc(k.layers, func(name string) bool { return layers[name] })
}

// beginning says whether a network begins with rescaling its pictures, and by how much at most.
func beginning(net *layer.Network) (scale float64, ok bool) {
	same := map[string]bool{layer.Picture: true} // what gives the picture as it is
	scale = -1
	for _, l := range net.Layers {
		if !slices.ContainsFunc(l.Inputs, func(name string) bool { return same[name] }) {
			continue
		}
		switch op := l.Op.(type) {
		case layer.Identity, layer.Pad, layer.Resize, layer.Slice, layer.Squeeze, layer.Expand,
			layer.Concat, layer.Permute:
			if l.Activation == nil {
				same[l.Name] = true
				continue
			}
		case layer.Rescale:
			scale, ok = max(scale, rescales(op)), true
			continue
		case layer.BatchNorm:
			if l.Class == "Normalization" {
				scale, ok = max(scale, deviation(l)), true
				continue
			}
		}
		return 0, false
	}
	return scale, ok
}

// rescales is by how much values are multiplied; one that only moves them by much takes gray levels.
func rescales(op layer.Rescale) float64 {
	if len(op.Scale) > 0 {
		return slices.Max(op.Scale)
	}
	for _, v := range op.Offset {
		if v < -16 || v > 16 {
			return 0
		}
	}
	return 1
}

// deviation is by how much a Normalization with its numbers among the weights multiplies.
func deviation(l layer.Layer) float64 {
	t, err := l.Weights["variance"].Read()
	if err != nil {
		return 0 // whoever builds the layer hears of it
	}
	variance, err := tensors.CopyFlatData[float32](t)
	if err != nil || len(variance) == 0 {
		return 0
	}
	return 1 / math.Sqrt(max(float64(slices.Min(variance)), 1e-9))
}
