// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package verdict

// MIME is the type of a verdict among the data of a cell's output.
const MIME = "application/vnd.convscope.check+json"

// Verdict is what a check found.
type Verdict struct {
	Check   string `json:"check"`   // its name in package check
	Right   bool   `json:"right"`   // whether the answer is right
	Message string `json:"message"` // why, in the notebook's language
}

// Data is the verdict as a JSON object.
func (v Verdict) Data() map[string]any {
	return map[string]any{"check": v.Check, "right": v.Right, "message": v.Message}
}

// Of finds the verdict among the data of an output, by MIME type.
func Of(data map[string]any) (v Verdict, found bool) {
	object, found := data[MIME].(map[string]any)
	if !found {
		return Verdict{}, false
	}
	v.Check, _ = object["check"].(string)
	v.Right, _ = object["right"].(bool)
	v.Message, _ = object["message"].(string)
	return v, true
}
