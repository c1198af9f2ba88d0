// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package gallery

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
)

// SourceName is the file in a gallery's folder that says where the network lies.
const SourceName = "source.json"

// Source is where the network and the photographs of a planned gallery lie, so that those who do its work need not be
// told. It is no part of the plan: what lies there is checked against that. Paths are absolute.
type Source struct {
	Model   string `json:"model,omitempty"`
	Input   string `json:"input,omitempty"`
	Classes string `json:"classes,omitempty"`
	Weights string `json:"weights,omitempty"`
	// WeightsInput is what pictures those weights take.
	WeightsInput string `json:"weightsInput,omitempty"`
	Photos       string `json:"photos,omitempty"`
}

// Write puts it into the gallery's folder.
func (s Source) Write(dir string) error {
	text, err := json.MarshalIndent(s, "", " ")
	if err != nil {
		return err
	}
	return write(dir, SourceName, append(text, '\n'))
}

// ReadSource reads what a gallery's folder says of its sources; nothing if it says nothing.
func ReadSource(dir string) (s Source, err error) {
	path := filepath.Join(dir, SourceName)
	text, err := read(path, maxPlan)
	if errors.Is(err, fs.ErrNotExist) {
		return Source{}, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &s)
	}
	if err != nil {
		return Source{}, fmt.Errorf("%s: %w: remove it, and give the network by flags", path, plain(err))
	}
	return s, nil
}
