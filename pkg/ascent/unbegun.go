// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package ascent

import (
	"fmt"

	"github.com/gomlx/gomlx/core/tensors"
)

// showStarts makes the pictures of those of the batch that took no step: what they start from, in their whole size.
// They look the same whenever the run was stopped, before their batch began or while its program was being compiled,
// since each is decoded alone, whatever climbs beside it.
func (r *run) showStarts(batch []int) error {
	for _, i := range batch {
		if len(r.tasks[i].loss) > 0 {
			continue
		}
		picture := r.pictures[i*r.pixels : (i+1)*r.pixels]
		if err := r.showStart(picture, r.tasks[i]); err != nil {
			return fmt.Errorf("showing what %s filter %d starts from: %w", r.target.Layer, r.tasks[i].filter, err)
		}
	}
	return nil
}

// showStart fills a picture, [height, width, 3], with the gray levels that it starts from.
func (r *run) showStart(picture []float32, t task) error {
	m, height, width := r.options.Method, r.options.Height, r.options.Width
	if t.start != nil {
		copy(picture, t.start)
		return nil
	}
	parameters := m.begin(t, r.options, height, width)
	if m.plain() {
		copy(picture, parameters[0])
		return nil
	}
	return guard(func() (err error) {
		if r.starts == nil {
			if r.starts, err = m.decoder(r.target.Climber.backend, height, width); err != nil {
				return err
			}
		}
		var inputs []any
		for k, shape := range m.image().shapes(height, width, m.components()) {
			inputs = append(inputs, tensors.FromFlatDataAndDimensions(parameters[k], append([]int{1}, shape...)...))
		}
		outputs, err := r.starts.Call(inputs...)
		if err != nil {
			return err
		}
		return tensors.ConstFlatData(outputs[0], func(levels []float32) { copy(picture, levels) })
	})
}
