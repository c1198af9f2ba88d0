// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package network

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxClasses is how many classes a file may name, and maxClassBytes how long it may be.
const (
	maxClasses    = 1 << 20
	maxClassBytes = 1 << 26
)

// ReadClasses reads the names of classes in the order of a network's outputs: text with one a line, or JSON with a
// list of names, with names by number ({"0": "cat"}, or ImageNet's {"0": ["n01440764", "tench"]}), or with numbers by
// name ({"cat": 0}, Keras' class_indices). The error says what is wrong with the file.
func ReadClasses(path string) ([]string, error) {
	bad := func(format string, args ...any) ([]string, error) {
		return nil, fmt.Errorf("the classes in %q: "+format, append([]any{path}, args...)...)
	}
	file, err := os.Open(path)
	if err != nil {
		return bad("%w", plainly(err))
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxClassBytes+1))
	if err != nil {
		return bad("%w", plainly(err))
	}
	if len(text) > maxClassBytes || !utf8.Valid(text) {
		return bad("give text with one name a line, or JSON")
	}
	text = bytes.TrimPrefix(text, []byte("\uFEFF"))
	names, err := parseClasses(text)
	if err != nil {
		return bad("%w", err)
	}
	if len(names) == 0 || len(names) > maxClasses {
		return bad("there are %d: give at least one", len(names))
	}
	for i, name := range names {
		if name == "" {
			return bad("class %d has no name", i)
		}
		if strings.ContainsFunc(name, func(c rune) bool { return !unicode.IsGraphic(c) }) {
			return bad("the name of class %d, %.40q, has characters that can't be shown", i, name)
		}
	}
	return names, nil
}

// parseClasses reads any of the forms.
func parseClasses(text []byte) ([]string, error) {
	trimmed := bytes.TrimSpace(text)
	if len(trimmed) == 0 || trimmed[0] != '{' && trimmed[0] != '[' {
		var names []string
		for line := range strings.Lines(string(trimmed)) {
			names = append(names, strings.TrimSpace(line))
		}
		return names, nil
	}
	var list []string
	if json.Unmarshal(trimmed, &list) == nil {
		return list, nil
	}
	numbers := map[string]int{}
	if json.Unmarshal(trimmed, &numbers) == nil {
		return ordered(len(numbers), func(put func(int, string) error) error {
			for name, number := range numbers {
				if err := put(number, name); err != nil {
					return err
				}
			}
			return nil
		})
	}
	byNumber := map[string]any{}
	if err := json.Unmarshal(trimmed, &byNumber); err != nil {
		return nil, fmt.Errorf("it is neither a list of names nor names by number")
	}
	return ordered(len(byNumber), func(put func(int, string) error) error {
		for key, value := range byNumber {
			number, err := strconv.Atoi(key)
			if err != nil {
				return fmt.Errorf("%.40q is no number of a class", key)
			}
			if several, isList := value.([]any); isList && len(several) > 0 {
				value = several[len(several)-1] // ImageNet's have an identifier before the name
			}
			name, isText := value.(string)
			if !isText {
				return fmt.Errorf("class %d has no name", number)
			}
			if err := put(number, name); err != nil {
				return err
			}
		}
		return nil
	})
}

// ordered puts names in their places, each of which must be filled once.
func ordered(count int, each func(put func(number int, name string) error) error) ([]string, error) {
	names, filled := make([]string, count), make([]bool, count)
	err := each(func(number int, name string) error {
		if number < 0 || number >= count || filled[number] {
			return fmt.Errorf("the numbers of %d classes must be 0 to %d, each once, and one is %d",
				count, count-1, number)
		}
		names[number], filled[number] = name, true
		return nil
	})
	return names, err
}
