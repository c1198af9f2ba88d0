// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package network

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

	"convscope/pkg/label"
	"convscope/pkg/layer"
	"convscope/pkg/picture"
)

// imageNetClasses is how many classes a top has that ImageNet's names are for.
const imageNetClasses = 1000

// Prediction is what a classifier says to some pictures.
type Prediction struct {
	// Logits are the class scores before the softmax, or the sigmoid, Probabilities after it: [pictures][classes].
	Logits, Probabilities [][]float32

	classes func() (label.Classes, error)
}

// Guess is one class that a picture may show.
type Guess struct {
	label.Class
	Logit, Probability float32
}

// ErrNoClasses means that classes are wanted of a network that tells none apart.
var ErrNoClasses = errors.New("the network has no classifier")

// HasTop reports whether the network classifies.
func (t *Table) HasTop() bool { return t.net.Logits != "" }

// noTop is the error for those who want classes of a network without.
func (m *Model) noTop() error {
	if m.origin.NoTop != nil {
		return m.origin.NoTop
	}
	return fmt.Errorf("%w: %s has no layer that gives scores of classes", ErrNoClasses, m.net.Name)
}

// Classes are what the network tells apart, in the order of its outputs: its own names if it has some; else
// ImageNet's, see [label.ImageNet], if there are 1,000, or numbered ones. A single output says no or yes, so it tells
// two classes apart: 0, for which its score counts with the other sign, and 1. Errors are [ErrNoClasses] and those of
// [label.ImageNet].
func (m *Model) Classes() (label.Classes, error) {
	if !m.HasTop() {
		return nil, m.noTop()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.classes == nil {
		classes, err := m.namedClasses()
		if err != nil {
			return nil, err
		}
		m.classes = classes
	}
	return m.classes, nil
}

// namedClasses are the classes of as many outputs as there are.
func (m *Model) namedClasses() (label.Classes, error) {
	scores, err := m.Find(m.net.Logits)
	if err != nil {
		return nil, err
	}
	switch count := scores.Filters; {
	case count == 1 && len(m.net.Classes) == 1:
		return label.Named([]string{"not " + m.net.Classes[0], m.net.Classes[0]}), nil
	case len(m.net.Classes) == count && count > 0:
		return label.Named(m.net.Classes), nil
	case count == 1 && len(m.net.Classes) == 2:
		return label.Named(m.net.Classes), nil
	case m.net.Classes != nil:
		return nil, fmt.Errorf("%s tells %d classes apart, and %d names of classes are given",
			m.net.Name, count, len(m.net.Classes))
	case count == imageNetClasses:
		return label.ImageNet(context.Background(), label.Options{})
	case count == 1:
		return label.Numbered(2), nil
	default:
		return label.Numbered(count), nil
	}
}

// apart says whether each class has a probability of its own, by sigmoid: several labels, or a single output, no or
// yes. Else they share one, by softmax.
func (t *Table) apart() bool {
	for at, ok := t.at[cmp.Or(t.net.Output, t.net.Logits)]; ok; {
		l := t.net.Layers[at]
		activation := activationOf(l)
		switch {
		case activation == layer.Sigmoid:
			return true
		case activation == layer.Softmax || activation == layer.LogSoftmax:
			return false
		}
		if l.Name == t.net.Logits || len(l.Inputs) != 1 {
			break
		}
		at, ok = t.at[l.Inputs[0]]
	}
	scores, err := t.Find(t.net.Logits)
	return err == nil && scores.Filters == 1
}

// Logits builds the network up to the class scores before any softmax: pictures [batch, height, width, channels] give
// [batch, classes]. A single score z is one of two classes, -z and z, each with its sigmoid.
//
// Values go in as they are: see [Model.Preprocess] for photographs. Like all graph functions it panics, on another
// shape and when the network has no classes.
func (m *Model) Logits(scope *model.Scope, pictures *Node) *Node {
	if !m.HasTop() {
		panic(m.noTop())
	}
	return byClass(m.outputs(scope, pictures, layer.Walk{Before: true}, []string{m.net.Logits})[0])
}

// byClass brings scores that have one row and one column to [batch, classes].
func byClass(scores *Node) *Node {
	scores = Reshape(scores, scores.Shape().Dim(0), -1)
	if scores.Shape().Dim(1) == 1 {
		return Concatenate([]*Node{Neg(scores), scores}, -1)
	}
	return scores
}

// Predict classifies photographs. All of each photo is scaled to the network's size, whatever its proportions, as
// Keras' load_img does, and preprocessed, see [Model.Preprocess]. Errors are those of [Model.Classes], and those of
// computing.
func (m *Model) Predict(photos ...image.Image) (*Prediction, error) {
	if !m.HasTop() {
		return nil, m.noTop()
	}
	if len(photos) == 0 {
		return nil, errors.New("there are no photos to classify: give at least one")
	}
	height, width := m.OwnSize()
	all := &Prediction{classes: m.Classes}
	for i, photo := range photos {
		if photo == nil || photo.Bounds().Empty() {
			return nil, fmt.Errorf("photo %d of %d is empty", i+1, len(photos))
		}
		one, err := m.PredictPictures(m.PhotoTensor(picture.Scale(photo, photo.Bounds(), height, width),
			height, width))
		if err != nil {
			return nil, err
		}
		all.Logits, all.Probabilities = append(all.Logits, one.Logits...),
			append(all.Probabilities, one.Probabilities...)
	}
	return all, nil
}

// MustPredict is [Model.Predict] for notebook cells: errors panic.
func (m *Model) MustPredict(photos ...image.Image) *Prediction { return must(m.Predict(photos...)) }

// PredictPictures is [Model.Predict] for pictures that have their size already: float32 [batch, height, width,
// channels], gray levels from 0 to 255 in the order red, green, blue.
func (m *Model) PredictPictures(pictures *tensors.Tensor) (prediction *Prediction, err error) {
	if !m.HasTop() {
		return nil, m.noTop()
	}
	if err := m.checkScored(pictures.Shape().Dimensions); err != nil {
		return nil, err
	}
	if kind := pictures.DType(); kind != dtypes.Float32 {
		return nil, fmt.Errorf("the pictures' numbers are %s, needed is float32", kind)
	}
	err = guard(func() error {
		exec, err := m.prediction()
		if err != nil {
			return err
		}
		outputs, err := exec.Call(pictures)
		if err == nil {
			prediction = &Prediction{Logits: outputs[0].Value().([][]float32),
				Probabilities: outputs[1].Value().([][]float32), classes: m.Classes}
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("classifying: %w", err)
	}
	return prediction, nil
}

// checkScored returns an error when the classifier can't take pictures of that shape.
func (m *Model) checkScored(dims []int) error {
	if len(dims) == 4 && dims[3] == m.channels() {
		scores, err := m.Find(m.net.Logits)
		if err != nil || scores.CheckSize(dims[1], dims[2]) == nil {
			return err
		}
	}
	height, width := m.OwnSize()
	return fmt.Errorf("the classifier takes pictures of %dx%d pixels, [batch, %d, %d, %d], not %v: scale a photo "+
		"with picture.Tensor(photo, %d, %d)",
		height, width, height, width, m.channels(), dims, height, width)
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
		exec, err := model.NewExec(m.Backend, m.Store,
			func(scope *model.Scope, pictures *Node) (logits, probabilities *Node) {
				logits = m.Logits(scope, m.Preprocess(pictures)) // [batch, classes]
				if m.apart() {
					return logits, Sigmoid(logits)
				}
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
			fmt.Sprint(i + 1), guess.String(), fmt.Sprint(guess.Index), fmt.Sprintf("%.2f", guess.Logit),
			fmt.Sprintf("%.1f %%", 100*guess.Probability),
		})
	}
	return []string{"", "class", "number", "logit", "probability"}, rows, nil
}
