// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package layer

import (
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/support/exceptions"
)

// Walk says how a network is built.
type Walk struct {
	// Redirected replaces ReLUs' gradients with ones that pass silent ones, see ascent.RedirectedReLU.
	Redirected bool
	// Before asks for the named layers' values before their activations; of a maximum pool, for the maximum of those
	// of the layer below.
	Before bool
	// Chosen, [batch] int32, asks for one channel a picture of the last of the named layers, which then is
	// [batch, height, width, 1]. Nil asks for all.
	Chosen *Node
}

// Outputs builds the network from its input, [batch, height, width, channels], as far as the named layers need, and
// returns their outputs. It panics, as graph functions do.
func (n *Network) Outputs(scope *model.Scope, input *Node, how Walk, names ...string) []*Node {
	exceptions.Panicf("not built yet")
	return nil
}
