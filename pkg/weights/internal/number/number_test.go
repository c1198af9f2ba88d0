// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package number_test

import (
	"bytes"
	"encoding/binary"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/pkg/weights/internal/number"
)

// TestHalves compares each float16 and bfloat16 with its definition: a sign, an exponent and a fraction.
func TestHalves(t *testing.T) {
	value := func(bits, exponentBits, fractionBits int) float64 {
		bias := 1<<(exponentBits-1) - 1
		exponent, fraction := bits>>fractionBits&(1<<exponentBits-1), float64(bits&(1<<fractionBits-1))
		sign := 1 - 2*float64(bits>>15)
		one := math.Exp2(float64(fractionBits))
		switch {
		case exponent == 0:
			return sign * fraction / one * math.Exp2(float64(1-bias))
		case exponent == 2*bias+1 && fraction == 0:
			return math.Inf(int(sign))
		case exponent == 2*bias+1:
			return math.NaN()
		}
		return sign * (1 + fraction/one) * math.Exp2(float64(exponent-bias))
	}
	for name, bits := range map[string][2]int{"float16": {5, 10}, "bfloat16": {8, 7}} {
		for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
			kind, ok := number.Find(name, order)
			require.True(t, ok)
			all := make([]byte, 2<<16)
			for i := range 1 << 16 {
				order.PutUint16(all[2*i:], uint16(i))
			}
			got, err := kind.Read(bytes.NewReader(all), 1<<16)
			require.NoError(t, err)
			for i, v := range got {
				want := value(i, bits[0], bits[1])
				if float64(v) != want && !(math.IsNaN(want) && math.IsNaN(float64(v))) {
					t.Fatalf("%s %#04x is %g, want %g", name, i, v, want)
				}
			}
		}
	}
}

func TestWide(t *testing.T) {
	for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		var single, double bytes.Buffer
		values := []float32{0, 1, -1.5, 1e-40, math.MaxFloat32}
		require.NoError(t, binary.Write(&single, order, values))
		for _, v := range values {
			require.NoError(t, binary.Write(&double, order, float64(v)))
		}
		for name, file := range map[string]*bytes.Buffer{"float32": &single, "float64": &double} {
			kind, _ := number.Find(name, order)
			got, err := kind.Read(file, int64(len(values)))
			require.NoError(t, err)
			require.Equal(t, values, got, name)
		}
	}
	got, err := number.Bytes.Read(bytes.NewReader([]byte{0, 255}), 2)
	require.NoError(t, err)
	require.Equal(t, []float32{0, 255}, got)
	single, _ := number.Find("float32", binary.LittleEndian)
	_, err = single.Read(bytes.NewReader(make([]byte, 7)), 2)
	require.Error(t, err)
	_, ok := number.Find("int8", binary.LittleEndian)
	require.False(t, ok)
}

func TestFault(t *testing.T) {
	values := make([]float32, 24)
	require.Equal(t, -1, number.Fault(values))
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		values[17] = float32(bad)
		require.Equal(t, 17, number.Fault(values))
	}
	require.Equal(t, []int{1, 1, 1}, number.Place(17, []int{2, 3, 4}))
}
