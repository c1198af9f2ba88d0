// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package ascent_test

import (
	"cmp"
	"context"
	"strings"
	"testing"

	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/stretchr/testify/require"

	"convscope/pkg/ascent"
	"convscope/pkg/device"
)

func TestMethodsReadBack(t *testing.T) {
	for _, named := range ascent.Methods() {
		t.Run(named.Name, func(t *testing.T) {
			require.Equal(t, named.Name, named.Method.String())
			got, err := ascent.ParseMethod(named.Name)
			require.NoError(t, err)
			require.Equal(t, named.Method, got)
		})
	}
	for _, text := range []string{
		"book,image=pyramid,color=gray,transforms=jitter:4+flip,steps=7",
		"book,image=fourier:1.5,input=photo,regularizers=tv:0.25+norm:1:6:0.5",
		"book,optimizer=rmsprop:0.9:0.5,octaves=3,wake=yes,stretch=0.25,trim=2,size=64,step=2.5", "book,show=5:0:12",
		"book,stretch=0.25,show=3", "crisp,show=2:1:0", "book,image=maco:2:1:2.5:2:3:0.5,border=2",
		"book,transforms=scale:1e-30:1e30+blur:1e21:1e35,regularizers=tv:1e22+norm:1e23:1e24,step=1e25",
		"book,regularizers=tv:1e21+norm:1e25:2,step=1e22",
	} {
		t.Run(text, func(t *testing.T) {
			m, err := ascent.ParseMethod(text)
			require.NoError(t, err)
			again, err := ascent.ParseMethod(m.String())
			require.NoError(t, err)
			require.Equal(t, m.String(), again.String())
			require.Equal(t, len(strings.Split(text, ",")), len(strings.Split(m.String(), ",")))
		})
	}
}

func TestMethodErrorsSayWhatToDo(t *testing.T) {
	for text, want := range map[string]string{
		"lucit":                           "did you mean lucid?",
		"book,imag=pixels":                "did you mean image?",
		"book,image=forier":               "did you mean fourier?",
		"book,image=fourier:x":            "give a number",
		"book,image=fourier:1:2":          "the power",
		"book,color=grey":                 "did you mean gray?",
		"book,input=foto":                 "choose raw or photo",
		"book,transforms=jiter:2":         "did you mean jitter?",
		"book,transforms=jitter":          "takes 1 number",
		"book,transforms=jitter:-1":       "from 0 to 4096",
		"book,transforms=scale:0:1":       "above 0",
		"book,transforms=crops:9e9:1:1:1": "up to 64",
		"book,regularizers=tv":            "the first its weight",
		"book,optimizer=adan":             "did you mean adam?",
		"book,optimizer=adam:3":           "only rmsprop",
		"book,border=-1":                  "from 0",
		"book,step=nan":                   "give a number",
		"book,border=":                    "from 0",
		"":                                "there is no method",
		"book,":                           "",
		"book,,":                          "there is no part",
		"book,transforms=" + strings.Repeat("flip+", 32) + "flip": "at most 32",
		"book," + strings.Repeat("border=1,", 1000):               "bytes: at most 4096",
		strings.Repeat("x", 4000):                                 "there is no method",
	} {
		t.Run(text, func(t *testing.T) {
			_, err := ascent.ParseMethod(text)
			if want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, want)
			require.Less(t, len(err.Error()), 400)
		})
	}
}

func FuzzParse(f *testing.F) {
	for _, named := range ascent.Methods() {
		f.Add(named.Name)
	}
	f.Add("book,image=maco:2:1:2.5:2:3:0.5,transforms=pad:0.1+crops:3:4:1:1,regularizers=norm:1:2")
	f.Add("2*direction:a:my file:3.npy:0.5 - layer:b")
	f.Add("-2*channel:a:1 + channels:b:1=2,3=-4 - interpolate:a:1:b:2")
	f.Fuzz(func(t *testing.T, text string) {
		if m, err := ascent.ParseMethod(text); err == nil {
			again, err := ascent.ParseMethod(m.String())
			require.NoError(t, err)
			require.Equal(t, m.String(), again.String())
		}
		files := ascent.Files{Vector: func(string) ([]float32, error) { return []float32{1}, nil }}
		if o, err := ascent.ParseObjective(text, files); err == nil {
			portable := o.Portable(func(ascent.Attachment) string { return "v.npy" })
			again, err := ascent.ParseObjective(portable, files)
			require.NoError(t, err)
			require.Equal(t, portable, again.String())
			_ = o.Check(func(string) (int, error) { return 3, nil })
		} else {
			require.NotContains(t, err.Error(), "\n")
		}
	})
}

// smooth is a model whose filter likes waves of gray levels, and more so the larger its number.
func smooth(_ ascent.How) ascent.LossFunc {
	return func(_ *model.Scope, x, filters *Node) *Node {
		one := shapes.Make(x.DType(), append([]int{1}, x.Shape().Dimensions[1:]...)...)
		wave := AddScalar(MulScalar(Sin(MulScalar(IotaFull(x.Graph(), one), 0.03)), 60), 60)
		own := AddScalar(ConvertDType(filters, x.DType()), 1) // [batch]
		return Mul(own, MulScalar(ReduceMean(Square(Sub(x, wave)), 1, 2, 3), -0.01))
	}
}

