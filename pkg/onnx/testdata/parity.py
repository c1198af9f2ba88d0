# Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0
"""Exports networks of torchvision with both exporters, and writes what PyTorch and onnxruntime make of a picture.

    python parity.py DIRECTORY NAME...

For each network: NAME.old.onnx, NAME.dynamo.onnx, NAME.json, and NAME.values with all arrays after one another as
little-endian float32, channels last. Weights are random; batch norms have the means of a pass over noise."""
import json
import os
import sys
import warnings

warnings.filterwarnings("ignore")
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
import torchvision

torch.set_num_threads(2)


class UNet(nn.Module):
    """Two steps down, two up by transposed convolutions, with skips."""

    def __init__(self):
        super().__init__()
        block = lambda i, o: nn.Sequential(nn.Conv2d(i, o, 3, padding=1), nn.BatchNorm2d(o), nn.ReLU(),
                                           nn.Conv2d(o, o, 3, padding=1), nn.GroupNorm(4, o), nn.SiLU())
        self.down1, self.down2, self.middle = block(3, 16), block(16, 32), block(32, 64)
        self.pool = nn.MaxPool2d(2)
        self.up2, self.up1 = nn.ConvTranspose2d(64, 32, 2, stride=2), nn.ConvTranspose2d(32, 16, 3, 2, 1, 1)
        self.left2, self.left1, self.head = block(64, 32), block(32, 16), nn.Conv2d(16, 5, 1)

    def forward(self, x):
        a = self.down1(x)
        b = self.down2(self.pool(a))
        y = self.left2(torch.cat([self.up2(self.middle(self.pool(b))), b], 1))
        y = self.left1(torch.cat([self.up1(y), a], 1))
        y = F.interpolate(self.head(y), scale_factor=2.0, mode="bilinear", align_corners=False)
        return F.interpolate(y, size=x.shape[2:], mode="nearest")


class Gray(nn.Module):
    """A net for handwritten digits as tutorials have it, with a softmax at its end."""

    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 8, 3), nn.Conv2d(8, 16, 3)
        self.norm, self.drop = nn.BatchNorm2d(8), nn.Dropout(0.5)
        self.fc1, self.fc2 = nn.Linear(16 * 5 * 5, 32), nn.Linear(32, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.norm(self.conv1(x))), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = self.drop(x.view(x.size(0), -1))
        return F.softmax(self.fc2(F.relu(self.fc1(x))), dim=1)


