# Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0
"""What VGG16's filters answer to pictures, in PyTorch: python reference.py DIR LAYER...

DIR has photos/*.png and the weights as float32, NAME.kernel [3, 3, in, out] and NAME.bias. For each layer it leaves
LAYER.json: the photographs' names, and by photograph and filter the largest activation, and the piece of the
photograph that its position sees; the share of the photographs in which each filter fires, and the filters'
correlations.
"""

import json
import pathlib
import sys

import numpy
import torch
import torch.nn.functional
from PIL import Image

BLOCKS = [("block1", 2, 64), ("block2", 2, 128), ("block3", 3, 256), ("block4", 3, 512), ("block5", 3, 512)]


def network(folder):
    """Yields name, kernel [out, in, 3, 3] and bias of each convolution, and None for a pool."""
    below = 3
    for block, count, filters in BLOCKS:
        for i in range(1, count + 1):
            name = f"{block}_conv{i}"
            kernel = numpy.fromfile(folder / (name + ".kernel"), "<f4").reshape(3, 3, below, filters)
            bias = numpy.fromfile(folder / (name + ".bias"), "<f4")
            yield name, torch.from_numpy(kernel.transpose(3, 2, 0, 1).copy()), torch.from_numpy(bias)
            below = filters
        yield None


def answers(layers, wanted, path):
    """Yields for a photograph each wanted layer's name, output [filters, height, width] and its positions' pieces."""
    photo = numpy.asarray(Image.open(path).convert("RGB"), dtype="float32")
    height, width = photo.shape[:2]
    caffe = photo[:, :, ::-1] - numpy.array([103.939, 116.779, 123.68], dtype="float32")
    x = torch.from_numpy(caffe.transpose(2, 0, 1).copy())[None]
    start, size, step = 0, 1, 1  # of what the first position sees, and from one to the next
    for layer in layers:
        if layer is None:
            x = torch.nn.functional.max_pool2d(x, 2)
            size, step = size + step, 2 * step
            continue
        name, kernel, bias = layer
        x = torch.relu(torch.nn.functional.conv2d(x, kernel, bias, padding=1))
        start, size = start - step, size + 2 * step
        if name in wanted:

            def piece(at, columns=x.shape[3], start=start, size=size, step=step):
                top, left = start + at // columns * step, start + at % columns * step
                return [max(left, 0), max(top, 0), min(left + size, width), min(top + size, height)]

            yield name, x[0], piece
            if name == wanted[-1]:
                return


def main():
    folder, wanted = pathlib.Path(sys.argv[1]), sys.argv[2:]
    layers = list(network(folder))
    found = {name: {"photos": [], "most": [], "pieces": []} for name in wanted}
    moments = {}
    with torch.no_grad():
        for path in sorted((folder / "photos").glob("*.png")):
            for name, output, piece in answers(layers, wanted, path):
                flat = output.reshape(len(output), -1)
                most, at = flat.max(dim=1)
                one = found[name]
                one["photos"].append(path.name)
                one["most"].append([float(v) for v in most])
                one["pieces"].append([piece(int(i)) for i in at])
                values = flat.double().numpy()
                count, total, products = moments.get(name, (0, 0, 0))
                moments[name] = count + values.shape[1], total + values.sum(1), products + values @ values.T
    for name in wanted:
        count, total, products = moments[name]
        covariance = products / count - numpy.outer(total, total) / count**2
        deviation = numpy.sqrt(numpy.diag(covariance))
        with numpy.errstate(invalid="ignore", divide="ignore"):
            alike = covariance / numpy.outer(deviation, deviation)
        found[name]["alike"] = numpy.nan_to_num(alike, nan=0, posinf=0, neginf=0).tolist()
        found[name]["fires"] = [float(v) for v in (numpy.array(found[name]["most"]) > 0).mean(0)]
        (folder / (name + ".json")).write_text(json.dumps(found[name]))


main()
