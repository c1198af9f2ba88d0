// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package jupyter

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"regexp"
	"strings"
)

// requirementsTxt pins every package of the virtual environment, also those that others need.
//
//go:embed requirements.txt
var requirementsTxt string

// bootstrapPip is the pip that goes into a virtual environment where Python came without ensurepip.
const bootstrapPip = "pip==25.3"

// requirement matches one pin: a name, an exact version and perhaps the Python versions that it is for.
var requirement = regexp.MustCompile(
	`^([a-z0-9-]+)==([0-9][0-9A-Za-z.]*)(?: ; (python_full_version [<>]=? '[0-9.]+'(?: and python_full_version [<>]=? '[0-9.]+')*))?$`)

// requirements returns the pins, without comments.
func requirements() []string {
	var pins []string
	for line := range strings.Lines(requirementsTxt) {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "#") {
			pins = append(pins, line)
		}
	}
	return pins
}

// fingerprint names a set of texts in 12 hexadecimal digits: the same pins give the same directory.
func fingerprint(texts ...string) string {
	hash := sha256.New()
	for _, text := range texts {
		hash.Write([]byte(text))
		hash.Write([]byte{0})
	}
	return hex.EncodeToString(hash.Sum(nil))[:12]
}
