// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/spf13/pflag"
)

// The numbers of flags are read in plain decimals: pflag's own take 010 for 8, and answer others in Go's words.
type (
	wholeFlag struct{ value *int }
	seedFlag  struct{ value *uint64 }
	realFlag  struct{ value *float64 }
	limitFlag struct{ value *time.Duration }
)

// addWhole defines a flag for a whole number.
func addWhole(flags *pflag.FlagSet, value *int, name string, otherwise int, usage string) {
	*value = otherwise
	flags.Var(wholeFlag{value}, name, usage)
}

// addSeed defines the flag for the number that chooses the noise.
func addSeed(flags *pflag.FlagSet, value *uint64, otherwise uint64, usage string) {
	*value = otherwise
	flags.Var(seedFlag{value}, "seed", usage)
}

// addReal defines a flag for a finite number.
func addReal(flags *pflag.FlagSet, value *float64, name string, otherwise float64, usage string) {
	*value = otherwise
	flags.Var(realFlag{value}, name, usage)
}

func (f wholeFlag) String() string { return fmt.Sprint(*f.value) }
func (f wholeFlag) Type() string   { return "int" }
func (f wholeFlag) Set(text string) error {
	n, err := strconv.Atoi(text)
	if err != nil {
		return errors.New("give a whole number")
	}
	*f.value = n
	return nil
}

func (f seedFlag) String() string { return fmt.Sprint(*f.value) }
func (f seedFlag) Type() string   { return "uint" }
func (f seedFlag) Set(text string) error {
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil || n == 0 {
		return errors.New("give a whole number from 1 up")
	}
	*f.value = n
	return nil
}

func (f realFlag) String() string { return fmt.Sprint(*f.value) }
func (f realFlag) Type() string   { return "float" }
func (f realFlag) Set(text string) error {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return errors.New("give a finite number")
	}
	*f.value = v
	return nil
}

func (f limitFlag) Type() string { return "duration" }
func (f limitFlag) String() string {
	if *f.value == 0 {
		return "" // what it is then depends on the backend
	}
	return f.value.String()
}
func (f limitFlag) Set(text string) error {
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		return errors.New("give a time such as 90s or 5m")
	}
	*f.value = d
	return nil
}