class Parts(nn.Module):
    """Operations that few networks have."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 16, 3, padding=1, padding_mode="reflect")
        self.prelu, self.hard = nn.PReLU(16), nn.Hardswish()
        self.lrn, self.instance = nn.LocalResponseNorm(5), nn.InstanceNorm2d(16, affine=True)
        self.dilated = nn.Conv2d(16, 24, 3, stride=2, padding=2, dilation=2, groups=4)
        self.depthwise = nn.Conv2d(24, 48, 5, padding=2, groups=24)
        self.average = nn.AvgPool2d(3, 2, 1, ceil_mode=True, count_include_pad=False)
        self.counting = nn.AvgPool2d(3, 2, 1, ceil_mode=True)
        self.most = nn.MaxPool2d(3, 2, 1, dilation=2, ceil_mode=True)
        self.shuffle, self.unshuffle = nn.PixelShuffle(2), nn.PixelUnshuffle(2)
        self.layer = nn.LayerNorm([14, 14])
        self.act = nn.ModuleList([nn.GELU(), nn.GELU("tanh"), nn.ELU(0.5), nn.SELU(), nn.CELU(0.7), nn.Softplus(), nn.Mish(),
                                  nn.LeakyReLU(0.2), nn.ReLU6(), nn.Hardsigmoid(), nn.Tanh(), nn.Softsign()])
        self.last = nn.Conv2d(192, 6, 1)

    def forward(self, x):
        x = self.instance(self.lrn(self.prelu(self.conv((x - 0.1) / torch.tensor([0.5, 0.6, 0.7])[None, :, None, None]))))
        x = self.depthwise(self.hard(self.dilated(x)))
        x = torch.cat([self.average(x), self.counting(x), self.most(F.pad(x, (1, 1, 1, 1)))], 1)
        x = self.layer(self.unshuffle(self.shuffle(x)))
        parts = [f(p) for f, p in zip(self.act, x.chunk(12, 1))]
        x = torch.cat(parts[::-1], 1)
        x = torch.cat([x, x[:, 3:27], x[:, :24].flip(1)], 1)
        x = x * torch.sigmoid(x.mean((2, 3), keepdim=True)) + x.amax(1, keepdim=True) - x.pow(2).sum(1, keepdim=True).sqrt()
        x = F.normalize(x, dim=1) + torch.exp(-x.abs()).clamp(0.1, 0.9)
        return self.last(x).unsqueeze(1).squeeze(1).permute(0, 2, 3, 1)


OWN = {"unet": (UNet, 3, 64), "gray": (Gray, 1, 28), "parts": (Parts, 3, 54)}
SIZES = {"inception_v3": 160, "alexnet": 224, "vgg11_bn": 224, "vgg16_bn": 224}


def build(name):
    torch.manual_seed(0)
    if name in OWN:
        kind, channels, size = OWN[name]
        model = kind()
    else:
        more = {"aux_logits": True, "init_weights": False} if name in ("googlenet", "inception_v3") else {}
        model, channels, size = getattr(torchvision.models, name)(weights=None, **more), 3, SIZES.get(name, 96)
    # Weights as those of a network that has been trained: batch norms far from the identity, and no dead layer.
    norms = [m for m in model.modules() if isinstance(m, nn.BatchNorm2d)]
    noise = torch.Generator().manual_seed(1)
    for m in norms:
        m.weight.data.copy_(0.5 + torch.rand(m.weight.shape, generator=noise))
        m.bias.data.copy_(0.2 * torch.randn(m.bias.shape, generator=noise))
    model.eval()
    for m in norms:
        m.train()
        m.momentum = 1.0
    with torch.no_grad():
        model(torch.rand(4, channels, size, size, generator=noise) * 2 - 1)
    for m in norms:
        m.momentum = 0.1
    model.eval()
    return model, torch.rand(1, channels, size, size, generator=noise) * 2 - 1


def hooked(model, x):
    """Runs the model, and returns its convolutions' outputs by name: those after a batch norm where one follows."""
    found, made = {}, {}

    def hook(name):
        def keep(module, inputs, output):
            if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d)):
                found[name], made[id(output)] = output.clone(), (name, output)  # some modules write over it
            elif id(inputs[0]) in made:
                found[made[id(inputs[0])][0]] = output.clone()
        return keep

    handles = [m.register_forward_hook(hook(n)) for n, m in model.named_modules()
               if isinstance(m, (nn.Conv2d, nn.ConvTranspose2d, nn.BatchNorm2d))]
    y = model(x)
    for h in handles:
        h.remove()
    return found, y


def last(t):
    t = t.detach()
    return (t.permute(0, 2, 3, 1) if t.ndim == 4 else t).contiguous().numpy().astype("<f4")


def main(folder, names):
    import onnxruntime
    for name in names:
        model, x = build(name)
        arrays = []
        about = {"layers": [], "arrays": []}

        def add(label, array):
            about["arrays"].append({"label": label, "shape": list(array.shape)})
            arrays.append(array)

        add("input", last(x))
        leaf = x.clone().requires_grad_(True)
        found, y = hooked(model, leaf)
        channels_last = name == "parts"  # its output already is
        add("output", y.detach().contiguous().numpy().astype("<f4") if channels_last else last(y))
        convs = list(found)
        chosen = [convs[len(convs) * k // 8] for k in (1, 4, 7)]
        for conv in dict.fromkeys(chosen):
            about["layers"].append(conv)
            add(conv, last(found[conv]))
        middle = chosen[1]
        (gradient,) = torch.autograd.grad(found[middle].mean(), leaf)
        add("gradient", last(gradient))
        found64, y64 = hooked(model.double(), x.double())
        add("output64", y64.detach().contiguous().numpy().astype("<f4") if channels_last else last(y64))
        for conv in dict.fromkeys(chosen):
            add(conv + "64", last(found64[conv]))
        model.float()
        about["middle"] = middle
        for kind in ("old", "dynamo"):
            path = os.path.join(folder, f"{name}.{kind}.onnx")
            torch.onnx.export(model, (x,), path, dynamo=kind == "dynamo")
            session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
            out = session.run(None, {session.get_inputs()[0].name: x.numpy()})[0]
            if not channels_last and out.ndim == 4:
                out = out.transpose(0, 2, 3, 1)
            add(kind, np.ascontiguousarray(out, "<f4"))
        with open(os.path.join(folder, name + ".values"), "wb") as f:
            for array in arrays:
                f.write(np.ascontiguousarray(array).tobytes())
        with open(os.path.join(folder, name + ".json"), "w") as f:
            json.dump(about, f)


main(sys.argv[1], sys.argv[2:])
