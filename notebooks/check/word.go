// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package check

import (
	"embed"
	"encoding/json"
	"os"
	"path/filepath"
	"sync"
)

// EnvLanguage is the environment variable that says in which language checks speak, such as ko or en. Without it, that
// is the language of the notebook's folder.
const EnvLanguage = "CONVSCOPE_LANG"

// words has a file for each language, with the translation of each English format and word that checks say.
//
//go:embed word/*.json
var words embed.FS

// word is an English format or word in the notebook's language, or as it is where that has none.
func word(english string) string {
	if translated, found := vocabulary()[english]; found {
		return translated
	}
	return english
}

// vocabulary has what is said in the notebook's language by what that is in English; English needs none.
var vocabulary = sync.OnceValue(func() map[string]string { return wordsOf(language()) })

// language is what the environment says, or else the name of the folder that the notebook lies in, which is none for
// English.
func language() string {
	if chosen := os.Getenv(EnvLanguage); chosen != "" {
		return chosen
	}
	return filepath.Base(os.Getenv("GONB_DIR"))
}

// wordsOf reads the words of a language, if it has some.
func wordsOf(language string) map[string]string {
	text, err := words.ReadFile("word/" + language + ".json")
	if err != nil {
		return nil
	}
	var said map[string]string
	if err := json.Unmarshal(text, &said); err != nil {
		return nil // a test reads the files
	}
	return said
}
