// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package keras

import (
	"fmt"
	"regexp"
	"strings"
)

// folderNames gives each layer its folder in a .keras file: the class in small letters, numbered.
func folderNames(g *graph, within string) map[*spec]string {
	names, used := map[*spec]string{}, map[string]int{}
	for _, s := range g.specs {
		if isOperation(s) {
			continue
		}
		name := snake(plainClass(s.class))
		n := used[name]
		used[name]++
		if n > 0 {
			name = fmt.Sprintf("%s_%d", name, n)
		}
		names[s] = strings.TrimPrefix(within+"/layers/"+name, "/")
	}
	return names
}

var (
	upperWord = regexp.MustCompile(`(.)([A-Z][a-z]+)`)
	upper     = regexp.MustCompile(`([a-z])([A-Z])`)
	nonWord   = regexp.MustCompile(`\W+`)
)

// snake is Keras' own way to write a class's name in small letters.
func snake(class string) string {
	class = nonWord.ReplaceAllString(class, "")
	class = upperWord.ReplaceAllString(class, "${1}_${2}")
	return strings.ToLower(upper.ReplaceAllString(class, "${1}_${2}"))
}
