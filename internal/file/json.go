// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package file

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// JSON reads a text that is one JSON value; numbers in an any stay as they were written. Its errors speak of the file
// to who wrote it, not of Go's types.
func JSON(text []byte, into any) error {
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")) // some editors begin files with it
	switch {
	case len(bytes.TrimSpace(text)) == 0:
		return errors.New("it is empty")
	case !utf8.Valid(text):
		return errors.New("it is not UTF-8: save it as that")
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(into); err != nil {
		return explainJSON(text, err)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return fmt.Errorf("more text after its end in line %d", lineAt(text, decoder.InputOffset()))
	}
	return nil
}

func explainJSON(text []byte, err error) error {
	var kind *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &kind) && kind.Field == "":
		return fmt.Errorf("its JSON is of another kind: %s", kind.Value)
	case errors.As(err, &kind):
		article := "a"
		if strings.HasPrefix(kind.Value, "array") || strings.HasPrefix(kind.Value, "object") {
			article = "an"
		}
		return fmt.Errorf("its JSON has %s as %s %s", strings.ToLower(kind.Field), article, kind.Value)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("its JSON is cut off")
	case errors.As(err, &syntax):
		return fmt.Errorf("it is not JSON, in line %d: %w", lineAt(text, syntax.Offset), err)
	}
	return err
}

// lineAt is the line of a byte, from 1.
func lineAt(text []byte, offset int64) int {
	return 1 + bytes.Count(text[:min(max(offset, 0), int64(len(text)))], []byte{'\n'})
}
