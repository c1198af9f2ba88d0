// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package label

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// ErrFormat means that a text is not a class index as Keras has it.
var ErrFormat = errors.New("not a class index like Keras' imagenet_class_index.json")

const (
	imageNetClasses = 1000
	maxName         = 200 // bytes
)

var wordNetID = regexp.MustCompile(`^n[0-9]{8}$`)

// Parse reads ImageNet's class index: a JSON object with the keys "0" to "999", each once, and a WordNet id and a name
// for each, as in {"0": ["n01440764", "tench"], ...}. Errors wrap [ErrFormat].
func Parse(text []byte) (Classes, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	if start, err := d.Token(); err != nil || start != json.Delim('{') {
		return nil, fmt.Errorf("%w: no JSON object", ErrFormat)
	}
	classes := make(Classes, imageNetClasses)
	seen := 0
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrFormat, err)
		}
		class, err := parseClass(d, key)
		if err != nil {
			return nil, fmt.Errorf("%w: class %.20q: %w", ErrFormat, key, err)
		}
		if classes[class.Index].Name != "" {
			return nil, fmt.Errorf("%w: class %d is there twice", ErrFormat, class.Index)
		}
		classes[class.Index] = class
		seen++
	}
	if _, err := d.Token(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%w: text after the end", ErrFormat)
	}
	if seen != imageNetClasses {
		return nil, fmt.Errorf("%w: it has %d classes, not %d", ErrFormat, seen, imageNetClasses)
	}
	return classes, nil
}

// parseClass reads the value of a key.
func parseClass(d *json.Decoder, key json.Token) (Class, error) {
	text, _ := key.(string)
	index, err := strconv.Atoi(text)
	if err != nil || index < 0 || index >= imageNetClasses || strconv.Itoa(index) != text {
		return Class{}, fmt.Errorf("the key is not a number from 0 to %d", imageNetClasses-1)
	}
	var pair []string
	if err := d.Decode(&pair); err != nil {
		return Class{}, err
	}
	if len(pair) != 2 {
		return Class{}, fmt.Errorf("it has %d texts, not an id and a name", len(pair))
	}
	id, name := pair[0], pair[1]
	switch {
	case !wordNetID.MatchString(id):
		return Class{}, fmt.Errorf("%.20q is not a WordNet id", id)
	case strings.TrimSpace(name) == "" || len(name) > maxName ||
		strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }):
		return Class{}, fmt.Errorf("%.20q is not a name", name)
	}
	return Class{Index: index, ID: id, Name: name}, nil
}
