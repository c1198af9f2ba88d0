// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package format

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"convscope/pkg/weights/internal/hdf5"
)

// openKeras lists the weights of a Keras file. In the old layout the attribute layer_names of the root (or, in
// a file with the whole model, of model_weights) lists the layers in order, and weight_names of each layer's
// group its tensors. In .weights.h5, the group vars of each layer holds them, numbered. Optimizer state, which
// has the shapes of weights, is left out.
func openKeras(r io.ReaderAt, size int64) (*File, error) {
	h, err := hdf5.Open(r, size)
	if err != nil {
		return nil, damaged(err)
	}
	datasets := map[string]*hdf5.Object{}
	lists := map[string][]string{} // path -> layer_names or weight_names
	var paths []string
	backend, config, version := "", "", ""
	err = h.Walk(func(path string, o *hdf5.Object) error {
		if o.IsDataset() {
			datasets[path], paths = o, append(paths, path)
			return nil
		}
		if name, ok, err := o.Strings("backend"); err == nil && ok && len(name) == 1 && backend == "" {
			backend = name[0]
		}
		if text, ok, err := o.Strings("keras_version"); err == nil && ok && len(text) == 1 && version == "" {
			version = text[0]
		}
		// What is wrong with a description that is not needed stays its own.
		if text, ok, err := o.Strings("model_config"); err == nil && ok && len(text) == 1 && config == "" {
			config = text[0]
		}
		for _, attribute := range []string{"layer_names", "weight_names"} {
			list, ok, err := chunked(o, attribute)
			if err != nil {
				return fmt.Errorf("%s: %w", path, err)
			} else if ok {
				lists[path] = list
			}
		}
		return nil
	})
	if err != nil {
		return nil, damaged(err)
	}
	out := &File{Format: "Keras .h5", Ordered: true, Backend: backend, Version: version}
	for _, root := range []string{"", "/model_weights"} {
		for _, layer := range lists[cmp.Or(root, "/")] {
			group := root + "/" + layer
			for _, weight := range lists[group] {
				path := group + "/" + weight
				o := datasets[path]
				if o == nil {
					return nil, fmt.Errorf("%w: %s is listed but not there", ErrDamaged, path)
				}
				if err := out.addDataset(path, o); err != nil {
					return nil, err
				}
			}
		}
	}
	if len(out.Tensors) == 0 {
		out.Format, out.Ordered = "Keras .weights.h5", false
		slices.SortFunc(paths, compareNames)
		for _, path := range paths {
			if strings.HasPrefix(path, "/optimizer") {
				continue
			}
			if err := out.addDataset(path, datasets[path]); err != nil {
				return nil, err
			}
		}
	}
	if out.Config = config; config != "" {
		out.describeKeras([]byte(config), out.Ordered)
	}
	return out, nil
}

func (f *File) addDataset(path string, o *hdf5.Object) error {
	shape, err := o.Shape()
	if err != nil {
		return damaged(fmt.Errorf("%s: %w", path, err))
	}
	if len(f.Tensors) >= maxTensors {
		return fmt.Errorf("%w: more than %d tensors", ErrDamaged, maxTensors)
	}
	t := Tensor{Name: strings.TrimPrefix(path, "/"), Shape: shape, Type: o.Type(), read: func() ([]float32, error) {
		values, err := o.Float32s()
		return values, damaged(err)
	}}
	if len(shape) == 2 {
		t.Axes, t.Rows = InputFirst, ChannelsLast
	}
	f.Tensors = append(f.Tensors, t)
	return nil
}

// chunked reads a list that Keras splits over name0, name1, ... when it is too long for one attribute.
func chunked(o *hdf5.Object, name string) ([]string, bool, error) {
	list, ok, err := o.Strings(name)
	if ok || err != nil {
		return list, ok, err
	}
	for i := range 1000 {
		more, ok, err := o.Strings(fmt.Sprint(name, i))
		if err != nil {
			return nil, false, err
		} else if !ok {
			return list, i > 0, nil
		}
		list = append(list, more...)
	}
	return list, true, nil
}

// damaged gives an HDF5 error this package's name for it.
func damaged(err error) error {
	if errors.Is(err, hdf5.ErrFormat) {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return err
}
