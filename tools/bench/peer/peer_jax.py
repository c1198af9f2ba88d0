# Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0
"""The jobs in JAX."""

import os

os.environ.setdefault("JAX_PLATFORMS", "cpu")

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

import job


class Step:
    def __init__(self, work, layout):
        self.layout, self.length = layout, work.step  # "NHWC" or "NCHW"
        self.channel = layout.index("C")
        self.layers = [layer and (jnp.asarray(layer[0]), jnp.asarray(layer[1])) for layer in work.layers()]
        self.step = jax.jit(self._step, donate_argnums=1)

    def put(self, pictures, filters):
        if self.channel == 1:
            pictures = np.transpose(pictures, (0, 3, 1, 2))
        return jnp.array(pictures), jnp.asarray(filters)

    def get(self, x):
        x = np.asarray(x)
        return np.transpose(x, (0, 2, 3, 1)) if x.ndim == 4 and self.channel == 1 else x

    def _loss(self, x, layers, filters):
        window = (1, 2, 2, 1) if self.channel == 3 else (1, 1, 2, 2)
        for layer in layers:
            if layer is None:
                x = lax.reduce_window(x, -jnp.inf, lax.max, window, window, "VALID")
            else:
                layouts = (self.layout, "HWIO", self.layout)
                x = lax.conv_general_dilated(x, layer[0], (1, 1), "SAME", dimension_numbers=layouts)
                bias = layer[1] if self.channel == 3 else layer[1][:, None, None]
                x = jax.nn.relu(x + bias)
        chosen = jax.vmap(lambda picture, f: jnp.take(picture, f, axis=self.channel - 1))(x, filters)
        losses = chosen.mean((1, 2))
        return losses.sum(), losses

    def _step(self, layers, x, filters):
        gradient, losses = jax.grad(self._loss, has_aux=True)(x, layers, filters)
        gradient /= jnp.sqrt(jnp.mean(jnp.square(gradient), (1, 2, 3), keepdims=True)) + 1e-5
        return x + self.length * gradient, losses

    def __call__(self, x, filters):
        return self.step(self.layers, x, filters)


def ways(work):
    return [
        ("NHWC", lambda: Step(work, "NHWC")),
        ("NCHW", lambda: Step(work, "NCHW")),
    ]


job.main(ways, f"JAX {jax.__version__}")
