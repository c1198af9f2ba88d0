// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package ascent

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/agnivade/levenshtein"
)

// ParseMethod reads a method: the name of one of [Methods], or a name and parts that differ from it, such as
// "crisp,transforms=jitter:8+rotate:-5:5,steps=200".
//
// The parts: image (pixels, fourier, pyramid, cppn, maco), color (as-is, squashed, decorrelated, gray), input (raw,
// photo), transforms, border, regularizers, optimizer (rms, l2, adam, nadam, rmsprop), octaves, wake (yes, no),
// stretch, trim, show (channels, such as 3:2:1), size, steps, step. Errors name what is near.
func ParseMethod(text string) (Method, error) {
	var m Method
	if len(text) > maxMethod {
		return m, fmt.Errorf("the method has %d bytes: at most %d", len(text), maxMethod)
	}
	name, rest, _ := strings.Cut(text, ",")
	var names []string
	found := false
	for _, named := range Methods() {
		names = append(names, named.Name)
		if named.Name == name {
			m, found = named.Method, true
		}
	}
	if !found {
		return m, unknown("method", name, names)
	}
	if rest == "" {
		return m, nil
	}
	for part := range strings.SplitSeq(rest, ",") {
		key, value, _ := strings.Cut(part, "=")
		if err := m.Set(key, value); err != nil {
			return m, err
		}
	}
	return m, nil
}

// MustMethod is [ParseMethod] for notebook cells: errors panic.
func MustMethod(text string) Method {
	m, err := ParseMethod(text)
	if err != nil {
		panic(err)
	}
	return m
}

// methodKeys are the parts of a method.
var methodKeys = []string{
	"image", "color", "input", "transforms", "border", "regularizers", "optimizer", "octaves", "wake", "stretch", "trim",
	"show", "size", "steps", "step",
}

// Set changes one part of the method, by its name and value in [ParseMethod]'s words.
func (m *Method) Set(key, value string) (err error) {
	switch key {
	case "image":
		m.Image, err = parseImage(value)
	case "color":
		at := slices.Index(colorNames, value)
		if at < 0 {
			return unknown("color", value, colorNames)
		}
		m.Color = Color(at)
	case "input":
		m.Photographic, err = choice(key, value, "raw", "photo")
	case "wake":
		m.Wake, err = choice(key, value, "no", "yes")
	case "transforms":
		m.Transforms, err = listOf(value, parseTransform)
	case "regularizers":
		m.Regularizers, err = listOf(value, func(text string) ([]Regularizer, error) {
			r, err := parseRegularizer(text)
			return []Regularizer{r}, err
		})
	case "optimizer":
		m.Optimizer, err = parseOptimizer(value)
	case "border":
		m.Border, err = natural(key, value, 1<<10)
	case "octaves":
		m.Octaves, err = natural(key, value, 8)
	case "trim":
		m.Trim, err = natural(key, value, 1<<10)
	case "show":
		m.Show, err = channels(value)
	case "size":
		m.Size, err = natural(key, value, maxSide)
	case "steps":
		m.Steps, err = natural(key, value, 1<<30)
	case "step":
		m.Step, err = number(key, value)
	case "stretch":
		m.Stretch, err = number(key, value)
	default:
		return unknown("part of a method", key, methodKeys)
	}
	return err
}

func choice(key, value, no, yes string) (bool, error) {
	if value != no && value != yes {
		return false, fmt.Errorf("%s %s: choose %s or %s", key, quoted(value), no, yes)
	}
	return value == yes, nil
}

func natural(key, value string, most int) (int, error) {
	n, err := strconv.Atoi(value)
	if err != nil || n < 0 || n > most {
		return 0, fmt.Errorf("%s %s: give a whole number from 0 to %d", key, quoted(value), most)
	}
	return n, nil
}

// channels reads the channels to show.
func channels(value string) (all []int, err error) {
	if value == "all" {
		return nil, nil
	}
	for part := range strings.SplitSeq(value, ":") {
		c, err := natural("show", part, maxSide)
		if err != nil {
			return nil, fmt.Errorf("%w, or several with : between, such as 0:1:2", err)
		}
		if all = append(all, c); len(all) > maxShown {
			return nil, fmt.Errorf("show %s: at most %d channels", quoted(value), maxShown)
		}
	}
	return all, nil
}

// maxShown bounds the channels that are shown.
const maxShown = 1 << 8

func number(key, value string) (float64, error) {
	v, err := strconv.ParseFloat(value, 64)
	if errors.Is(err, strconv.ErrRange) || err == nil && !math.IsInf(v, 0) && math.Abs(v) > math.MaxFloat32/256 {
		return 0, fmt.Errorf("%s %s: it is too large, at most %.0g can be computed with",
			key, quoted(value), math.MaxFloat32/256)
	}
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return 0, fmt.Errorf("%s %s: give a number", key, quoted(value))
	}
	return v, nil
}

