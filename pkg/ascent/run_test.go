// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package ascent_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/stretchr/testify/require"

	"convscope/pkg/ascent"
	"convscope/pkg/device"
)

// identity is a model whose only layer is the picture: filter f is colour channel f. Its gradient is known:
// 1/(height*width) in one channel.
func identity(_ *model.Scope, x *Node) *Node { return x }

// target climbs the objective on the pure Go backend.
func target(t testing.TB, objective ascent.LossFunc, filters ...int) ascent.Target {
	t.Helper()
	dev, err := device.New(device.Options{Kind: device.Go})
	require.NoError(t, err)
	t.Cleanup(dev.Close)
	climber, err := ascent.NewClimber(dev.Backend, model.NewStore(), objective)
	require.NoError(t, err)
	return ascent.Target{Climber: climber, Layer: "picture", Filters: filters, Backend: dev.Name()}
}

// at reads pixel (row, column) of picture i.
func at(t testing.TB, pictures *tensors.Tensor, i, row, column int) []float32 {
	t.Helper()
	dims := pictures.Shape().Dimensions
	flat, err := tensors.CopyFlatData[float32](pictures)
	require.NoError(t, err)
	offset := ((i*dims[1]+row)*dims[2] + column) * 3
	return flat[offset : offset+3]
}

func TestRunTakesTheBooksStep(t *testing.T) {
	const height, width, steps, step = 4, 6, 5, 2.0
	result, err := ascent.Run(context.Background(), target(t, ascent.ChannelMean(identity), 1),
		ascent.Options{Height: height, Width: width, Steps: steps, Step: step})
	require.NoError(t, err)

	start := make([]float32, height*width*3)
	ascent.Noise(start, ascent.BookSeed, 1)
	gradient := 1.0 / (height * width)
	rms := gradient / math.Sqrt(3)
	length := step * gradient / (rms + 1e-5)
	got := at(t, result.Pictures, 0, 2, 3)
	from := start[(2*width+3)*3:]
	require.InDelta(t, from[0], got[0], 1e-4, "red is not the filter's channel")
	require.InDelta(t, float64(from[1])+steps*length, got[1], 1e-3, "green moves by step * gradient / (rms + 1e-5)")
	require.InDelta(t, from[2], got[2], 1e-4)

	require.Len(t, result.Loss[0], steps)
	mean := 0.0
	for i := 1; i < len(start); i += 3 {
		mean += float64(start[i]) * gradient
	}
	for i, loss := range result.Loss[0] {
		require.InDelta(t, mean+float64(i)*length, loss, 1e-3, "loss is taken before step %d", i)
	}
	require.False(t, result.Dead[0])
	require.Equal(t, []int{1, height, width, 3}, result.Pictures.Shape().Dimensions)
}

func TestZeroOptionsAreTheBook(t *testing.T) {
	result, err := ascent.Run(context.Background(), target(t, ascent.ChannelMean(identity), 0), ascent.Options{Size: 8})
	require.NoError(t, err)
	require.Len(t, result.Loss[0], 40)
	require.Equal(t, 1.0, result.Options.Step)
	require.Equal(t, "150x150 px, 40 steps of 1, seed 1", ascent.Options{}.String())
}

func TestFilterLooksTheSameInAnyBatch(t *testing.T) {
	square := func(_ *model.Scope, x *Node) *Node { return Square(x) }
	alone, err := ascent.Run(context.Background(), target(t, ascent.ChannelMean(square), 2), ascent.Options{Size: 5})
	require.NoError(t, err)
	for _, batch := range []int{0, 1, 2, 3} {
		among, err := ascent.Run(context.Background(), target(t, ascent.ChannelMean(square), 0, 1, 2),
			ascent.Options{Size: 5, Batch: batch})
		require.NoError(t, err)
		require.InDeltaSlice(t, at(t, alone.Pictures, 0, 3, 3), at(t, among.Pictures, 2, 3, 3), 1e-3, "batch %d", batch)
		require.InDeltaSlice(t, alone.Loss[0], among.Loss[2], 1e-1)
	}
}