// smoothTarget climbs smooth on the pure Go backend.
func smoothTarget(t testing.TB, filters ...int) ascent.Target {
	t.Helper()
	dev, err := device.New(device.Options{Kind: device.Go})
	require.NoError(t, err)
	t.Cleanup(dev.Close)
	climber := ascent.NewClimberOf(dev.Backend, model.NewStore(),
		ascent.Source{Loss: smooth, Preprocess: func(x *Node) *Node { return AddScalar(x, -100) }})
	return ascent.Target{Climber: climber, Layer: "waves", Filters: filters}
}

// TestEachMethodRuns climbs with every named method and every kind of image; a picture is the same alone and in a
// batch.
func TestEachMethodRuns(t *testing.T) {
	texts := []string{
		"book,image=pyramid,color=gray,optimizer=rmsprop,step=0.1",
		"book,image=cppn,color=decorrelated,optimizer=adam,step=0.01",
		"book,octaves=3,step=2",
		"book,image=pixels:0.01,color=squashed,transforms=xplique,optimizer=l2,step=3," +
			"regularizers=tv:1+norm:1:6+blur:1",
		"book,image=fourier,color=gray,border=1,step=0.01",
	}
	for _, named := range ascent.Methods() {
		texts = append(texts, named.Name)
	}
	for _, text := range texts {
		t.Run(text, func(t *testing.T) {
			m, err := ascent.ParseMethod(text)
			require.NoError(t, err)
			if text == "maco" {
				m.Transforms = []ascent.Transform{ascent.Crops(3, 16, 0.5, 0.3), ascent.Grain(0.05)}
			}
			o := ascent.Options{Method: m, Height: 26, Width: 33, Steps: 6}
			together, err := ascent.Run(context.Background(), smoothTarget(t, 0, 1, 2), o)
			require.NoError(t, err)
			alone, err := ascent.Run(context.Background(), smoothTarget(t, 2), o)
			require.NoError(t, err)
			require.Greater(t, alone.Loss[0][5], alone.Loss[0][0], "it climbs")
			for _, at := range [][2]int{{0, 0}, {12, 20}, {25, 32}} {
				got, want := at3(t, together.Pictures, 2, at), at3(t, alone.Pictures, 0, at)
				for c := range 3 {
					require.InDelta(t, want[c], got[c], 1e-2, "at %v", at)
				}
			}
			images, err := together.Images()
			require.NoError(t, err)
			require.Equal(t, 33-2*trimmed(m), images[0].Bounds().Dx())
			scores, err := ascent.Rate(context.Background(), smoothTarget(t, 0, 1, 2), together)
			require.NoError(t, err)
			require.Greater(t, scores[0].TotalVariation, 0.)
			require.InDelta(t, 0.5, scores[0].HighFrequency, 0.5)
		})
	}
}

func trimmed(m ascent.Method) int {
	if 2*m.Trim >= 26 {
		return 0 // nothing would be left
	}
	return m.Trim
}

func at3(t testing.TB, pictures *tensors.Tensor, i int, place [2]int) []float32 {
	return at(t, pictures, i, place[0], place[1])
}

// TestStarts accepts a photo where the method can take it.
func TestStarts(t *testing.T) {
	start := value(100, 127.5, 1, 24, 20, 3)
	for text, problem := range map[string]string{"crisp": "", "book2": "", "book,image=pyramid,color=gray": "",
		"maco": "start: maco can't start", "book,image=cppn": "can't start"} {
		t.Run(text, func(t *testing.T) {
			m, err := ascent.ParseMethod(text)
			require.NoError(t, err)
			result, err := ascent.Run(context.Background(), smoothTarget(t, 0),
				ascent.Options{Method: m, Start: start, Steps: 1, Step: 2e-4 * cmp.Or(m.Step, 1)})
			if problem != "" {
				require.ErrorContains(t, err, problem)
				return
			}
			require.NoError(t, err)
			want, err := tensors.CopyFlatData[float32](start)
			require.NoError(t, err)
			got := at(t, result.Pictures, 0, 3, 4)
			if strings.Contains(text, "gray") {
				want[(3*20+4)*3] = (want[(3*20+4)*3] + want[(3*20+4)*3+1] + want[(3*20+4)*3+2]) / 3
			}
			require.InDelta(t, want[(3*20+4)*3], got[0], 0.2, "the start stays")
		})
	}
	m, err := ascent.ParseMethod("book,octaves=2,image=fourier")
	require.NoError(t, err)
	_, err = ascent.Run(context.Background(), smoothTarget(t, 0), ascent.Options{Method: m})
	require.ErrorContains(t, err, "only pixels grow in octaves")
}
