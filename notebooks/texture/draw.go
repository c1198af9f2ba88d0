// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package texture

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
)

// Side is the height and width of the pictures, in pixels.
const Side = 80

// classes say which of two colours a place has, by its coordinates after a random turn and shift, in waves.
var classes = []struct {
	name string
	at   func(x, y float64) bool
}{
	{"stripes", func(x, _ float64) bool { return math.Sin(2*math.Pi*x) > 0 }},
	{"checks", func(x, y float64) bool { return math.Sin(2*math.Pi*x)*math.Sin(2*math.Pi*y) > 0 }},
	{"dots", func(x, y float64) bool { return math.Cos(2*math.Pi*x)+math.Cos(2*math.Pi*y) > 0.9 }},
	{"rings", func(x, y float64) bool { return math.Sin(2*math.Pi*math.Hypot(x, y)) > 0 }},
}

// Classes are the names of the textures, in the order of the network's outputs.
func Classes() (names []string) {
	for _, c := range classes {
		names = append(names, c.name)
	}
	return names
}

// First says which of a texture's two colours a place has, by its coordinates in waves.
func First(class int, x, y float64) bool { return classes[class].at(x, y) }

// Picture is a drawing, and where on it the texture is.
type Picture struct {
	*image.NRGBA
	// Patch is the square around the round patch of texture, of two that around the left one.
	Patch image.Rectangle
}

// Draw draws a texture as a round patch, somewhere on a plain ground, in random colours and with some noise. The same
// seed gives the same picture. The error names the textures.
func Draw(name string, seed uint64) (*Picture, error) {
	class := slices.Index(Classes(), name)
	if class < 0 {
		return nil, unknown(name)
	}
	return drawn(class, rand.New(rand.NewPCG(seed, uint64(class)))), nil
}

// MustDraw is [Draw] for notebook cells: errors panic.
func MustDraw(name string, seed uint64) *Picture {
	p, err := Draw(name, seed)
	if err != nil {
		panic(err)
	}
	return p
}

func drawn(class int, random *rand.Rand) *Picture {
	const least, most = 16, 26 // the patch's radius
	radius := least + (most-least)*random.Float64()
	p := plain(random)
	p.patch(class, radius+(Side-2*radius)*random.Float64(), radius+(Side-2*radius)*random.Float64(), radius, random)
	return p
}

// MustPair draws two textures side by side on one ground; its Patch is the first one's, on the left. Errors panic.
func MustPair(left, right string, seed uint64) *Picture {
	const radius = 18
	random := rand.New(rand.NewPCG(seed, 0))
	p := plain(random)
	for i, name := range []string{right, left} {
		class := slices.Index(Classes(), name)
		if class < 0 {
			panic(unknown(name))
		}
		p.patch(class, Side*(3-2*float64(i))/4, Side/4+Side/2*random.Float64(), radius, random)
	}
	return p
}

func unknown(name string) error {
	return fmt.Errorf("there is no texture %q: choose from %s", name, strings.Join(Classes(), ", "))
}

// plain is a picture without a texture.
func plain(random *rand.Rand) *Picture {
	p := &Picture{NRGBA: image.NewNRGBA(image.Rect(0, 0, Side, Side))}
	ground := colour(random, 0, 255)
	for y := range Side {
		for x := range Side {
			p.SetNRGBA(x, y, noisy(ground, random))
		}
	}
	return p
}

// patch draws a texture in a circle.
func (p *Picture) patch(class int, middleX, middleY, radius float64, random *rand.Rand) {
	sine, cosine := math.Sincos(2 * math.Pi * random.Float64())
	wave := 8 + 4*random.Float64()
	shiftX, shiftY := radius*(random.Float64()-0.5), radius*(random.Float64()-0.5)
	dark, bright := colour(random, 0, 110), colour(random, 145, 255)
	if random.IntN(2) == 0 {
		dark, bright = bright, dark
	}
	p.Patch = image.Rect(int(middleX-radius), int(middleY-radius), int(middleX+radius)+1, int(middleY+radius)+1)
	for y := range Side {
		for x := range Side {
			right, down := float64(x)-middleX, float64(y)-middleY
			if math.Hypot(right, down) >= radius {
				continue
			}
			right, down = (right+shiftX)/wave, (down+shiftY)/wave
			of := dark
			if First(class, cosine*right-sine*down, sine*right+cosine*down) {
				of = bright
			}
			p.SetNRGBA(x, y, noisy(of, random))
		}
	}
}

// colour draws one whose levels lie between two.
func colour(random *rand.Rand, low, high float64) (levels [3]float64) {
	for c := range levels {
		levels[c] = low + (high-low)*random.Float64()
	}
	return levels
}

func noisy(levels [3]float64, random *rand.Rand) color.NRGBA {
	const noise = 12 // gray levels
	var n [3]uint8
	for c := range n {
		n[c] = uint8(min(max(levels[c]+noise*random.NormFloat64(), 0), 255))
	}
	return color.NRGBA{n[0], n[1], n[2], 255}
}