func TestDeadFiltersAreTold(t *testing.T) {
	silentRed := func(_ *model.Scope, x *Node) *Node { // channel 0 is max(x - 1000, 0), as a ReLU far from its threshold
		bias := Const(x.Graph(), [][][][]float32{{{{-1000, 0, 0}}}})
		return Max(Add(x, bias), ScalarZero(x.Graph(), x.DType()))
	}
	// A maximum's gradient on a tie is irrelevant here: red is far below.
	var dead []bool
	result, err := ascent.Run(context.Background(), target(t, ascent.ChannelMean(silentRed), 0, 1),
		ascent.Options{Size: 4, Steps: 3, Progress: func(p ascent.Progress) { dead = p.Dead }})
	require.NoError(t, err)
	require.Equal(t, []bool{true, false}, result.Dead)
	require.Equal(t, []bool{true, false}, dead, "and told while it runs")
	require.Equal(t, []int{0}, result.DeadFilters())
	require.Contains(t, result.Caption(0), "dead")
	start := make([]float32, 4*4*3)
	ascent.Noise(start, ascent.BookSeed, 0)
	require.Equal(t, start[:3], at(t, result.Pictures, 0, 0, 0), "a dead filter's picture is its noise")
}

func TestCancelKeepsWhatThereIs(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	var last ascent.Progress
	result, err := ascent.Run(ctx, target(t, ascent.ChannelMean(identity), 0, 1, 2), ascent.Options{
		Size: 4, Steps: 10, Batch: 2, // two batches of two, the second one filled up
		Progress: func(p ascent.Progress) {
			last = p
			if p.First == 2 && p.Step == 3 {
				cancel()
			}
		},
	})
	require.NoError(t, err)
	require.True(t, result.Stopped)
	require.Len(t, result.Loss[0], 10)
	require.Len(t, result.Loss[2], 3, "the run ends within one step")
	require.Equal(t, 23, last.Done)
	require.Equal(t, 30, last.Total)
	require.Len(t, last.Loss, 1, "fillers are not reported")
}

func TestStartPictures(t *testing.T) {
	one := tensors.FromScalarAndDimensions(float32(7), 1, 4, 5, 3)
	three := tensors.FromFlatDataAndDimensions(make([]float32, 3*4*5*3), 3, 4, 5, 3)
	for name, start := range map[string]*tensors.Tensor{"one for all": one, "one each": three} {
		t.Run(name, func(t *testing.T) {
			result, err := ascent.Run(context.Background(), target(t, ascent.ChannelMean(identity), 0, 1, 2),
				ascent.Options{Start: start, Steps: 1})
			require.NoError(t, err)
			flat := tensors.MustCopyFlatData[float32](start)
			require.InDelta(t, flat[0], result.Loss[1][0], 1e-6)
			require.Equal(t, 5, result.Options.Width)
		})
	}
}

func TestOptionsThatMakeNoSense(t *testing.T) {
	nan := float32(math.NaN())
	tests := map[string]struct {
		options ascent.Options
		option  string
		words   string
	}{
		"negative size":  {ascent.Options{Size: -3}, "size", "-3x-3"},
		"huge size":      {ascent.Options{Size: 1 << 20}, "size", "at most"},
		"negative steps": {ascent.Options{Size: 4, Steps: -1}, "steps", "negative"},
		"endless step":   {ascent.Options{Size: 4, Step: math.Inf(1)}, "step", "finite"},
		"step no number": {ascent.Options{Size: 4, Step: math.NaN()}, "step", "finite"},
		"step too long":  {ascent.Options{Size: 4, Step: 1e300}, "step", "float32"},
		"negative batch": {ascent.Options{Size: 4, Batch: -1}, "batch", "negative"},
		"start of bytes": {ascent.Options{Start: tensors.FromScalarAndDimensions(uint8(1), 1, 4, 4, 3)}, "start", "uint8"},
		"start of rank 3": {ascent.Options{Start: tensors.FromScalarAndDimensions(float32(1), 4, 4, 3)},
			"start", "needed is"},
		"start too many": {ascent.Options{Start: tensors.FromScalarAndDimensions(float32(1), 2, 4, 4, 3)},
			"start", "[2 4 4 3]"},
		"start with NaN": {ascent.Options{Start: tensors.FromScalarAndDimensions(nan, 1, 4, 4, 3)}, "start", "NaN"},
		"start and size": {ascent.Options{Size: 5, Start: tensors.FromScalarAndDimensions(float32(1), 1, 4, 4, 3)},
			"start", "5, 5, 3"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := ascent.Run(context.Background(), target(t, ascent.ChannelMean(identity), 0), test.options)
			var bad *ascent.OptionError
			require.ErrorAs(t, err, &bad)
			require.Equal(t, test.option, bad.Option)
			require.Contains(t, err.Error(), test.words)
		})
	}
}

