// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package label_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/pkg/label"
)

// index writes a class index with made-up ids and names.
func index(count int) string {
	entries := make([]string, count)
	for i := range entries {
		entries[i] = fmt.Sprintf(`"%d": ["n%08d", "thing_%d"]`, i, i, i)
	}
	return "{" + strings.Join(entries, ", ") + "}"
}

func TestParse(t *testing.T) {
	classes, err := label.Parse([]byte(index(1000)))
	require.NoError(t, err)
	require.Len(t, classes, 1000)
	require.Equal(t, label.Class{Index: 999, ID: "n00000999", Name: "thing_999"}, classes[999])

	edit := func(old, replacement string) string { return strings.Replace(index(1000), old, replacement, 1) }
	for name, test := range map[string]struct{ text, want string }{
		"nothing":              {"", "no JSON object"},
		"a list":               {"[]", "no JSON object"},
		"a web page":           {"<!DOCTYPE html>", "no JSON object"},
		"cut short":            {index(1000)[:20000], "unexpected EOF"},
		"a class too few":      {index(999), "it has 999 classes, not 1000"},
		"a class too many":     {index(1001), `class "1000": the key is not a number from 0 to 999`},
		"twice":                {edit(`"7":`, `"8":`), "class 8 is there twice"},
		"no number":            {edit(`"7":`, `"seven":`), `class "seven": the key is not a number`},
		"another form":         {edit(`"7":`, `"007":`), `class "007"`},
		"no id":                {edit("n00000007", "7"), `class "7": "7" is not a WordNet id`},
		"no name":              {edit("thing_7", " "), `class "7": " " is not a name`},
		"a name for terminals": {edit("thing_7", `\u001b[2J`), "is not a name"},
		"one text":             {edit(`"thing_7"`, `"thing_7", "more"`), "it has 3 texts"},
		"a number for a name":  {edit(`"thing_7"`, "7"), "cannot unmarshal number"},
		"no pair":              {edit(`["n00000007", "thing_7"]`, `"thing_7"`), "cannot unmarshal string"},
		"more after the end":   {index(1000) + "{}", "text after the end"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := label.Parse([]byte(test.text))
			require.ErrorIs(t, err, label.ErrFormat)
			require.ErrorContains(t, err, test.want)
			require.NotContains(t, err.Error(), "\n")
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(index(1000)))
	f.Add([]byte(index(3)))
	f.Add([]byte(`{"0": ["n00000000", ""], "0": null}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		classes, err := label.Parse(text)
		if err != nil {
			return
		}
		if len(classes) != 1000 {
			t.Fatalf("accepted %d classes", len(classes))
		}
		for i, class := range classes {
			if class.Index != i || class.Name == "" || class.ID == "" {
				t.Fatalf("accepted %+v as class %d", class, i)
			}
		}
	})
}
