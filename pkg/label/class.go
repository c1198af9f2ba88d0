// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package label

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/agnivade/levenshtein"
)

// Class is one of the things that a classifier tells apart.
type Class struct {
	// Index is the place among the classifier's outputs, from 0.
	Index int
	// ID is the WordNet id, such as "n02504458"; "" if there is none.
	ID string
	// Name is Keras' name, such as "African_elephant".
	Name string
}

// String is the name in plain words: "African elephant".
func (c Class) String() string { return strings.ReplaceAll(c.Name, "_", " ") }

// Classes are all classes of a classifier, by index.
type Classes []Class

// Numbered returns n classes that have numbers instead of names: "class_0", "class_1" and so on.
func Numbered(n int) Classes {
	classes := make(Classes, n)
	for i := range classes {
		classes[i] = Class{Index: i, Name: fmt.Sprint("class_", i)}
	}
	return classes
}

// Named returns the classes of a classifier that has no list but its own names, such as a trained head.
func Named(names []string) Classes {
	classes := make(Classes, len(names))
	for i, name := range names {
		classes[i] = Class{Index: i, Name: name}
	}
	return classes
}

// At returns the class of that index, or an error that gives the range.
func (c Classes) At(index int) (Class, error) {
	if len(c) == 0 {
		return Class{}, fmt.Errorf("no class %d: there are none", index)
	}
	if index < 0 || index >= len(c) {
		return Class{}, fmt.Errorf("no class %d: choose 0 to %d", index, len(c)-1)
	}
	return c[index], nil
}

// Find returns the class of that name; upper and lower case, and spaces or underscores, are of no matter. An index or
// a WordNet id will do as well. The error is an [*UnknownError] or an [*AmbiguousError].
func (c Classes) Find(name string) (Class, error) {
	if index, err := strconv.Atoi(strings.TrimSpace(name)); err == nil {
		return c.At(index)
	}
	wanted := plain(name)
	var found []Class
	for _, class := range c {
		if wanted != "" && (plain(class.Name) == wanted || class.ID == wanted) {
			found = append(found, class)
		}
	}
	switch len(found) {
	case 0:
		return Class{}, &UnknownError{Name: name, Near: c.near(wanted)}
	case 1:
		return found[0], nil
	}
	return Class{}, &AmbiguousError{Name: name, Classes: found}
}

// maxNear is how many classes an error suggests at most. Of a classifier that has no more, it names all.
const maxNear = 5

// near returns the classes whose name, or one word of it, is the most similar, and all classes if they are few. The
// most similar come first.
func (c Classes) near(name string) []Class {
	if name == "" && len(c) > maxNear {
		return nil
	}
	distances := make(map[int]int, len(c))
	least := math.MaxInt
	for _, class := range c {
		full := plain(class.Name)
		distance := levenshtein.ComputeDistance(name, full)
		for _, word := range strings.FieldsFunc(full, func(r rune) bool { return r == ' ' || r == '-' }) {
			distance = min(distance, levenshtein.ComputeDistance(name, word))
		}
		distances[class.Index] = distance
		least = min(least, distance)
	}
	near := slices.Clone(c)
	slices.SortStableFunc(near, func(a, b Class) int {
		return cmp.Or(cmp.Compare(distances[a.Index], distances[b.Index]), cmp.Compare(a.Name, b.Name))
	})
	if len(near) > maxNear {
		near = slices.DeleteFunc(near, func(class Class) bool { return distances[class.Index] > least })
	}
	return near[:min(len(near), maxNear)]
}

// plain is a name in lower case, with single spaces.
func plain(name string) string {
	return strings.Join(strings.Fields(strings.ToLower(strings.ReplaceAll(name, "_", " "))), " ")
}

// UnknownError is what a name that no class has is answered with.
type UnknownError struct {
	Name string
	Near []Class // the classes with the most similar names, the nearest first
}

// Error names the nearest classes.
func (e *UnknownError) Error() string {
	if len(e.Near) == 0 {
		return fmt.Sprintf("no class %q: give a class's name or number", e.Name)
	}
	names := make([]string, len(e.Near))
	for i, class := range e.Near {
		names[i] = class.Name
	}
	return fmt.Sprintf("no class %q: did you mean %s?", e.Name, either(names))
}

// AmbiguousError is what a name that several classes have is answered with: ImageNet has two cranes.
type AmbiguousError struct {
	Name    string
	Classes []Class
}

// Error names the classes' indices.
func (e *AmbiguousError) Error() string {
	numbers := make([]string, len(e.Classes))
	for i, class := range e.Classes {
		numbers[i] = strconv.Itoa(class.Index)
		if class.ID != "" {
			numbers[i] += " (" + class.ID + ")"
		}
	}
	return fmt.Sprintf("%d classes are called %q: give the number, %s", len(e.Classes), e.Name, either(numbers))
}

// either lists alternatives: "a, b or c".
func either(list []string) string {
	last := len(list) - 1
	if last == 0 {
		return list[0]
	}
	return strings.Join(list[:last], ", ") + " or " + list[last]
}
