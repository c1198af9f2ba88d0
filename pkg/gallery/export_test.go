// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package gallery

// For tests.
var (
	LayerNames = layerNames
	InOrder    = inOrder
	LookAt     = lookAt
	ShellWord  = shellWord
	ParsePlan  = parsePlan
)

// ParseRecord reads a record of a plan's shard.
func ParseRecord(text []byte, p Plan, s Shard) error {
	_, err := parseRecord(text, p.Hash(), s)
	return err
}

// Words are what the names of a filter's pictures have.
func (p Plan) Words() (all []string) {
	for _, v := range p.variants() {
		all = append(all, v.word())
	}
	return all
}

// FilmStops are the steps that a film shows.
func FilmStops(steps int) []int { return newFilm(steps).stops }
