// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package onnx

import (
	"encoding/json"

	"convscope/pkg/layer"
)

// levelsKey is the metadata in which Write says how pictures go in.
const levelsKey = "convscope.input"

// levels are what gray levels become, as [layer.Input] has it.
type levels struct {
	Mean      []float64 `json:"mean,omitempty"`
	Deviation []float64 `json:"deviation,omitempty"`
	BGR       bool      `json:"bgr,omitempty"`
}

// addLevels takes over how pictures go in, where the file says it in our words.
func addLevels(in *layer.Input, metadata map[string]string) {
	var said levels
	if json.Unmarshal([]byte(metadata[levelsKey]), &said) != nil {
		return
	}
	in.Mean, in.Deviation, in.BGR, in.Source = said.Mean, said.Deviation, said.BGR, "from the file"
}
