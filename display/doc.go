// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// Package display shows pictures, grids, curves and tables inline in a Go notebook (Jupyter with the GoNB kernel).
//
//	net := vgg16.MustLoad(device.MustNew(device.Options{}), vgg16.Options{})
//	target := net.MustChannel("block3_conv1", 0)
//	film := display.NewFilm(target, display.FilmOptions{})
//	result := display.Live(target, ascent.Options{Progress: film.Step}) // the picture grows in the cell
//	display.Curve("loss", result.Loss[0])
//	film.Play("how it grew")
//	display.Compare(target, ascent.Options{Step: 0.1}, ascent.Options{}, ascent.Options{Step: 10})
//	found := net.MustExamples("Pictures", "block3_conv1", example.Options{Filters: []int{0}})
//	display.Examples(found.Filters[0]) // what in the reader's photographs excites it
//
// Outside a notebook each call prints one line of text instead, and none ever waits for a browser. What it shows
// is part of the saved notebook: opening or exporting it later needs no kernel and no network.
//
// It is, with display/page and display/control below it, the only package that knows it is in a notebook. Importing it
// also makes downloads draw their progress in the cell.
package display