func TestMemory(t *testing.T) {
	filters := []int{0, 1, 2, 0, 1, 2, 0, 1}
	const one = 1 << 20
	tests := map[string]struct {
		free  int64
		batch int // 0: refused
	}{
		"plenty":          {1 << 40, 4},
		"room for three":  {3*one + 8192, 3}, // three rounds of three, three and two
		"room for one":    {one + 8192, 1},
		"not even for it": {one / 2, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			job := target(t, ascent.ChannelMean(identity), filters...)
			job.PictureBytes = func(int, int) int64 { return one }
			job.Memory = func() int64 { return test.free }
			batch := 0
			_, err := ascent.Run(context.Background(), job, ascent.Options{Size: 4, Steps: 1,
				Progress: func(p ascent.Progress) {
					batch = p.Pictures.Shape().Dim(0)
				}})
			if test.batch == 0 {
				var memory *ascent.MemoryError
				require.ErrorAs(t, err, &memory)
				return
			}
			require.NoError(t, err)
			require.Equal(t, test.batch, batch)
		})
	}
}

func TestWeightsCountAsMemory(t *testing.T) {
	job := target(t, ascent.ChannelMean(identity), 0)
	job.PictureBytes = func(int, int) int64 { return 1 }
	job.Memory = func() int64 { return 1 << 20 }
	job.FixedBytes = 1 << 21
	_, err := ascent.Run(context.Background(), job, ascent.Options{Size: 4, Steps: 1})
	var memory *ascent.MemoryError
	require.ErrorAs(t, err, &memory)
}

func TestFinishedGetsEachBatch(t *testing.T) {
	job := target(t, ascent.ChannelMean(identity), 0, 1, 2, 0, 1)
	var firsts []int
	var finished []float32
	result, err := ascent.Run(context.Background(), job, ascent.Options{
		Size: 4, Steps: 2, Batch: 2,
		Finished: func(first int, pictures *tensors.Tensor) {
			firsts = append(firsts, first)
			finished = append(finished, tensors.MustCopyFlatData[float32](pictures)...)
		},
	})
	require.NoError(t, err)
	require.Equal(t, []int{0, 2, 4}, firsts)
	require.Equal(t, tensors.MustCopyFlatData[float32](result.Pictures), finished)
}

func TestCompilesOnceForASize(t *testing.T) {
	job := target(t, ascent.ChannelMean(identity), 0)
	knobs := []struct {
		turned   string
		filter   int
		options  ascent.Options
		compiles bool
	}{
		{"nothing yet", 0, ascent.Options{Size: 4, Steps: 1}, true},
		{"filter", 1, ascent.Options{Size: 4, Steps: 1}, false},
		{"steps", 0, ascent.Options{Size: 4, Steps: 3}, false},
		{"step", 0, ascent.Options{Size: 4, Steps: 1, Step: 9}, false},
		{"seed", 0, ascent.Options{Size: 4, Steps: 1, Seed: 9}, false},
		{"size", 0, ascent.Options{Size: 5, Steps: 1}, true},
		{"size, back", 0, ascent.Options{Size: 4, Steps: 1}, false},
	}
	for _, knob := range knobs {
		t.Run(knob.turned, func(t *testing.T) {
			job.Filters = []int{knob.filter}
			result, err := ascent.Run(context.Background(), job, knob.options)
			require.NoError(t, err)
			require.Equal(t, knob.compiles, result.Time.Compile > 0)
		})
	}
}

func TestDivergence(t *testing.T) {
	start := tensors.FromScalarAndDimensions(float32(1), 1, 4, 4, 3)
	far := tensors.FromScalarAndDimensions(float32(1e30), 1, 4, 4, 3)
	weighted := func(weight float32) ascent.LossFunc {
		return ascent.ChannelMean(func(scope *model.Scope, x *Node) *Node {
			kernel := scope.In("block1_conv1").VariableWithValue("kernel", []float32{1, 1, weight})
			return Mul(x, Reshape(kernel.NodeValue(x), 1, 1, 1, 3))
		})
	}
	explode := ascent.ChannelMean(func(_ *model.Scope, x *Node) *Node { return Exp(x) })
	square := ascent.ChannelMean(func(_ *model.Scope, x *Node) *Node { return Square(x) })
	for name, test := range map[string]struct {
		loss    ascent.LossFunc
		options ascent.Options
		words   string
	}{
		"too long a step": {explode, ascent.Options{Start: start, Step: 100}, "try a smaller step"},
		"a model too hot": {explode, ascent.Options{Size: 4},
			"nothing has moved yet, so look at the model and at the factors"},
		"a start too far": {square, ascent.Options{Start: far}, "the start picture goes up to 1e+30"},
		"weights with NaN": {weighted(float32(math.NaN())), ascent.Options{Size: 4},
			"the weights hold NaN in block1_conv1/kernel, value 2"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ascent.Run(context.Background(), target(t, test.loss, 2), test.options)
			require.ErrorIs(t, err, ascent.ErrDiverged)
			require.ErrorContains(t, err, test.words)
			require.Equal(t, name == "too long a step", strings.Contains(err.Error(), "smaller step"))
		})
	}
}

