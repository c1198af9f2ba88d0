// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package sample

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
)

// Photo says what a photograph shows, and whose it is.
type Photo struct {
	// Name is what it is asked for by.
	Name string
	// Class is what it shows, in a word.
	Class string
	// Author is who took it, as far as known.
	Author string
	// Licence is under which terms it may be used.
	Licence string
	// Free says that its licence is named, and lets anyone show it.
	Free bool
	// Source is where it was published.
	Source string

	member string // the file inside the package
	sha256 string // of that file
}

// photos are the photographs. Authors, licences and sources are those that the docstrings of skimage.data in
// scikit-image 0.26.0 name.
var photos = []Photo{
	{
		Name: "astronaut", Class: "astronaut", Author: "NASA",
		Licence: "public domain, no known copyright restrictions", Free: true,
		Source: "NASA Great Images database, https://flic.kr/p/r9qvLn: Eileen Collins",
		member: "astronaut.png", sha256: "88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5",
	},
	{
		Name: "chelsea", Class: "cat", Author: "Stefan van der Walt",
		Licence: "CC0", Free: true,
		Source: "scikit-image",
		member: "chelsea.png", sha256: "596aa1e7cb875eb79f437e310381d26b338a81c2da23439704a73c4651e8c4bb",
	},
	{
		Name: "coffee", Class: "coffee", Author: "Rachel Michetti, courtesy of Pikolo Espresso Bar",
		Licence: "CC0", Free: true,
		Source: "scikit-image",
		member: "coffee.png", sha256: "cc02f8ca188b167c775a7101b5d767d1e71792cf762c33d6fa15a4599b5a8de7",
	},
	{
		Name: "motorcycle", Class: "motorcycle", Author: "D. Scharstein and others, Middlebury College",
		Licence: "none is named; part of the Middlebury 2014 stereo benchmark, distributed with scikit-image",
		Source: "http://vision.middlebury.edu/stereo/data/scenes2014/: D. Scharstein, H. Hirschmueller, Y. " +
			"Kitajima, G. Krathwohl, N. Nesic, X. Wang and P. Westling, \"High-resolution stereo datasets with " +
			"subpixel-accurate ground truth\", GCPR 2014",
		member: "motorcycle_left.png", sha256: "db18e9c4157617403c3537a6ba355dfeafe9a7eabb6b9b94cb33f6525dd49179",
	},
	{
		Name: "rocket", Class: "rocket", Author: "SpaceX",
		Licence: "public domain", Free: true,
		Source: "https://www.flickr.com/photos/spacexphotos/16511594820/: the launch of DSCOVR on a Falcon 9",
		member: "rocket.jpg", sha256: "c2dd0de7c538df8d111e479619b129464d0269d0ae5fd18ca91d33a7fdfea95c",
	},
}

// Names lists the photographs' names in alphabetical order.
func Names() []string {
	names := make([]string, len(photos))
	for i, photo := range photos {
		names[i] = photo.Name
	}
	return names
}

// About says what is known of a photograph, or which name is the nearest; upper and lower case are of no matter.
func About(name string) (Photo, error) {
	for _, photo := range photos {
		if strings.EqualFold(photo.Name, name) {
			return photo, nil
		}
	}
	near := slices.MinFunc(photos, func(a, b Photo) int { return cmp.Compare(a.distance(name), b.distance(name)) })
	return Photo{}, fmt.Errorf("there is no sample photograph %q: did you mean %s? (all: %s)",
		name, near.Name, strings.Join(Names(), ", "))
}

// distance says how far a name is from the photograph's name or class.
func (p Photo) distance(name string) int {
	name = strings.ToLower(name)
	return min(levenshtein.ComputeDistance(name, p.Name), levenshtein.ComputeDistance(name, p.Class))
}
