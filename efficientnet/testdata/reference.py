# Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0
"""Lets PyTorch run EfficientNet-Lite0 on photographs, in 64 bits, and prints a few numbers of each layer,
and how far its own 32 bits are off, relative to the largest.

Usage: reference.py efficientnet-lite0-57934424.pth FOLDER NAME... > reference.json. FOLDER has NAME.pixels of each
photo: picture.Tensor(sample.MustOpen(NAME), 224, 224) as float32. Whole outputs are left there as NAME.LAYER. The last
one, NAME.gradient, is of the mean of a channel with respect to the pixels.
"""
import json
import os
import sys

import numpy as np
import torch
import torch.nn.functional as F

STAGES = [(1, 3, 1), (2, 3, 2), (2, 5, 2), (3, 3, 2), (3, 5, 1), (4, 5, 2), (1, 3, 1)]
GRADIENT, CHANNEL = "block5_expand", 7
FEW = 8

loaded = torch.load(sys.argv[1], map_location="cpu", weights_only=True)
state = {}


def conv(x, name, norm, stride=1, act=True):
    """A convolution with TensorFlow's "same" padding, its batch normalization, and ReLU6."""
    kernel = state[name + ".weight"]
    k, groups = kernel.shape[-1], 1 if kernel.shape[1] > 1 or kernel.shape[0] == 1 else x.shape[1]
    total = [max((-(-n // stride) - 1) * stride + k - n, 0) for n in x.shape[2:]]
    x = F.pad(x, [total[1] // 2, total[1] - total[1] // 2, total[0] // 2, total[0] - total[0] // 2])
    x = F.conv2d(x, kernel, None, stride, 0, 1, groups)
    parts = [state[f"{norm}.{part}"] for part in ("running_mean", "running_var", "weight", "bias")]
    x = F.batch_norm(x, *parts, eps=1e-3)
    return x.clamp(0, 6) if act else x


def run(photo, kind):
    """All outputs in that kind of float, channels last."""
    state.update((k, v.to(kind)) for k, v in loaded.items())
    pixels = torch.from_numpy(photo).to(kind).requires_grad_(True)
    outputs = {}
    x = outputs["stem_conv"] = conv((pixels.permute(0, 3, 1, 2) - 127) / 128, "_conv_stem", "_bn0", 2)
    i = 0
    for count, _, stride in STAGES:
        for n in range(count):
            name, y = f"_blocks.{i}.", x
            if name + "_expand_conv.weight" in state:
                y = outputs[f"block{i}_expand"] = conv(y, name + "_expand_conv", name + "_bn0")
            y = conv(y, name + "_depthwise_conv", name + "_bn1", stride if n == 0 else 1)
            outputs[f"block{i}_depthwise"] = y
            y = outputs[f"block{i}_project"] = conv(y, name + "_project_conv", name + "_bn2", act=False)
            if y.shape == x.shape:
                y = outputs[f"block{i}_add"] = x + y
            x, i = y, i + 1
    x = outputs["head_conv"] = conv(x, "_conv_head", "_bn1")
    x = outputs["pool"] = x.mean((2, 3))
    outputs["logits"] = F.linear(x, state["_fc.weight"], state["_fc.bias"])
    outputs[GRADIENT][:, CHANNEL].mean().backward()
    outputs["gradient"] = pixels.grad.permute(0, 3, 1, 2)
    last = {name: y.permute(0, 2, 3, 1) if y.dim() == 4 else y for name, y in outputs.items()}  # channels last
    return {name: y.detach().double().numpy() for name, y in last.items()}


def number(v):
    return float(f"{float(v):.8g}")


photos = []
for photo in sys.argv[3:]:
    path = os.path.join(sys.argv[2], photo)
    pixels = np.fromfile(path + ".pixels", np.float32).reshape(1, 224, 224, 3)
    outputs, shorter = run(pixels, torch.float64), run(pixels, torch.float32)
    layers = []
    for name, output in outputs.items():
        output.astype(np.float32).tofile(f"{path}.{name}")
        flat, largest = output.ravel(), abs(output).max()
        stride = flat.size // FEW - 1
        layers.append({"name": name, "shape": list(output.shape), "largest": number(largest), "stride": stride,
                       "float32": float(f"{abs(output - shorter[name]).max() / largest:.2g}"),
                       "values": [number(v) for v in flat[::stride][:FEW]]})
    logits = torch.from_numpy(outputs["logits"])
    top = logits.softmax(1)[0].topk(3)
    photos.append({"name": photo, "sum": number(pixels.astype(np.float64).sum()), "layers": layers,
                   "top": top.indices.tolist(), "probabilities": [number(v) for v in top.values]})
print(json.dumps({"torch": torch.__version__.split("+")[0], "photos": photos}).replace('{"name"', '\n{"name"'))
