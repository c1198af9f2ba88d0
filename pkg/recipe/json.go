// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package recipe

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	strict "github.com/go-json-experiment/json"
)

// The first form of recipes had no method: there was the book's alone.
const (
	bookFormat = 1
	bookMethod = "book"
)

// bookForm is a recipe in that form: empty fields here hide the recipe's own.
type bookForm struct {
	Recipe
	Method string `json:"method,omitempty"`
	Rescue bool   `json:"rescue,omitempty"`
}

// text encodes the recipe as JSON, in the form of its format, to the byte as the version that brought that form did.
func (r Recipe) text() ([]byte, error) {
	if err := r.Check(); err != nil {
		return nil, err
	}
	var form any = r
	if r.Format == bookFormat {
		form = bookForm{Recipe: r}
	}
	text, err := json.Marshal(form)
	if err != nil {
		return nil, fmt.Errorf("encoding the recipe: %w", err)
	}
	if len(head)+len(text) > maxText {
		return nil, fmt.Errorf("the recipe takes %d bytes: at most %d", len(text), maxText-len(head))
	}
	return text, nil
}

// parse reads a recipe from JSON. The standard library takes the last of keys that come twice, keys in capitals, and
// bytes that are no text: another program may take them another way, so that the recipe would say one thing and make
// another.
func parse(text []byte) (Recipe, error) {
	var version struct {
		Format int `json:"format"`
	}
	if err := strict.Unmarshal(text, &version); err != nil {
		return Recipe{}, fmt.Errorf("%w: the recipe is no JSON: %w", ErrDamaged, plain(err))
	}
	if version.Format < bookFormat || version.Format > NetworkFormat {
		return Recipe{}, fmt.Errorf("%w: its format is %d, this one reads %d to %d",
			ErrFormat, version.Format, bookFormat, NetworkFormat)
	}
	var r Recipe
	// An unknown member that is passed over could make another picture.
	if err := strict.Unmarshal(text, &r, strict.RejectUnknownMembers(true)); err != nil {
		return Recipe{}, fmt.Errorf("%w: the recipe: %w", ErrDamaged, plain(err))
	}
	if r.Format == bookFormat {
		if r.Method != "" {
			return Recipe{}, fmt.Errorf("%w: the recipe has a method in a format that has none", ErrDamaged)
		}
		r.Method = bookMethod
	}
	return r, r.Check()
}

// plain says what is wrong in words of the file, not of Go.
func plain(err error) error {
	var kind *strict.SemanticError
	switch {
	case errors.As(err, &kind) && errors.Is(err, strict.ErrUnknownName):
		return fmt.Errorf("%s is no key of a recipe", kind.JSONPointer)
	case errors.As(err, &kind):
		return fmt.Errorf("%s can't have that value: %.40s", cmp.Or(string(kind.JSONPointer), "it"), kind.JSONValue)
	}
	return errors.New(strings.TrimPrefix(err.Error(), "jsontext: "))
}
