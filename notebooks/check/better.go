// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package check

import (
	"convscope/pkg/ascent"
	"convscope/vgg16"
)

// Robust checks that the picture which a method makes for filter 17 of block4_conv1 keeps that share of its activation
// when it is shifted and blurred.
func Robust(net *vgg16.Model, method ascent.Method, share float64) bool {
	return try(func() bool {
		target := net.MustChannel("block4_conv1", 17)
		score := ascent.MustRate(target, ascent.MustRun(target, ascent.Options{Method: method, Size: 128}))[0]
		return say(score.Kept() >= share, "%.0f %% of the activation is kept", 100*score.Kept())
	})
}

// Apart checks that filter 3 of block3_conv1 answers to the objective's picture, and filter 7 with less than a tenth
// of what it answers to the picture for filter 3 alone.
func Apart(net *vgg16.Model, objective ascent.Objective) bool {
	return try(func() bool {
		const layer, liked, avoided = "block3_conv1", 3, 7
		answers := func(target ascent.Target) []float32 {
			result := ascent.MustRun(target, ascent.Options{Size: 64})
			responses, err := net.Responses(result.Pictures, false, layer)
			if err != nil {
				panic(err)
			}
			return responses[0].Mean[0]
		}
		alone, own := answers(net.MustChannel(layer, liked)), answers(net.MustObjective(objective, 1))
		switch {
		case own[liked] < alone[liked]/4:
			return say(false, "filter %d answers with %.0f only, beside %.0f to its own picture",
				liked, own[liked], alone[liked])
		case own[avoided] > alone[avoided]/10:
			return say(false, "filter %d still answers with %.1f, beside %.1f to the picture for filter %d alone",
				avoided, own[avoided], alone[avoided], liked)
		}
		return say(true, "filter %d answers with %.0f, filter %d with %.1f", liked, own[liked], avoided, own[avoided])
	})
}

// Stubborn checks that the filter is silent on gray noise, is not woken by climbing its pre-activation, and is by
// another start.
func Stubborn(net *vgg16.Model, layer string, answer int) bool {
	return try(func() bool {
		found, err := vgg16.Find(layer)
		if err != nil {
			return refuse(err)
		}
		if answer < 0 || answer >= found.Filters {
			return say(false, "%s has no filter %d: choose 0 to %d", layer, answer, found.Filters-1)
		}
		target, err := net.Channel(layer, answer)
		if err != nil {
			return refuse(err)
		}
		switch fate := ascent.MustRun(target, ascent.Options{Size: 64}).Fates[0]; {
		case fate.Life != ascent.Rescued:
			return say(false, "filter %d is %s", answer, word(string(fate.Life)))
		case fate.How == "climbing its pre-activation":
			return say(false, "filter %d is woken by %s", answer, word(fate.How))
		default:
			return say(true, "filter %d is woken by %s", answer, word(fate.How))
		}
	})
}
