# Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0
"""Networks as the peers' own world has them, with batch norm already in the convolutions, as exporters put it there.

The weights are random, but each channel of each layer has a mean of 0 and a deviation of 1 for noise, as a batch norm
makes it. With a name and a path it writes the network as ONNX, which is how our side gets it, and the weights beside
it, for the peer that races.
"""

import sys
import warnings

import torch
from torch import nn


class Block(nn.Module):
    """Layers one after the other, with a way around them."""

    def __init__(self, main, around=None, after=None):
        super().__init__()
        self.main = nn.Sequential(*main)
        self.around, self.after = around, after

    def forward(self, x):
        y = self.main(x)
        if self.around is not None:
            y = y + self.around(x)
        return y if self.after is None else self.after(y)


def conv(inputs, outputs, kernel, stride=1, groups=1):
    return nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups)


def resnet18():
    """He and others 2015, arXiv:1512.03385."""
    yield Block([conv(3, 64, 7, 2), nn.ReLU(), nn.MaxPool2d(3, 2, 1)])
    inputs = 64
    for outputs in (64, 128, 256, 512):
        for first in (True, False):
            stride = 2 if first and outputs != inputs else 1
            around = nn.Identity() if inputs == outputs else conv(inputs, outputs, 1, stride)
            yield Block([conv(inputs, outputs, 3, stride), nn.ReLU(), conv(outputs, outputs, 3)], around, nn.ReLU())
            inputs = outputs


def inverted(inputs, outputs, kernel, stride, factor, depthwise):
    """A block of MobileNetV2 and of what came of it."""
    inner = inputs * factor
    main = [conv(inputs, inner, 1), nn.ReLU6()] if factor > 1 else []
    main += [*depthwise(inner, kernel, stride), nn.ReLU6(), conv(inner, outputs, 1)]
    return Block(main, nn.Identity() if stride == 1 and inputs == outputs else None)


def mobilenetv2():
    """Sandler and others 2018, arXiv:1801.04381."""
    yield Block([conv(3, 32, 3, 2), nn.ReLU6()])
    inputs = 32
    for factor, outputs, count, stride in (
        (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)
    ):
        for i in range(count):
            yield inverted(inputs, outputs, 3, 1 if i else stride, factor, lambda n, k, s: [conv(n, n, k, s, n)])
            inputs = outputs


def efficientnet_lite0():
    """Tan and Le 2019, arXiv:1905.11946, as TensorFlow's lite variant, whose borders are for pictures of even
    sizes."""

    def same(inputs, outputs, kernel, stride, groups=1):
        if stride == 1:
            return [conv(inputs, outputs, kernel, 1, groups)]
        few, more = kernel // 2 - 1, kernel // 2
        return [nn.ZeroPad2d((few, more, few, more)), nn.Conv2d(inputs, outputs, kernel, stride, groups=groups)]

    yield Block([*same(3, 32, 3, 2), nn.ReLU6()])
    inputs = 32
    for count, kernel, stride, factor, outputs in (
        (1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80), (3, 5, 1, 6, 112), (4, 5, 2, 6, 192),
        (1, 3, 1, 6, 320),
    ):
        for i in range(count):
            yield inverted(inputs, outputs, kernel, 1 if i else stride, factor, lambda n, k, s: same(n, n, k, s, n))
            inputs = outputs


NETWORKS = {"resnet18": resnet18, "mobilenetv2": mobilenetv2, "efficientnet-lite0": efficientnet_lite0}


def build(name):
    return nn.Sequential(*NETWORKS[name]()).eval().requires_grad_(False)


def calibrate(network):
    """Gives each channel its mean and deviation, for strong noise."""

    def norm(layer, _, y):
        mean, deviation = y.mean((0, 2, 3)), y.std((0, 2, 3)) + 1e-5
        layer.weight /= deviation[:, None, None, None]
        layer.bias.copy_((layer.bias - mean) / deviation)
        return (y - mean[:, None, None]) / deviation[:, None, None]

    hooks = [m.register_forward_hook(norm) for m in network.modules() if isinstance(m, nn.Conv2d)]
    with torch.no_grad():
        network(100 * torch.randn(4, 3, 160, 160))
    for hook in hooks:
        hook.remove()


def until(network, layer):
    """The network up to a layer such as "16.main.0"."""
    block, _, last = layer.split(".")
    return nn.Sequential(*network[: int(block)], network[int(block)].main[: int(last) + 1])


def export(network, path):
    """Writes the network as ONNX, for pictures of any size."""
    try:
        import onnx  # noqa: F401
    except ImportError:  # torch wants it for functions of one's own alone, of which there are none
        from torch.onnx._internal.torchscript_exporter import onnx_proto_utils

        onnx_proto_utils._add_onnxscript_fn = lambda model, _: model
    warnings.simplefilter("ignore")
    axes = {0: "batch", 2: "height", 3: "width"}
    torch.onnx.export(network, (torch.zeros(1, 3, 64, 64),), path, dynamo=False, opset_version=17,
                      input_names=["input"], output_names=["output"], dynamic_axes={"input": axes, "output": axes})


if __name__ == "__main__":
    torch.manual_seed(0)
    made = build(sys.argv[1])
    calibrate(made)
    export(made, sys.argv[2])
    torch.save(made.state_dict(), sys.argv[2] + ".pt")
