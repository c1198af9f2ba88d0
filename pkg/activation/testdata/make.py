# Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

"""Makes numbers.json with NumPy 2.4.6: the book's levels of a made-up layer's output, which channels are silent, and
which the strongest. Run it in this folder: python3 make.py"""

import json

import numpy as np

HEIGHT, WIDTH, CHANNELS = 5, 7, 19
y, x, c = np.meshgrid(np.arange(HEIGHT), np.arange(WIDTH), np.arange(CHANNELS), indexing="ij")
output = np.maximum((7 * y * y + 13 * x + 29 * c * (x + 1)) % 31 - 9, 0).astype(np.float32) / 4
output[:, :, 4] = 0
output[:, :, 11] = 0
output[:, :, 12] = 0.1  # the same everywhere, but not silent
output[:, :, 15] = output[:, :, 2]

levels = []
for k in range(CHANNELS):
    channel = output[:, :, k].astype(np.float64)
    if channel.min() == channel.max():
        levels.append([0] * channel.size)
        continue
    channel = (channel - channel.mean()) / channel.std() * 64 + 128
    levels.append(np.clip(channel, 0, 255).astype("uint8").ravel().tolist())
means = output.astype(np.float64).mean(axis=(0, 1))
numbers = {
    "levels": levels,
    "silent": float(np.mean((output == 0).all(axis=(0, 1)))),
    "strongest": np.lexsort((np.arange(CHANNELS), -means)).tolist(),
}
with open("numbers.json", "w") as file:
    json.dump(numbers, file)
    file.write("\n")
