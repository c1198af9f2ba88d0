// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package ascent

import (
	"context"
	"fmt"
)

// RunEach runs a target with each of several settings, for comparisons: one result for each, in their order. Settings
// of one method with pictures of one size climb together in shared batches, whatever else differs, and compile once.
//
// Progress counts over all of them; it and Batch are taken from the first setting of each group, and Finished is not
// called. Errors and the end of ctx are as in [Run]; an error names the setting, counted from 1.
func RunEach(ctx context.Context, target Target, settings []Options) ([]*Result, error) {
	type size struct {
		height, width int
		method        string
		noRescue      bool
	}
	groups := make(map[size][]int)
	var order []size
	settled := make([]Options, len(settings))
	total := 0
	for i, options := range settings {
		o, err := target.settle(options)
		if err != nil {
			return nil, fmt.Errorf("setting %d: %w", i+1, err)
		}
		o.Finished = nil
		settled[i] = o
		key := size{o.Height, o.Width, o.Method.String(), o.NoRescue}
		if groups[key] == nil {
			order = append(order, key)
		}
		groups[key] = append(groups[key], i)
		total += o.Steps * len(target.Filters)
	}
	results := make([]*Result, len(settings))
	done := 0
	for _, key := range order {
		var group []Options
		for _, i := range groups[key] {
			group = append(group, settled[i])
		}
		if progress := group[0].Progress; progress != nil {
			before := done
			group[0].Progress = func(p Progress) {
				p.Done, p.Total = before+p.Done, total
				progress(p)
			}
		}
		made, err := together(ctx, target, group)
		if err != nil {
			return nil, err
		}
		for k, i := range groups[key] {
			results[i] = made[k]
			done += settled[i].Steps * len(target.Filters)
		}
	}
	return results, nil
}
