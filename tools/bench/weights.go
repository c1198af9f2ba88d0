// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package bench

import (
	"archive/zip"
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/core/tensors/numpy"

	"convscope/pkg/weights"
	"convscope/vgg16"
)

// weightsName is the file in which the peers get the weights.
const weightsName = "weights.npz"

// deepest is the last layer that any job needs.
const deepest = "block5_conv1"

// writeWeights writes the weights up to the deepest layer into the directory, as np.load reads them.
func writeWeights(ctx context.Context, dir string, given weights.Options) error {
	manifest, err := vgg16.Manifest()
	if err != nil {
		return err
	}
	file, err := weights.Open(ctx, manifest, given)
	if err != nil {
		return err
	}
	defer file.Close()
	if err := writeArchive(filepath.Join(dir, weightsName), file); err != nil {
		return fmt.Errorf("copying the weights for the peers: %w", err)
	}
	return nil
}

// writeArchive writes an uncompressed .npz, which a process reads as fast as it can map any file.
func writeArchive(path string, file *weights.File) error {
	out, err := os.Create(path)
	if err != nil {
		return err
	}
	defer out.Close()
	archive := zip.NewWriter(out)
	for _, layer := range vgg16.Layers() {
		if layer.Kind != vgg16.Conv {
			continue
		}
		for _, name := range []string{layer.Name + "/kernel", layer.Name + "/bias"} {
			if err := writeTensor(archive, file, name); err != nil {
				return err
			}
		}
		if layer.Name == deepest {
			break
		}
	}
	if err := archive.Close(); err != nil {
		return err
	}
	return out.Close()
}

func writeTensor(archive *zip.Writer, file *weights.File, name string) error {
	dims, values, err := file.Tensor(name)
	if err != nil {
		return err
	}
	w, err := archive.CreateHeader(&zip.FileHeader{Name: name + ".npy", Method: zip.Store})
	if err != nil {
		return err
	}
	return numpy.ToNpyWriter(tensors.FromFlatDataAndDimensions(values, dims...), w)
}
