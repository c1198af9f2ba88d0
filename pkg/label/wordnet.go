// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package label

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// classIndex makes Keras' class index, byte by byte, from two tables: ids has ImageNet's 1,000 WordNet ids, one a
// line, in the order of the classes; lemmas has for each id, after a tab, its names with ", " between them. Keras
// takes the first name, with underscores for spaces.
func classIndex(ids, lemmas string) ([]byte, error) {
	names := map[string]string{}
	for line := range strings.Lines(lemmas) {
		id, list, ok := strings.Cut(strings.TrimSpace(line), "\t")
		name, _, _ := strings.Cut(list, ",")
		if !ok || name == "" {
			return nil, fmt.Errorf("a line of the names without a tab: %.40q", line)
		}
		names[id] = strings.ReplaceAll(strings.TrimSpace(name), " ", "_")
	}
	var out bytes.Buffer
	for i, id := range strings.Fields(ids) {
		if names[id] == "" {
			return nil, fmt.Errorf("no name for %.20q", id)
		}
		pair, err := json.Marshal([]string{id, names[id]})
		if err != nil {
			return nil, err
		}
		separator := ", "
		if i == 0 {
			separator = "{"
		}
		// Keras' file has a space after each comma and colon, as Python writes.
		fmt.Fprintf(&out, `%s"%d": %s`, separator, i, bytes.Replace(pair, []byte(`","`), []byte(`", "`), 1))
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}
