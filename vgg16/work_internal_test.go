// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package vgg16

import (
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/stretchr/testify/require"

	"convscope/pkg/device"
)

// empty is a loader whose weights are all zero: the work is the same, whatever the weights.
type empty struct{}

func (empty) LoadVariable(_ *model.Store, fullPath string) (*tensors.Tensor, bool) {
	name, variable, _ := strings.Cut(strings.TrimPrefix(fullPath, model.ScopeSeparator), model.ScopeSeparator)
	l, err := Find(name)
	if err != nil {
		return nil, false
	}
	dims := []int{l.Filters}
	if variable == kernelName {
		dims = []int{3, 3, l.In, l.Filters}
	}
	return tensors.FromShape(shapes.Make(dtypes.Float32, dims...)), true
}

func (empty) DeleteVariable(*model.Store, string) error { return nil }

// work is what one step takes: the floating-point operations of all convolutions and products, and the bytes that all
// results have.
func work(t *testing.T, backend compute.Backend, layer string, batch, size int) (flops, bytes int64) {
	store := model.NewStore()
	store.SetLoader(empty{})
	exec, err := model.NewExec(backend, store, func(scope *model.Scope, pictures, filters *Node) (*Node, *Node) {
		losses := table.ChannelMean(layer)(scope, pictures, filters)
		gradients := Gradient(ReduceAllSum(losses), pictures)[0]
		flops, bytes = 0, 0
		for node := range needed(gradients, losses) {
			flops += operations(node)
			if node.NumOutputs() == 1 {
				bytes += int64(node.Shape().ByteSize())
			}
		}
		return gradients, losses
	})
	require.NoError(t, err)
	_, err = exec.Compile(shapes.Make(dtypes.Float32, batch, size, size, 3), shapes.Make(dtypes.Int32, batch))
	require.NoError(t, err)
	return flops, bytes
}

// needed are the nodes that the results depend on. The backend's compiler leaves the others out, such as the kernels'
// gradients.
func needed(results ...*Node) map[*Node]bool {
	found := make(map[*Node]bool)
	for len(results) > 0 {
		node := results[0]
		results = results[1:]
		if !found[node] {
			found[node] = true
			results = append(results, node.Inputs()...)
		}
	}
	return found
}

// operations counts the multiplications and additions of a convolution or product: two for each pair that meets in it.
func operations(node *Node) int64 {
	output := int64(node.Shape().Size())
	switch node.Type() {
	case NodeTypeConvGeneral: // the kernel is [height, width, in, out]
		kernel := node.Inputs()[1].Shape()
		return 2 * output * int64(kernel.Size()/kernel.Dim(-1))
	case NodeTypeDotGeneral: // with the batch's b, left and right have b*m*k and b*n*k values, the output b*m*n
		left, right := int64(node.Inputs()[0].Shape().Size()), int64(node.Inputs()[1].Shape().Size())
		common := int64(1)
		if node.Shape().Rank() == 3 {
			common = int64(node.Shape().Dim(0))
		}
		// left*right/output = b*k*k: k from that.
		square := left * right / output / common
		k := int64(1)
		for k*k < square {
			k++
		}
		return 2 * output * k
	}
	return 0
}

// TestWorkOfAStep guards the speed by counting, since a clock would tell about the machine: what a step computes may
// not grow. The limits are what was counted, in millions, and a twentieth more.
func TestWorkOfAStep(t *testing.T) {
	dev, err := device.New(device.Options{Kind: device.Go})
	require.NoError(t, err)
	defer dev.Close()
	tests := []struct {
		job          string
		layer        string
		batch, size  int
		flops, bytes int64 // millions
	}{
		{"one pattern", "block3_conv1", 1, 150, 7969, 274},
		{"a sheet of edges", "block1_conv1", 4, 64, 0, 14},
		{"a deep sheet", "block4_conv1", 4, 64, 11540, 258},
	}
	for _, test := range tests {
		t.Run(test.job, func(t *testing.T) {
			flops, bytes := work(t, dev.Backend, test.layer, test.batch, test.size)
			t.Logf("%d million operations, %d million bytes", flops/1e6, bytes/1e6)
			require.LessOrEqual(t, float64(flops), 1.05e6*float64(test.flops))
			require.LessOrEqual(t, float64(bytes), 1.05e6*float64(test.bytes))
		})
	}
}
