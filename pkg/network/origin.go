// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package network

import (
	"fmt"

	"convscope/pkg/recipe"
	"convscope/pkg/weights"
)

// WeightsError says that a recipe is for another network or other weights than the model's.
type WeightsError struct {
	// Need and Have are fingerprints, as [Model.Fingerprint] gives them.
	Need, Have string
	// NeedNetwork and HaveNetwork are the names of the networks' files, "" for VGG16.
	NeedNetwork, HaveNetwork string
	// NeedInput and HaveInput are what pictures the weights in the file were said to take, or it tells itself; "" if
	// neither.
	NeedInput, HaveInput string
}

// Error names both and says how to come by the right ones.
func (e *WeightsError) Error() string {
	const hash = 64 // hex digits
	text := fmt.Sprintf("the recipe needs other weights: %s, these are %s", shortened(e.Need), shortened(e.Have))
	official, known := officially(e.Need)
	own, ours := officially(e.Have)
	switch {
	case known && (e.HaveNetwork != "" || ours && own.Name != official.Name):
		return text + ": needed are the ImageNet weights of " + official.Name + ", so give --model " + official.Name +
			" and name no weights file"
	case known:
		return text + ": needed are the ImageNet weights, so name no weights file, neither by option nor by " +
			weights.EnvPath
	case e.NeedNetwork != "":
		return fmt.Sprintf("the recipe is of another network, %q (%s), than this one (%s): give it with --model",
			e.NeedNetwork, shortened(e.Need), shortened(e.Have))
	case len(e.Need) != hash:
		return text + ", which only a program of its own makes"
	case e.HaveNetwork != "":
		return text + ": it is of VGG16, so give --model vgg16"
	}
	text += ": name the file that holds them by option or " + weights.EnvPath
	switch {
	case e.NeedInput != "" && e.NeedInput != e.HaveInput:
		text += ", and read it with --weights-input " + e.NeedInput
	case e.NeedInput == "" && len(e.Have) == hash && !ours:
		text += fmt.Sprintf("; if this one does, it was read in another way: say with --weights-input or %s "+
			"what pictures it takes: %s",
			weights.EnvInput, weights.Inputs())
	}
	return text
}

// shortened is a fingerprint's beginning, enough to tell two apart.
func shortened(fingerprint string) string {
	const enough = 32
	if len(fingerprint) <= enough {
		return fingerprint
	}
	return fingerprint[:12] + "..."
}

// checkOrigin returns an error when the recipe is of another network, of other weights, or of the same one fed in
// another way.
func (m *Model) checkOrigin(r recipe.Recipe) error {
	if err := r.Check(); err != nil {
		return err
	}
	if err := weights.CheckInput(r.WeightsInput); err != nil {
		return fmt.Errorf("%w: %w", recipe.ErrFormat, err)
	}
	if r.Weights != m.Fingerprint() {
		return &WeightsError{
			Need: r.Weights, Have: m.Fingerprint(), NeedNetwork: r.Network, HaveNetwork: m.origin.File,
			NeedInput: r.WeightsInput, HaveInput: m.origin.WeightsInput,
		}
	}
	if have := InputText(m.net.Input); r.Network != "" && r.Input != have {
		return fmt.Errorf("the recipe feeds %s as %s, here it is %s: give --input %s",
			r.Network, r.Input, have, r.Input)
	}
	return nil
}
