// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package label_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/pkg/label"
)

// few are some of ImageNet's classes under other numbers.
var few = label.Classes{
	{0, "n02504013", "Indian_elephant"}, {1, "n02504458", "African_elephant"}, {2, "n02012849", "crane"},
	{3, "n03126707", "crane"},
	{4, "n02124075", "Egyptian_cat"}, {5, "n02123394", "Persian_cat"}, {6, "n02109961", "Eskimo_dog"},
	{7, "n01443537", "goldfish"},
}

func TestFind(t *testing.T) {
	for name, want := range map[string]int{
		"African_elephant": 1, "african elephant": 1, " African  Elephant ": 1, "1": 1, "n02504458": 1, "3": 3,
		"goldfish": 7, "n03126707": 3,
	} {
		t.Run(name, func(t *testing.T) {
			got, err := few.Find(name)
			require.NoError(t, err)
			require.Equal(t, few[want], got)
		})
	}
	for name, want := range map[string]string{
		"elefant":  `no class "elefant": did you mean African_elephant or Indian_elephant?`,
		"cat":      `no class "cat": did you mean Egyptian_cat or Persian_cat?`,
		"goldfich": `no class "goldfich": did you mean goldfish?`,
		"crane":    `2 classes are called "crane": give the number, 2 (n02012849) or 3 (n03126707)`,
		"":         `no class "": give a class's name or number`,
		" _ ":      `no class " _ ": give a class's name or number`,
		"8":        "no class 8: choose 0 to 7",
		"-1":       "no class -1: choose 0 to 7",
	} {
		t.Run("not "+name, func(t *testing.T) {
			_, err := few.Find(name)
			require.EqualError(t, err, want)
		})
	}
	var unknown *label.UnknownError
	_, err := few.Find("dogs")
	require.True(t, errors.As(err, &unknown))
	require.Equal(t, few[6:7], label.Classes(unknown.Near))
}

func TestFindAmongFew(t *testing.T) {
	four := label.Named([]string{"cat", "coffee", "rocket", "astronaut"})
	for name, want := range map[string]int{"cat": 0, "CAT": 0, " Coffee ": 1, "Astronaut": 3, "2": 2} {
		got, err := four.Find(name)
		require.NoError(t, err)
		require.Equal(t, want, got.Index, name)
	}
	for name, want := range map[string]string{ // all of them, the nearest first
		"dog":       `no class "dog": did you mean cat, coffee, rocket or astronaut?`,
		"rockets":   `no class "rockets": did you mean rocket, cat, coffee or astronaut?`,
		"ASTRONUAT": `no class "ASTRONUAT": did you mean astronaut, rocket, cat or coffee?`,
		"":          `no class "": did you mean cat, coffee, rocket or astronaut?`,
		"4":         "no class 4: choose 0 to 3",
	} {
		_, err := four.Find(name)
		require.EqualError(t, err, want)
	}
	_, err := label.Named([]string{"a cat", "A_Cat"}).Find("a cat")
	require.EqualError(t, err, `2 classes are called "a cat": give the number, 0 or 1`)
	_, err = label.Named(nil).Find("0")
	require.EqualError(t, err, "no class 0: there are none")
}

func TestNumbered(t *testing.T) {
	classes := label.Numbered(3)
	require.Len(t, classes, 3)
	found, err := classes.Find("class 2")
	require.NoError(t, err)
	require.Equal(t, label.Class{Index: 2, Name: "class_2"}, found)
	_, err = label.Numbered(0).Find("cat")
	require.Error(t, err)
}

func ExampleClasses_Find() {
	classes := label.Classes{{Index: 0, ID: "n02504458", Name: "African_elephant"},
		{Index: 1, ID: "n02106662", Name: "German_shepherd"}}
	class, err := classes.Find("german shepherd")
	fmt.Println(class.Index, class, err)
	_, err = classes.Find("elefant")
	fmt.Println(err)
	// Output:
	// 1 German shepherd <nil>
	// no class "elefant": did you mean African_elephant or German_shepherd?
}
