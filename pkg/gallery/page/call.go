// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package page

import (
	"bytes"
	"fmt"
	"math"
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// digits is how many digits of a number the pages keep: more than they show.
const digits = 5

// numbers writes floats short, and as null what is no number, which the pages leave out.
var numbers = json.MarshalToFunc(func(encoder *jsontext.Encoder, v float64) error {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return encoder.WriteToken(jsontext.Null)
	}
	short, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', digits, 64), 64)
	if err != nil {
		return err
	}
	return encoder.WriteToken(jsontext.Float(short))
})

// writeCall writes a script that calls the gallery's with a value: pages from the disk may load scripts, but not JSON.
// Whatever is in a text stays a text, also inside of HTML and in browsers to which U+2028 ends a line.
func writeCall(path, function string, value any) error {
	var script bytes.Buffer
	script.WriteString("convscopeGallery." + function + "(")
	err := json.MarshalWrite(&script, value, json.WithMarshalers(numbers), json.Deterministic(true),
		jsontext.EscapeForHTML(true), jsontext.EscapeForJS(true), jsontext.AllowInvalidUTF8(true))
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	script.WriteString(");\n")
	return writeBytes(path, script.Bytes())
}
