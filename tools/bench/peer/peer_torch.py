# Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0
"""The jobs in PyTorch."""

import shutil

import torch
import torch.nn.functional as F

import job
import nets


class Step:
    """A step uphill in VGG16."""

    def __init__(self, work, layout, compiled=False):
        self.layout, self.length = layout, work.step
        self._load(work)
        self.losses = torch.compile(self._losses) if compiled else self._losses

    def _load(self, work):
        self.layers = [
            layer and (
                # The kernel as [out, in, 3, 3].
                torch.from_numpy(layer[0]).permute(3, 2, 0, 1).contiguous(memory_format=self.layout),
                torch.from_numpy(layer[1]),
            )
            for layer in work.layers()
        ]

    def put(self, pictures, filters):
        x = torch.from_numpy(pictures).permute(0, 3, 1, 2).contiguous(memory_format=self.layout)
        return x, torch.from_numpy(filters)

    def get(self, x):
        return (x.permute(0, 2, 3, 1) if x.dim() == 4 else x).numpy()

    def _run(self, x):
        for layer in self.layers:
            if layer is None:
                x = F.max_pool2d(x, 2)
            else:
                x = F.relu(F.conv2d(x, layer[0], layer[1], padding=1), inplace=True)
        return x

    def _losses(self, x, filters):
        return self._run(x)[torch.arange(len(filters)), filters].mean((1, 2))

    def __call__(self, x, filters):
        x = x.detach().requires_grad_()
        losses = self.losses(x, filters)
        (gradient,) = torch.autograd.grad(losses.sum(), x)
        gradient /= gradient.square().mean((1, 2, 3), keepdim=True).sqrt() + 1e-5
        return x.detach().add_(gradient, alpha=self.length), losses.detach()


class NetworkStep(Step):
    """A step uphill in another network."""

    def _load(self, work):
        network = nets.build(work.network)
        network.load_state_dict(torch.load(work.weights + ".pt"))
        self._run = nets.until(network, work.layer).to(memory_format=self.layout)


def ways(work):
    step = NetworkStep if work.network else Step
    known = [
        ("channels last", lambda: step(work, torch.channels_last)),
        ("channels first", lambda: step(work, torch.contiguous_format)),
    ]
    if shutil.which("g++"):
        known.append(("channels last, torch.compile", lambda: step(work, torch.channels_last, True)))
    return known


job.main(ways, f"PyTorch {torch.__version__.split('+')[0]}")
