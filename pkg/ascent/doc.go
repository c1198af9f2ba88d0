// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// Package ascent makes the picture that excites a filter: gradient ascent on the picture, by the recipe of the book
// "Deep Learning with Python" (Chollet, 1st edition, 5.4.2).
//
//	net := vgg16.MustLoad(device.MustNew(device.Options{}), vgg16.Options{})
//	target, err := net.Channels("block1_conv1", 0, 1, 2)
//	if err != nil {
//		return err
//	}
//	result, err := ascent.Run(ctx, target, ascent.Options{Size: 64})
//
// [Run] starts from gray noise and takes 40 steps of 1.0 along the gradient of the filter's mean activation, divided
// by its root mean square. A [Target] says what to climb towards; any GoMLX model can make one with [NewClimber] from
// an [Objective], a graph function. The package knows no model and no notebook.
//
// [Options.Method] makes pictures in other ways: [Methods] lists those with names, and a [Method] is put together from
// a [Parameterization], a [Color], [Transform]s, [Regularizer]s and an [Optimizer]. All run in the same engine,
// compiled once for a size. An [Objective] is a sum of other aims than one filter. Silent filters are woken, and the
// [Fate]s say how; [Rate] scores what came out.
//
//	crisp := ascent.Options{Method: ascent.MustMethod("crisp")}
//	result, err := ascent.Run(ctx, target, crisp)
//
// One seed gives every picture: the noise for a filter depends on the seed and the filter's index alone, so filter 7
// looks the same alone or among others, up to the rounding that differs between batch sizes.
package ascent
