// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package layer

import (
	"fmt"
	"strings"

	"github.com/gomlx/gomlx/ml/model"
)

// Variable is the path of a layer's weights in a GoMLX store: "/block3_conv1/kernel". A layer's name may hold
// anything, such as slashes and colons; what is no letter, digit, "_" or "-" is escaped as in URLs, and dots as well
// where the name has nothing else, so that different names have different paths.
func Variable(layer, role string) (path string) {
	var b strings.Builder
	dots := strings.Trim(layer, ".") == ""
	for i := range len(layer) {
		c := layer[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '_', c == '-', c == '.' && !dots:
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	if layer == "" {
		b.WriteByte('%')
	}
	return model.ScopeSeparator + b.String() + model.ScopeSeparator + role
}
