# Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0
"""Exports networks of torchvision, and writes what PyTorch and onnxruntime make of a picture.

    python parity.py DIRECTORY

It reads lines "NAME EXPORTER..." with the exporters "old" and "dynamo", and after each writes NAME.EXPORTER.onnx,
NAME.json, and NAME.values with all arrays after one another as little-endian float32, channels last; then it prints
NAME. Results are PyTorch's in float64; "distance" tells how far the worse of two ways in float32 is from these, as a
part of the largest value. A name that ends in "-smooth" is the network with smooth activations and average pools: its
gradients don't depend on which side of a kink rounding puts a value. Weights are random; batch norms have the means of
a pass over pictures."""
import contextlib
import json
import os
import sys
import warnings
from unittest import mock

warnings.filterwarnings("ignore")
import numpy as np
import onnxruntime
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
        self.act = nn.ModuleList([nn.GELU(), nn.GELU("tanh"), nn.ELU(0.5), nn.SELU(), nn.CELU(0.7), nn.Softplus(),
                                  nn.Mish(), nn.LeakyReLU(0.2), nn.ReLU6(), nn.Hardsigmoid(), nn.Tanh(),
                                  nn.Softsign()])
        self.last = nn.Conv2d(192, 6, 1)

    def forward(self, x):
        scale = torch.tensor([0.5, 0.6, 0.7], dtype=x.dtype)[None, :, None, None]
        x = self.instance(self.lrn(self.prelu(self.conv((x - 0.1) / scale))))
        x = self.depthwise(self.hard(self.dilated(x)))
        x = torch.cat([self.average(x), self.counting(x), self.most(F.pad(x, (1, 1, 1, 1)))], 1)
        x = self.layer(self.unshuffle(self.shuffle(x)))
        parts = [f(p) for f, p in zip(self.act, x.chunk(12, 1))]
        x = torch.cat(parts[::-1], 1)
        x = torch.cat([x, x[:, 3:27], x[:, :24].flip(1)], 1)
        x = x * torch.sigmoid(x.mean((2, 3), keepdim=True)) - x.pow(2).sum(1, keepdim=True).sqrt()
        if not is_smooth:
            x = x + x.amax(1, keepdim=True)
        x = F.normalize(x, dim=1) + (torch.exp(-x.pow(2)) if is_smooth else torch.exp(-x.abs()).clamp(0.1, 0.9))
        return self.last(x).unsqueeze(1).squeeze(1).permute(0, 2, 3, 1)


class Kinks(nn.Module):
    """Activations and pools with kinks, few enough that a picture is found that is close to none of them."""

    def __init__(self):
        super().__init__()
        conv = lambda i, o: nn.Conv2d(i, o, 3, padding=1)
        self.conv1, self.conv2, self.conv3, self.conv4 = conv(3, 8), conv(8, 8), conv(8, 8), conv(8, 8)
        self.acts = nn.ModuleList([nn.ReLU(), nn.ReLU6(), nn.LeakyReLU(0.2), nn.PReLU(8), nn.ELU(0.5), nn.SELU(),
                                   nn.Hardswish(), nn.Hardsigmoid(), nn.Hardtanh()])
        self.pools = nn.ModuleList([nn.MaxPool2d(2), nn.MaxPool2d(3, 2, 1)])

    def forward(self, x):
        x = self.conv2(self.pools[0](self.acts[0](self.conv1(3 * x))))
        pooled = F.interpolate(self.acts[2](self.pools[1](x[:, 4:])), scale_factor=2.0)
        x = self.acts[4](self.acts[3](self.conv3(torch.cat([self.acts[1](8 * x[:, :4]), pooled], 1))))
        y = self.conv4(x)
        return self.acts[5](y) + self.acts[6](3 * y) + self.acts[7](3 * y) + self.acts[8](y)


# Where the slope of an activation changes.
KINKS = {nn.ReLU: (0,), nn.ReLU6: (0, 6), nn.LeakyReLU: (0,), nn.PReLU: (0,), nn.ELU: (0,), nn.SELU: (0,),
         nn.Hardswish: (-3, 3), nn.Hardsigmoid: (-3, 3), nn.Hardtanh: (-1, 1)}


def margin(model, x):
    """How close a value comes to a kink, or the second of a pool's window to its first."""
    least = [float("inf")]

    def measure(module, inputs, output):
        value = inputs[0]
        if isinstance(module, nn.MaxPool2d):
            p, k = module.padding, module.kernel_size
            windows = F.unfold(F.pad(value, (p, p, p, p), value=-1e9), k, stride=module.stride)
            top = windows.view(1, value.shape[1], k * k, -1).topk(2, 2).values
            apart = (top[:, :, 0] - top[:, :, 1])[top[:, :, 0] != 0]  # 0 is a ReLU's, which passes no gradient on
        else:
            apart = torch.stack([(value - kink).abs() for kink in KINKS[type(module)]])
        least.append(apart.min().item())

    measured = (*KINKS, nn.MaxPool2d)
    handles = [m.register_forward_hook(measure) for m in model.modules() if isinstance(m, measured)]
    model(x)
    for handle in handles:
        handle.remove()
    return min(least)