// TestStepsThatMoveNothing refuses them, and only them.
func TestStepsThatMoveNothing(t *testing.T) {
	for _, test := range []struct {
		method  string
		step    float64
		refused bool
	}{
		{"book", 1e-9, true}, {"book", -1e-9, true}, {"book", 1e-50, true}, {"book", 1e-3, false}, {"book", -1, false},
		{"crisp", 1e-15, true}, {"crisp", 1e-5, false}, {"maco", 1e-12, true}, {"book2", 1e-9, true},
		{"book,octaves=2", 1e-9, true},
	} {
		t.Run(fmt.Sprintf("%s %g", test.method, test.step), func(t *testing.T) {
			m, err := ascent.ParseMethod(test.method)
			require.NoError(t, err)
			if m.Transforms != nil {
				m.Transforms = []ascent.Transform{ascent.Jitter(2)}
			}
			steps := 0
			_, err = ascent.Run(context.Background(), smoothTarget(t, 1), ascent.Options{
				Method: m, Size: 12, Steps: 5, Step: test.step, NoRescue: true,
				Progress: func(p ascent.Progress) { steps = p.Step },
			})
			if !test.refused {
				require.NoError(t, err)
				return
			}
			var bad *ascent.OptionError
			require.ErrorAs(t, err, &bad)
			require.Equal(t, "step", bad.Option)
			require.Zero(t, steps, "before the climb")
		})
	}
	silent := func(_ *model.Scope, x *Node) *Node { return MulScalar(x, 0) }
	_, err := ascent.Run(context.Background(), target(t, ascent.ChannelMean(silent), 0),
		ascent.Options{Size: 4, Steps: 3, Step: 1e-9})
	require.NoError(t, err, "a dead filter has other reasons")
}

// TestMethodsThatCanNotBe are refused before anything is built: what no text can say, and what makes too much of a
// picture.
func TestMethodsThatCanNotBe(t *testing.T) {
	crops := make([]ascent.Transform, 11)
	for i := range crops {
		crops[i] = ascent.Crops(64, 1, 1, 1)
	}
	pads := make([]ascent.Transform, 20)
	for i := range pads {
		pads[i] = ascent.Padding(4000, 0)
	}
	nan, infinite := math.NaN(), math.Inf(1)
	for name, test := range map[string]struct {
		method ascent.Method
		words  string
	}{
		"crops eleven times": {ascent.Method{Transforms: crops}, "more than 4096 views"},
		"crops ten times":    {ascent.Method{Transforms: crops[1:]}, "more than 4096 views"},
		"crops thrice":       {ascent.Method{Transforms: crops[8:]}, "more than 4096 views"},
		"twenty borders":     {ascent.Method{Transforms: pads}, "65536 pixels a side"},
		"noise in a crowd": {ascent.Method{Transforms: []ascent.Transform{
			ascent.Crops(64, 1024, 1, 1), ascent.Crops(2, 1024, 1, 1), ascent.Grain(1)}}, "random numbers"},
		"no transform":   {ascent.Method{Transforms: make([]ascent.Transform, 1)}, "there is no transform \"\""},
		"no regularizer": {ascent.Method{Regularizers: make([]ascent.Regularizer, 1)}, "there is no regularizer \"\""},
		"scale by NaN": {ascent.Method{Transforms: []ascent.Transform{ascent.Scale(nan, 1)}},
			"scale \"NaN\": give a number"},
		"blur without end": {ascent.Method{Transforms: []ascent.Transform{ascent.Blur(1, infinite)}},
			"blur \"Inf\": give a number"},
		"crops of nothing":   {ascent.Method{Transforms: []ascent.Transform{ascent.Crops(0, 10, 1, 1)}}, "above 0"},
		"padding below zero": {ascent.Method{Transforms: []ascent.Transform{ascent.Padding(-1, 0)}}, "from 0"},
		"weight NaN":         {ascent.Method{Regularizers: []ascent.Regularizer{ascent.TotalVariation(nan)}}, "tv \"NaN\""},
		"decay NaN":          {ascent.Method{Image: ascent.Fourier{Decay: nan}}, "fourier \"NaN\""},
		"slope NaN":          {ascent.Method{Image: ascent.MaCo{Slope: [3]float64{nan, 1, 1}}}, "maco \"NaN\""},
		"noise NaN":          {ascent.Method{Image: ascent.Pixels{Low: nan}}, "pixels \"NaN\""},
		"keep 2":             {ascent.Method{Optimizer: ascent.RMSProp{Keep: 2}}, "optimizer"},
		"stretch NaN":        {ascent.Method{Stretch: nan}, "stretch \"NaN\""},
		"color 17":           {ascent.Method{Color: 17}, "there is no color"},
		"octaves 1e9":        {ascent.Method{Octaves: 1e9}, "from 0 to 8"},
		"border -1":          {ascent.Method{Border: -1}, "border"},
	} {
		t.Run(name, func(t *testing.T) {
			job := smoothTarget(t, 0)
			job.PictureBytes = func(int, int) int64 { return 1 << 20 }
			job.Memory = func() int64 { return 1 << 30 }
			for _, run := range []func() error{
				func() error {
					_, err := ascent.Run(context.Background(), job, ascent.Options{Method: test.method, Size: 8, Steps: 1})
					return err
				},
				func() error {
					_, err := ascent.RunEach(context.Background(), job, []ascent.Options{{Method: test.method, Size: 8, Steps: 1}})
					return err
				},
			} {
				err := run()
				var bad *ascent.OptionError
				require.ErrorAs(t, err, &bad)
				require.Equal(t, "method", bad.Option)
				require.ErrorContains(t, err, test.words)
			}
		})
	}
}

