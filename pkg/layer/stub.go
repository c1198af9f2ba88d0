// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package layer

// Build adds it to the graph.
func (c Conv) Build(weight func(string) *Node, inputs ...*Node) *Node { panic("not yet") }

// Build adds it to the graph.
func (d DepthwiseConv) Build(weight func(string) *Node, inputs ...*Node) *Node { panic("not yet") }

// Build adds it to the graph.
func (s SeparableConv) Build(weight func(string) *Node, inputs ...*Node) *Node { panic("not yet") }

// Build adds it to the graph.
func (c ConvTranspose) Build(weight func(string) *Node, inputs ...*Node) *Node { panic("not yet") }

// Build adds it to the graph.
func (d Dense) Build(weight func(string) *Node, inputs ...*Node) *Node { panic("not yet") }

// Build adds it to the graph.
func (b BatchNorm) Build(weight func(string) *Node, inputs ...*Node) *Node { panic("not yet") }

// Build adds it to the graph.
func (l LayerNorm) Build(weight func(string) *Node, inputs ...*Node) *Node { panic("not yet") }

// Build adds it to the graph.
func (g GroupNorm) Build(weight func(string) *Node, inputs ...*Node) *Node { panic("not yet") }

// Build adds it to the graph.
func (l LRN) Build(weight func(string) *Node, inputs ...*Node) *Node { panic("not yet") }

// Build adds it to the graph.
func (p MaxPool) Build(weight func(string) *Node, inputs ...*Node) *Node { panic("not yet") }

// Build adds it to the graph.
func (p AveragePool) Build(weight func(string) *Node, inputs ...*Node) *Node { panic("not yet") }

// Build adds it to the graph.
func (r Reduce) Build(weight func(string) *Node, inputs ...*Node) *Node { panic("not yet") }

// Build adds it to the graph.
func (p Pad) Build(weight func(string) *Node, inputs ...*Node) *Node { panic("not yet") }

// Build adds it to the graph.
func (s Slice) Build(weight func(string) *Node, inputs ...*Node) *Node { panic("not yet") }

// Build adds it to the graph.
func (r Resize) Build(weight func(string) *Node, inputs ...*Node) *Node { panic("not yet") }

// Build adds it to the graph.
func (r Rescale) Build(weight func(string) *Node, inputs ...*Node) *Node { panic("not yet") }

// Build adds it to the graph.
func (a Arithmetic) Build(weight func(string) *Node, inputs ...*Node) *Node { panic("not yet") }

// Build adds it to the graph.
func (c Concat) Build(weight func(string) *Node, inputs ...*Node) *Node { panic("not yet") }

// Build adds it to the graph.
func (f Flatten) Build(weight func(string) *Node, inputs ...*Node) *Node { panic("not yet") }

// Build adds it to the graph.
func (r Reshape) Build(weight func(string) *Node, inputs ...*Node) *Node { panic("not yet") }

// Build adds it to the graph.
func (p Permute) Build(weight func(string) *Node, inputs ...*Node) *Node { panic("not yet") }

// Build adds it to the graph.
func (s Squeeze) Build(weight func(string) *Node, inputs ...*Node) *Node { panic("not yet") }

// Build adds it to the graph.
func (e Expand) Build(weight func(string) *Node, inputs ...*Node) *Node { panic("not yet") }

// Apply adds it to the graph.
func (r ReLU) Apply(x *Node) *Node { panic("not yet") }

// Apply adds it to the graph.
func (c Clip) Apply(x *Node) *Node { panic("not yet") }

// Apply adds it to the graph.
func (e ELU) Apply(x *Node) *Node { panic("not yet") }

// Apply adds it to the graph.
func (c CELU) Apply(x *Node) *Node { panic("not yet") }

// Apply adds it to the graph.
func (g GELU) Apply(x *Node) *Node { panic("not yet") }

// Apply adds it to the graph.
func (h HardSigmoid) Apply(x *Node) *Node { panic("not yet") }

// Apply adds it to the graph.
func (f Function) Apply(x *Node) *Node { panic("not yet") }
