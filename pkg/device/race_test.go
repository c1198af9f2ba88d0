// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package device_test

import (
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"convscope/pkg/device"
)

// TestProducts multiplies matrices in the ways that gradients need, on the pure Go backend. Under the race detector it
// shows that the kernels pass checkptr.
func TestProducts(t *testing.T) {
	d := device.MustNew(device.Options{Kind: device.Go})
	defer d.Close()
	const batch, rows, inner, columns = 2, 5, 3, 4
	values := func(n int) []float32 {
		all := make([]float32, n)
		for i := range all {
			all[i] = float32(i%7) - 2
		}
		return all
	}
	left, right := values(batch*rows*inner), values(batch*inner*columns)
	for equation, at := range map[string]func(b, k, c int) int{
		"brk,bkc->brc": func(b, k, c int) int { return (b*inner+k)*columns + c },
		"brk,bck->brc": func(b, k, c int) int { return (b*columns+c)*inner + k },
	} {
		t.Run(equation, func(t *testing.T) {
			dims := []int{batch, inner, columns}
			if equation == "brk,bck->brc" {
				dims = []int{batch, columns, inner}
			}
			outputs, err := MustNewExec(d.Backend, func(x, y *Node) *Node { return Einsum(equation, x, y) }).Call(
				tensors.FromFlatDataAndDimensions(left, batch, rows, inner), tensors.FromFlatDataAndDimensions(right, dims...))
			require.NoError(t, err)
			got := tensors.MustCopyFlatData[float32](outputs[0])
			for b := range batch {
				for r := range rows {
					for c := range columns {
						want := float32(0)
						for k := range inner {
							want += left[(b*rows+r)*inner+k] * right[at(b, k, c)]
						}
						require.Equal(t, want, got[(b*rows+r)*columns+c])
					}
				}
			}
		})
	}
}
