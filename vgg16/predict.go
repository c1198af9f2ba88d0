// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package vgg16

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"image"
	"slices"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/support/exceptions"

	"convscope/pkg/label"
	"convscope/pkg/picture"
)

// imageNetClasses is how many classes a top has that ImageNet's names are for.
const imageNetClasses = 1000

// Prediction is what the top says to some pictures.
type Prediction struct {
	// Logits are the class scores before the softmax, Probabilities after it: [pictures][classes].
	Logits, Probabilities [][]float32

	classes func() (label.Classes, error)
}

// Guess is one class that a picture may show.
type Guess struct {
	label.Class
	Logit, Probability float32
}

// Predict classifies photographs. All of each photo is scaled to 224 x 224 pixels, whatever its proportions, as Keras'
// load_img does, and preprocessed, see [Preprocess]. Errors are [ErrNoTop], and those of computing.
func (m *Model) Predict(photos ...image.Image) (*Prediction, error) {
	if !m.HasTop() {
		return nil, ErrNoTop
	}
	if len(photos) == 0 {
		return nil, errors.New("there are no photos to classify: give at least one")
	}
	all := &Prediction{classes: m.Classes}
	for i, photo := range photos {
		if photo == nil || photo.Bounds().Empty() {
			return nil, fmt.Errorf("photo %d of %d is empty", i+1, len(photos))
		}
		one, err := m.PredictPictures(picture.Tensor(picture.Scale(photo, photo.Bounds(), TopSize, TopSize), TopSize, TopSize))
		if err != nil {
			return nil, err
		}
		all.Logits, all.Probabilities = append(all.Logits, one.Logits...), append(all.Probabilities, one.Probabilities...)
	}
	return all, nil
}

// MustPredict is [Model.Predict] for notebook cells: errors panic.
func (m *Model) MustPredict(photos ...image.Image) *Prediction { return must(m.Predict(photos...)) }

// PredictPictures is [Model.Predict] for pictures that have their size already: float32 [batch, 224, 224, 3], gray
// levels from 0 to 255 in the order red, green, blue.
func (m *Model) PredictPictures(pictures *tensors.Tensor) (prediction *Prediction, err error) {
	if !m.HasTop() {
		return nil, ErrNoTop
	}
	if err := checkPictures(pictures.Shape().Dimensions); err != nil {
		return nil, err
	}
	if kind := pictures.DType(); kind != dtypes.Float32 {
		return nil, fmt.Errorf("the pictures' numbers are %s, needed is float32", kind)
	}
	caught := exceptions.TryCatch[error](func() {
		var outputs []*tensors.Tensor
		var exec *model.Exec
		if exec, err = m.prediction(); err != nil {
			return
		}
		if outputs, err = exec.Call(pictures); err == nil {
			prediction = &Prediction{Logits: outputs[0].Value().([][]float32), Probabilities: outputs[1].Value().([][]float32), classes: m.Classes}
		}
	})
	if err = cmp.Or(caught, err); err != nil {
		return nil, fmt.Errorf("classifying: %w", err)
	}
	return prediction, nil
}

// MustPredictPictures is [Model.PredictPictures] for notebook cells: errors panic.
func (m *Model) MustPredictPictures(pictures *tensors.Tensor) *Prediction {
	return must(m.PredictPictures(pictures))
}

// prediction returns the compiled classification, the same one each time.
func (m *Model) prediction() (*model.Exec, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.predictor == nil {
		exec, err := model.NewExec(m.Backend, m.Store, func(scope *model.Scope, pictures *Node) (logits, probabilities *Node) {
			logits = Logits(scope, Preprocess(pictures)) // [batch, classes]
			return logits, Softmax(logits, -1)
		})
		if err != nil {
			return nil, err
		}
		m.predictor = exec
	}
	return m.predictor, nil
}

// Top returns for each picture the n most probable classes, the most probable first. Errors are those of
// [Model.Classes].
func (p *Prediction) Top(n int) ([][]Guess, error) {
	classes, err := p.classes()
	if err != nil {
		return nil, err
	}
	all := make([][]Guess, len(p.Logits))
	for i, logits := range p.Logits {
		guesses := make([]Guess, len(logits))
		for c, logit := range logits {
			guesses[c] = Guess{classes[c], logit, p.Probabilities[i][c]}
		}
		slices.SortStableFunc(guesses, func(a, b Guess) int { return cmp.Compare(b.Logit, a.Logit) })
		all[i] = guesses[:min(max(n, 0), len(guesses))]
	}
	return all, nil
}

// MustTop is [Prediction.Top] for notebook cells: errors panic.
func (p *Prediction) MustTop(n int) [][]Guess { return must(p.Top(n)) }

// Table is [Prediction.Top] for people, as display.Table takes it: one row a class with its place, its name and
// number, its logit and its probability in percent.
func (p *Prediction) Table(picture, n int) (header []string, rows [][]string, err error) {
	if picture < 0 || picture >= len(p.Logits) {
		return nil, nil, fmt.Errorf("no picture %d: choose 0 to %d", picture, len(p.Logits)-1)
	}
	top, err := p.Top(n)
	if err != nil {
		return nil, nil, err
	}
	for i, guess := range top[picture] {
		rows = append(rows, []string{
			fmt.Sprint(i + 1), guess.String(), fmt.Sprint(guess.Index), fmt.Sprintf("%.2f", guess.Logit), fmt.Sprintf("%.1f %%", 100*guess.Probability),
		})
	}
	return []string{"", "class", "number", "logit", "probability"}, rows, nil
}

// classesOf are the classes of a top with that many outputs.
func classesOf(count int) (label.Classes, error) {
	if count == imageNetClasses {
		return label.ImageNet(context.Background(), label.Options{})
	}
	return label.Numbered(count), nil
}

// must returns the value, or panics with the error.
func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