// listOf reads parts with a plus between them; "none" is an empty list.
func listOf[T any](text string, parse func(string) ([]T, error)) ([]T, error) {
	if text == "none" {
		return nil, nil
	}
	var all []T
	for part := range strings.SplitSeq(text, "+") {
		some, err := parse(strings.TrimSpace(part))
		if err != nil {
			return nil, err
		}
		if all = append(all, some...); len(all) > maxParts {
			return nil, fmt.Errorf("%s: at most %d with + between", quoted(text), maxParts)
		}
	}
	return all, nil
}

const (
	// maxMethod is how long a method's text may be, in bytes, and maxParts how many transforms or regularizers it may
	// have.
	maxMethod = 1 << 12
	maxParts  = 1 << 5
)

func parseImage(text string) (Parameterization, error) {
	name, numbers, err := parseNumbers(text)
	if err != nil {
		return nil, err
	}
	bad := func(wanted string) (Parameterization, error) { return nil, fmt.Errorf("image %q: %s", text, wanted) }
	switch name {
	case "pixels":
		switch len(numbers) {
		case 0:
			return Pixels{}, nil
		case 1:
			return Pixels{Deviation: numbers[0]}, nil
		case 2:
			return Pixels{Low: numbers[0], High: numbers[1]}, nil
		}
		return bad("pixels takes the noise's bounds or its deviation")
	case "fourier":
		switch len(numbers) {
		case 0:
			return Fourier{}, nil
		case 1:
			return Fourier{Decay: numbers[0]}, nil
		}
		return bad("fourier takes the power that amplitudes fall with")
	case "maco":
		switch len(numbers) {
		case 0:
			return MaCo{}, nil
		case 6:
			var law MaCo
			for c := range 3 {
				law.Slope[c], law.Level[c] = numbers[2*c], numbers[2*c+1]
			}
			return law, nil
		}
		return bad("maco takes nothing, or a slope and a level for each of three channels")
	case "pyramid", "cppn":
		if len(numbers) > 0 {
			return bad(name + " takes no numbers")
		}
		if name == "pyramid" {
			return Pyramid{}, nil
		}
		return CPPN{}, nil
	}
	return nil, unknown("image", name, []string{"pixels", "fourier", "pyramid", "cppn", "maco"})
}

func parseOptimizer(text string) (Optimizer, error) {
	name, numbers, err := parseNumbers(text)
	if err != nil {
		return nil, err
	}
	if name == "rmsprop" && len(numbers) == 2 && numbers[0] > 0 && numbers[0] < 1 && numbers[1] >= 0 && numbers[1] < 1 {
		return RMSProp{numbers[0], numbers[1]}, nil
	}
	all := []Optimizer{RMSNormalized{}, L2Normalized{}, Adam{}, NAdam{}, RMSProp{}}
	names := make([]string, len(all))
	for i, o := range all {
		names[i] = o.String()
		if names[i] == name && len(numbers) == 0 {
			return o, nil
		}
	}
	if slices.Contains(names, name) {
		return nil, fmt.Errorf("optimizer %q: only rmsprop takes numbers, how much it keeps of squares and of "+
			"moves, both below 1", text)
	}
	return nil, unknown("optimizer", name, names)
}

// parseNumbers reads a name and the numbers after it: "scale:0.9:1.1".
func parseNumbers(text string) (name string, numbers []float64, err error) {
	parts := strings.Split(text, ":")
	for _, part := range parts[1:] {
		v, err := number(parts[0], part)
		if err != nil {
			return "", nil, err
		}
		numbers = append(numbers, v)
	}
	return parts[0], numbers, nil
}

// quoted is text from a user in quotes, without what would do something to a terminal. Of a long one its beginning is
// enough.
func quoted(text string) string {
	const enough = 80
	if len(text) <= enough {
		return strconv.Quote(text)
	}
	return strconv.Quote(strings.ToValidUTF8(text[:enough], "")) + "..."
}

// unknown says that there is no such thing, and names what is near.
func unknown(what, name string, valid []string) error {
	near := slices.Clone(valid)
	slices.SortStableFunc(near, func(a, b string) int {
		return cmp.Compare(levenshtein.ComputeDistance(name, a), levenshtein.ComputeDistance(name, b))
	})
	return fmt.Errorf("there is no %s %s: did you mean %s? (all: %s)",
		what, quoted(name), near[0], strings.Join(valid, ", "))
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