// TestMemoryThatOverflows is refused, not wrapped around.
func TestMemoryThatOverflows(t *testing.T) {
	job := target(t, ascent.ChannelMean(identity), 0)
	job.Memory = func() int64 { return 16 << 30 }
	for name, bytes := range map[string]func(int, int) int64{
		"a picture": func(int, int) int64 { return math.MaxInt64 },
		"its views": func(int, int) int64 { return math.MaxInt64 / 8 },
	} {
		t.Run(name, func(t *testing.T) {
			job.PictureBytes = bytes
			options := ascent.Options{Size: 4, Steps: 1,
				Method: ascent.Method{Transforms: []ascent.Transform{ascent.Crops(16, 4, 1, 1)}}}
			_, err := ascent.Run(context.Background(), job, options)
			var memory *ascent.MemoryError
			require.ErrorAs(t, err, &memory)
			require.Positive(t, memory.Need)
		})
	}
	job.PictureBytes = func(int, int) int64 { return 0 }
	wide := ascent.Method{Transforms: []ascent.Transform{ascent.Padding(4000, 0), ascent.Crops(64, 8, 1, 1)}}
	_, err := ascent.Run(context.Background(), job, ascent.Options{Size: 4, Steps: 1, Method: wide})
	require.ErrorAs(t, err, new(*ascent.MemoryError),
		"what the transforms make on the way counts: 64 views of 8004x8004 pixels")
	_, err = ascent.Run(context.Background(), job, ascent.Options{Size: 4, Steps: 1})
	require.NoError(t, err, "no estimate divides by zero")
}

func TestGraphPanicsBecomeErrors(t *testing.T) {
	broken := func(*model.Scope, *Node, *Node) *Node { panic(errors.New("no such layer")) }
	_, err := ascent.Run(context.Background(), target(t, broken, 0), ascent.Options{Size: 4})
	require.ErrorContains(t, err, "no such layer")
}

func TestNoiseIsPinned(t *testing.T) {
	got := make([]float32, 3)
	ascent.Noise(got, 1, 7)
	again := make([]float32, 3)
	ascent.Noise(again, 1, 7)
	require.Equal(t, got, again)
	ascent.Noise(again, 2, 7)
	require.NotEqual(t, got, again)
	for _, v := range got {
		require.GreaterOrEqual(t, v, float32(128))
		require.Less(t, v, float32(148))
	}
	require.Equal(t, []float32{139.00888, 131.65271, 137.76044}, got,
		"the generator changed: saved recipes would give other pictures")
}
