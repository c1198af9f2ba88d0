// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package jupyter

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"regexp"
	"strings"
)

// requirementsTxt pins every package of the virtual environment, also those that others need, with the hashes of its
// files.
//
//go:embed requirements.txt
var requirementsTxt string

// bootstrapPip is the pip that goes into a virtual environment where Python came without ensurepip.
const bootstrapPip = `pip==25.3 \
    --hash=sha256:8d0538dbbd7babbd207f261ed969c65de439f6bc9e5dbd3b3b9a77f25d95f343 \
    --hash=sha256:9655943313a94722b7774661c21049070f6bbb0a1516bf02f7c8d5d9201514cd
`

// requirement matches one pin: a name, an exact version and perhaps the Python versions that it is for.
var requirement = regexp.MustCompile(`^([a-z0-9-]+)==([0-9][0-9A-Za-z.]*)` +
	`(?: ; (python_full_version [<>]=? '[0-9.]+'(?: and python_full_version [<>]=? '[0-9.]+')*))?$`)

// requirements returns the pins, without comments and hashes.
func requirements() []string {
	var pins []string
	for line := range strings.Lines(requirementsTxt) {
		line = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(line), `\`))
		if line != "" && !strings.HasPrefix(line, "#") && !strings.HasPrefix(line, "--hash=") {
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
