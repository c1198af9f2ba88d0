// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package onnx

import (
	"cmp"
	"container/heap"
	"fmt"

	"convscope/pkg/weights/onnxfile"
)

// sorted returns the nodes so that each comes after those it takes something of, else in the file's order. taken are
// the values that no node makes.
func sorted(nodes []*onnxfile.Node, taken map[string]bool) ([]*onnxfile.Node, error) {
	maker := map[string]int{}
	for i, n := range nodes {
		for _, name := range n.Outputs {
			if _, twice := maker[name]; name != "" && (twice || taken[name]) {
				return nil, fmt.Errorf("%w: the value %s is made twice", ErrDamaged, shown(name))
			}
			maker[name] = i
		}
	}
	delete(maker, "")
	missing := make([]int, len(nodes))
	users := make([][]int, len(nodes))
	var ready intHeap
	for i, n := range nodes {
		for _, name := range n.Inputs {
			if from, made := maker[name]; made {
				missing[i]++
				users[from] = append(users[from], i)
			}
		}
		if missing[i] == 0 {
			ready = append(ready, i)
		}
	}
	var out []*onnxfile.Node
	for len(ready) > 0 {
		i := heap.Pop(&ready).(int)
		out = append(out, nodes[i])
		for _, user := range users[i] {
			if missing[user]--; missing[user] == 0 {
				heap.Push(&ready, user)
			}
		}
	}
	for i, n := range nodes {
		if missing[i] > 0 {
			return nil, fmt.Errorf("%w: %s (%s) needs its own output", ErrDamaged, n.Op,
				shown(cmp.Or(n.Name, "without a name")))
		}
	}
	return out, nil
}

// intHeap gives the smallest number first.
type intHeap []int

func (h intHeap) Len() int           { return len(h) }
func (h intHeap) Less(i, j int) bool { return h[i] < h[j] }
func (h intHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }

// Push adds a number.
func (h *intHeap) Push(x any) { *h = append(*h, x.(int)) }

// Pop takes the last one.
func (h *intHeap) Pop() any {
	old := *h
	x := old[len(old)-1]
	*h = old[:len(old)-1]
	return x
}
