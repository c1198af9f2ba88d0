// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package vgg16

import "convscope/pkg/ascent"

// ChannelMean is the book's objective for a layer: the mean over all positions of the layer's output at one filter,
// see [network.Model.ChannelMean].
func ChannelMean(layer string) ascent.LossFunc { return table.ChannelMean(layer) }
