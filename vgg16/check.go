// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package vgg16

import (
	"convscope/pkg/ascent"
	"convscope/pkg/recipe"
)

// ChannelMean is the book's objective for a layer: the mean over all positions of the layer's output at one filter,
// see [network.Model.ChannelMean].
func ChannelMean(layer string) ascent.LossFunc { return table.ChannelMean(layer) }

// CheckRecipe returns the error that [network.Model.Reproduce] would return for the whole VGG16, whatever its weights,
// see [network.Table.CheckRecipe].
func CheckRecipe(r recipe.Recipe) error { return table.CheckRecipe(r) }

// CheckObjective returns the error that [network.Model.Objective] and [ascent.Run] would return for the whole VGG16,
// see [network.Table.CheckObjective].
func CheckObjective(o ascent.Objective, method ascent.Method, height, width int) error {
	return table.CheckObjective(o, method, height, width)
}