OWN = {"unet": (UNet, 3, 64), "gray": (Gray, 1, 28), "parts": (Parts, 3, 54), "kinks": (Kinks, 3, 16)}
SIZES = {"inception_v3": 128, "alexnet": 128}

is_smooth = False


def average(x, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
    return F.avg_pool2d(x, dilation * (kernel_size - 1) + 1, stride or kernel_size, padding, ceil_mode, False)


@contextlib.contextmanager
def smooth():
    """Modules call these functions too."""
    global is_smooth
    silu = lambda x, *options, **more: F.silu(x)
    with contextlib.ExitStack() as stack:
        for name in ("relu", "relu6", "hardtanh", "hardswish", "leaky_relu", "prelu", "elu", "selu"):
            stack.enter_context(mock.patch.object(F, name, silu))
        stack.enter_context(mock.patch.object(torch, "relu", silu))
        stack.enter_context(mock.patch.object(F, "hardsigmoid", lambda x, inplace=False: torch.sigmoid(x)))
        stack.enter_context(mock.patch.object(F, "max_pool2d", average))
        is_smooth = True
        yield
        is_smooth = False


def build(name):
    torch.manual_seed(0)
    if name in OWN:
        kind, channels, size = OWN[name]
        model = kind()
    else:
        more = {"aux_logits": True, "init_weights": False} if name in ("googlenet", "inception_v3") else {}
        model, channels, size = getattr(torchvision.models, name)(weights=None, **more), 3, SIZES.get(name, 64)
    if name.startswith("vgg"):  # heads for small pictures
        model.avgpool, model.classifier[0] = nn.AdaptiveAvgPool2d(2), nn.Linear(512 * 2 * 2, 4096)
    if name == "alexnet":
        model.avgpool, model.classifier[1] = nn.AdaptiveAvgPool2d(3), nn.Linear(256 * 3 * 3, 4096)
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

    def picture(n):
        """Of large and small spots: for white noise inner layers give nearly the same everywhere."""
        spots = [torch.rand(n, channels, k, k, generator=noise) * 2 - 1 for k in (1, 3, 7, size)]
        return sum(F.interpolate(s, size=(size, size), mode="bilinear") for s in spots) / 2

    with torch.no_grad():
        model(picture(8))
    for m in norms:
        m.momentum = 0.1
    model.eval()
    x = picture(1)
    if name == "kinks":
        with torch.no_grad():
            x = max((picture(1) for _ in range(300)), key=lambda x: margin(model, x))
    return model, x


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


def answers(name, model, x):
    """All results by label, and the layers' names: the gradients are those of the mean of a layer's squares."""
    leaf = x.clone().requires_grad_(True)
    found, y = hooked(model, leaf)
    convs = list(found)
    layers = list(dict.fromkeys(convs[len(convs) * k // 8] for k in (1, 4, 7)))
    last = lambda t: t.permute(0, 2, 3, 1) if t.ndim == 4 else t
    results = {"output": y if name.startswith("parts") else last(y)}  # the one of parts has its channels last already
    results |= {layer: last(found[layer]) for layer in layers}
    for layer in layers[1:]:
        (gradient,) = torch.autograd.grad(found[layer].pow(2).mean(), leaf, retain_graph=True)
        results["gradient of " + layer] = last(gradient)
    return layers, {label: t.detach().contiguous().numpy() for label, t in results.items()}


def write(folder, name, exporters):
    model, x = build(name.removesuffix("-smooth"))
    singles = [answers(name, model, x)[1]]
    with torch.backends.mkldnn.flags(enabled=False):  # other algorithms, which add in other orders
        singles.append(answers(name, model, x)[1])
    layers, results = answers(name, model.double(), x.double())
    about = {"layers": layers, "distance": {}, "arrays": []}
    for label, want in results.items():
        about["distance"][label] = max(float(np.abs(s[label] - want).max() / np.abs(want).max()) for s in singles)
    if name == "kinks":
        about["margin"] = margin(model, x.double())
    model.float()
    results["input"] = x.permute(0, 2, 3, 1).numpy()
    for kind in exporters:
        path = os.path.join(folder, f"{name}.{kind}.onnx")
        torch.onnx.export(model, (x,), path, dynamo=kind == "dynamo", verbose=False)
        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        out = session.run(None, {session.get_inputs()[0].name: x.numpy()})[0]
        is_first = out.ndim == 4 and not name.startswith("parts")
        results[kind] = out.transpose(0, 2, 3, 1) if is_first else out
    with open(os.path.join(folder, name + ".values"), "wb") as f:
        for label, array in results.items():
            about["arrays"].append({"label": label, "shape": list(array.shape)})
            f.write(np.ascontiguousarray(array, "<f4").tobytes())
    with open(os.path.join(folder, name + ".json"), "w") as f:
        json.dump(about, f)


def main(folder):
    told, sys.stdout = sys.stdout, sys.stderr  # exporters print
    for line in sys.stdin:
        name, *exporters = line.split()
        with smooth() if name.endswith("-smooth") else contextlib.nullcontext():
            write(folder, name, exporters)
        print(name, file=told, flush=True)


main(sys.argv[1])
