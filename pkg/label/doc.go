// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// Package label has the names of the classes that a classifier tells apart, above all ImageNet's 1,000.
//
//	classes, err := label.ImageNet(ctx, label.Options{})
//	if err != nil { ... }
//	elephant, err := classes.Find("African elephant") // or "386", or "n02504458"
//	fmt.Println(elephant.Index, elephant.Name)        // 386 African_elephant
//
// The names are those of Keras' imagenet_class_index.json. The sources, in order: a file that the user gives
// (Options.Path or CONVSCOPE_CLASSES), the cache, Keras' own file, and tables in the Python package timm, from which
// the same file is made. Whatever comes from elsewhere must be Keras' file, byte by byte.
package label
