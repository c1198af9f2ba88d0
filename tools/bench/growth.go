// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"convscope/internal/scratch"
	"convscope/vgg16"
)

// Sweep is how time and memory grow with one knob.
type Sweep struct {
	// Knob names what is turned; Fixed says what is not.
	Knob  string `json:"knob"`
	Fixed string `json:"fixed"`
	// Against is what the exponents are taken against.
	Against string  `json:"against"`
	Points  []Point `json:"points"`
	// TimeExponent and MemoryExponent are the slopes of straight lines through the logarithms: 1 is linear growth.
	TimeExponent   float64 `json:"timeExponent"`
	MemoryExponent float64 `json:"memoryExponent"`
}

// Point is one measurement of a sweep.
type Point struct {
	Label string  `json:"label"`
	X     float64 `json:"x"` // what the exponents are taken against
	// Seconds is the time of one step of all pictures together; PeakBytes is the most memory that the process had.
	Seconds   float64 `json:"seconds"`
	PeakBytes int64   `json:"peakBytes"`
	args      []string
}

// growthSteps is how many steps are timed for a point, and growthTries how often; the fastest counts.
const (
	growthSteps = 6
	growthTries = 3
)

// sweeps lists what is measured.
func sweeps() []Sweep {
	size := Sweep{Knob: "size", Fixed: "block3_conv1, one picture", Against: "pixels"}
	for _, side := range []int{64, 96, 128, 192, 256, 320, 384, 448} {
		size.Points = append(size.Points, point(fmt.Sprintf("%d px", side), float64(side*side),
			"block3_conv1", side, 1))
	}
	batch := Sweep{Knob: "batch", Fixed: "block3_conv1, 64 px, all pictures at once", Against: "pictures"}
	for _, count := range []int{1, 2, 4, 8, 16, 32, 64} {
		batch.Points = append(batch.Points, point(fmt.Sprint(count), float64(count), "block3_conv1", 64, count))
	}
	depth := Sweep{Knob: "layer", Fixed: "one picture of 150 px", Against: "convolutions up to the layer"}
	for _, layer := range vgg16.Layers() {
		if layer.Kind == vgg16.Conv {
			depth.Points = append(depth.Points, point(layer.Name, float64(len(depth.Points)+1), layer.Name, 150, 1))
		}
	}
	return []Sweep{size, batch, depth}
}

// point is a point not yet measured.
func point(label string, x float64, layer string, size, count int) Point {
	return Point{Label: label, X: x, args: []string{
		"--layer", layer, "--size", fmt.Sprint(size), "--filters", fmt.Sprintf("0-%d", count-1),
		"--batch", fmt.Sprint(count), "--steps", fmt.Sprint(growthSteps),
	}}
}

// Grow measures how the cost grows. grid is the command line of "convscope grid" with the flags that choose the device
// and the weights.
func Grow(ctx context.Context, grid []string, say func(string)) ([]Sweep, error) {
	temp, err := scratch.Make()
	if err != nil {
		return nil, err
	}
	defer temp.Remove()
	all := sweeps()
	for s := range all {
		for p := range all[s].Points {
			say(fmt.Sprintf("growth: %s %s", all[s].Knob, all[s].Points[p].Label))
			if err := all[s].Points[p].measure(ctx, temp.Path, grid); err != nil {
				return all[:s], err
			}
		}
		all[s].fit()
	}
	return all, nil
}

// measure runs a process for the point a few times.
func (p *Point) measure(ctx context.Context, dir string, grid []string) error {
	trace := filepath.Join(dir, "trace.json")
	for range growthTries {
		args := append(append([]string{}, grid[1:]...), p.args...)
		command := exec.CommandContext(ctx, grid[0], append(args, "--out", filepath.Join(dir, "grid.png"),
			"--trace", trace)...)
		if output, err := command.CombinedOutput(); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			lines := strings.Split(strings.TrimSpace(string(output)), "\n")
			return fmt.Errorf("%s: %s", p.Label, lines[len(lines)-1])
		}
		text, err := os.ReadFile(trace)
		if err != nil {
			return err
		}
		var said struct{ Seconds struct{ Ascent float64 } }
		if err := json.Unmarshal(text, &said); err != nil {
			return err
		}
		step, memory := said.Seconds.Ascent/growthSteps, peakOf(command.ProcessState)
		if p.Seconds == 0 || step < p.Seconds {
			p.Seconds = step
		}
		if p.PeakBytes == 0 || memory < p.PeakBytes { // the first process may have compiled
			p.PeakBytes = memory
		}
	}
	return nil
}

// fit takes the exponents.
func (s *Sweep) fit() {
	var x, seconds, memory []float64
	for _, p := range s.Points {
		x, seconds, memory = append(x, p.X), append(seconds, p.Seconds), append(memory, float64(p.PeakBytes))
	}
	s.TimeExponent, s.MemoryExponent = exponent(x, seconds), exponent(x, memory)
}

// exponent is the slope of the straight line that fits the logarithms best.
func exponent(x, y []float64) float64 {
	var n, sumX, sumY, sumXX, sumXY float64
	for i := range x {
		a, b := math.Log(x[i]), math.Log(y[i])
		n, sumX, sumY, sumXX, sumXY = n+1, sumX+a, sumY+b, sumXX+a*a, sumXY+a*b
	}
	return (n*sumXY - sumX*sumY) / (n*sumXX - sumX*sumX)
}

// Markdown shows the sweep as a table.
func (s Sweep) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n**%s** (%s)\n\n| %s | milliseconds a step | peak memory of the process |\n| --- | "+
		"--- | --- |\n", s.Knob, s.Fixed, s.Knob)
	for _, p := range s.Points {
		fmt.Fprintf(&b, "| %s | %.1f | %d MiB |\n", p.Label, 1000*p.Seconds, p.PeakBytes>>20)
	}
	fmt.Fprintf(&b, "\nTime grows as the number of %s to the power of %.2f, memory to the power of %.2f.\n",
		s.Against, s.TimeExponent, s.MemoryExponent)
	return b.String()
}
