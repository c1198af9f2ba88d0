// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package heatmap

import (
	"fmt"
	"slices"
	"strings"

	. "github.com/gomlx/gomlx/core/graph"
)

// Method says how activations and gradients make a map. The zero value is Grad-CAM.
type Method string

// The methods, by the names that [ParseMethod] reads.
const (
	GradCAM         Method = "gradcam"
	HiResCAM        Method = "hirescam"
	LayerCAM        Method = "layercam"
	GradCAMPlusPlus Method = "gradcam++"
)

// contribution is a method as a graph function: what each channel adds to the map at each place, [batch, h, w,
// channels], for activations and gradients of that shape.
type contribution func(activations, gradients *Node) *Node

// NamedMethod is a method with a line about it.
type NamedMethod struct {
	Method Method
	About  string

	contribution contribution
}

var methods = []NamedMethod{
	{GradCAM, "each channel weighs what its gradient is on average: the book's (Selvaraju et al. 2017)", gradCAM},
	{HiResCAM, "each place of each channel weighs its own gradient, so the map shows only what the score used " +
		"(Draelos and Carin 2020)", hiResCAM},
	{LayerCAM, "as HiResCAM, but only where the gradient is positive: sharp in layers near the picture too " +
		"(Jiang et al. 2021)", layerCAM},
	{GradCAMPlusPlus, "positive gradients, weighted so that several objects of the class count alike " +
		"(Chattopadhay et al. 2018)", gradCAMPlusPlus},
}

// Methods lists the methods with a line about each.
func Methods() []NamedMethod { return slices.Clone(methods) }

// ParseMethod reads a method's name; "" is Grad-CAM. Errors name what is near.
func ParseMethod(text string) (Method, error) {
	at, err := Method(text).index()
	if err != nil {
		return "", err
	}
	return methods[at].Method, nil
}

// index is the method's place in the list.
func (m Method) index() (int, error) {
	if m == "" {
		m = GradCAM
	}
	var names []string
	for i, named := range methods {
		if named.Method == m {
			return i, nil
		}
		names = append(names, string(named.Method))
	}
	return 0, fmt.Errorf("there is no heatmap method %q: did you mean %s? (all: %s)",
		string(m), nearest(strings.ToLower(string(m)), names)[0], strings.Join(names, ", "))
}
