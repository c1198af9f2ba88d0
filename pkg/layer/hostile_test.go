// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package layer_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/pkg/layer"
)

// FuzzOptions gives Ops such options and inputs as a hostile file may have. What comes out is an error, or a network
// that passes its own check and has a shape of moderate size.
func FuzzOptions(f *testing.F) {
	for seed := range uint64(300) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		r := rand.New(rand.NewPCG(seed, 1))
		for _, op := range []any{layer.Conv{}, layer.DepthwiseConv{}, layer.SeparableConv{},
			layer.ConvTranspose{}, layer.Dense{},
			layer.BatchNorm{}, layer.LayerNorm{}, layer.GroupNorm{}, layer.LRN{}, layer.MaxPool{},
			layer.AveragePool{}, layer.Reduce{}, layer.Pad{}, layer.Slice{}, layer.Resize{}, layer.Rescale{},
			layer.Arithmetic{}, layer.Concat{}, layer.Flatten{},
			layer.Reshape{}, layer.Permute{}, layer.Squeeze{}, layer.Expand{}, layer.PReLU{}, layer.Identity{}} {
			filledIn := reflect.New(reflect.TypeOf(op)).Elem()
			scatter(r, filledIn)
			n := chain(filledIn.Interface().(layer.Op), layer.Conv{Filters: 1, Kernel: one}, layer.Flatten{})
			n.Input.Channels = 1 + r.IntN(4)
			n.Input.Height, n.Input.Width = r.IntN(9), r.IntN(9)
			_ = n.Check()
			shape, err := n.ShapeOf("l0", n.Input.Height, n.Input.Width)
			if err != nil {
				continue
			}
			values := 1.0
			for _, size := range shape {
				require.Positive(t, size)
				values *= float64(size)
			}
			require.LessOrEqual(t, values, math.Pow(2, 36))
			_, err = n.ReceptiveField("l2")
			require.NoError(t, err)
			for range 4 { // an Op is asked with anything
				_, _ = n.Layers[0].Op.Shape(make([][]int, r.IntN(4))...)
				_ = n.Layers[0].Op.Weights([]int{}, []int{3})
				_ = fmt.Sprint(n.Layers[0].Op)
			}
		}
	})
}

// scatter fills numbers with small and extreme ones.
func scatter(r *rand.Rand, v reflect.Value) {
	extreme := []int{math.MinInt, math.MaxInt, 1 << 31, -1 << 31, 1 << 15, 1<<15 + 1, -1, -2}
	switch v.Kind() {
	case reflect.Int:
		v.SetInt(int64(r.IntN(5)))
		if r.IntN(8) == 0 {
			v.SetInt(int64(extreme[r.IntN(len(extreme))]))
		}
	case reflect.Float64:
		v.SetFloat([]float64{0, 1, 2, 0.5, -1, math.NaN(), math.Inf(1), 1e300, 1e-300}[r.IntN(9)])
	case reflect.Bool:
		v.SetBool(r.IntN(2) == 0)
	case reflect.String:
		v.SetString([]string{"", "mean", "add", "reflect", "bilinear", "floor", "asymmetric"}[r.IntN(7)])
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), r.IntN(5), 5))
		fallthrough
	case reflect.Array:
		for i := range v.Len() {
			scatter(r, v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			scatter(r, v.Field(i))
		}
	}
}
