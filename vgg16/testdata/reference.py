# Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0
"""Writes reference.json and a PNG for each layer: the book's recipe in Keras, on a picture of zeros and on start.npy,
in float64, and how far Keras' own float32 ends from that.

Forty steps amplify float32's rounding, and how much depends on the order of its sums. So float32 climbs four times,
with the kernels of four instruction sets. What is kept is the largest distance of a loss, relative to the largest
loss, and the smallest PSNR of the deprocessed pictures.

Made with Keras 3.15.1 on TensorFlow 2.21.0 (pip install keras tensorflow-cpu safetensors pillow) and the weights that
convscope keeps in its cache: python3 reference.py WEIGHTS.safetensors
"""
import json
import os
import subprocess
import sys
import tempfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras
import numpy as np
import safetensors.numpy
import tensorflow as tf
from PIL import Image

HERE = os.path.dirname(os.path.abspath(__file__))
STEPS, STEP, FILTER = 40, 1.0, 2
ZEROS = [("block1_conv1", 0), ("block2_conv1", 5), ("block3_conv1", 0), ("block4_conv1", 0), ("block5_conv1", 11),
         ("block5_conv3", 1), ("block5_conv3", 2)]
LAYERS = ["block1_conv1", "block2_conv1", "block3_conv1", "block4_conv1", "block5_conv1"]
FLOAT32 = [{"TF_ENABLE_ONEDNN_OPTS": "0"}, {"ONEDNN_MAX_CPU_ISA": "SSE41"}, {"ONEDNN_MAX_CPU_ISA": "AVX2"},
           {"ONEDNN_MAX_CPU_ISA": "DEFAULT"}]


def build(dtype):
    keras.config.set_floatx(dtype)
    tensors = safetensors.numpy.load_file(sys.argv[1])
    base = keras.applications.VGG16(weights=None, include_top=False)
    for layer in base.layers:
        if layer.weights:
            layer.set_weights([tensors[f"{layer.name}/{k}"].astype(dtype) for k in ("kernel", "bias")])
    return base


def deprocess(x):
    x = (x - x.mean()) / (x.std() + 1e-5) * 0.1
    return (np.clip(x + 0.5, 0, 1) * 255).astype("uint8")


def psnr(a, b):
    error = np.mean((a.astype("f8") - b.astype("f8")) ** 2)
    return 100.0 if error == 0 else min(100.0, float(10 * np.log10(255 ** 2 / error)))


def climbs(dtype):
    """For each layer the loss before each step and after the last, and the picture."""
    base = build(dtype)
    start = np.load(os.path.join(HERE, "start.npy"))
    result = {}
    for layer in LAYERS:
        model = keras.Model(base.input, base.get_layer(layer).output)

        @tf.function
        def step(x):
            with tf.GradientTape() as tape:
                tape.watch(x)
                loss = tf.reduce_mean(model(x)[:, :, :, FILTER])
            grad = tape.gradient(loss, x)
            return loss, grad / (tf.sqrt(tf.reduce_mean(tf.square(grad))) + 1e-5)

        x, losses = tf.constant(start.astype(dtype)), []
        for i in range(STEPS + 1):
            loss, grad = step(x)
            losses.append(float(loss))
            if i < STEPS:
                x = x + STEP * grad
        result[layer] = losses, deprocess(x.numpy()[0])
    return result


def main():
    if len(sys.argv) > 2:  # one of the runs below
        result = climbs("float32")
        arrays = {f"{layer}.{i}": part for layer, parts in result.items() for i, part in enumerate(parts)}
        np.savez(sys.argv[2], **arrays)
        return
    base, zeros = build("float64"), []
    for layer, index in ZEROS:
        output = keras.Model(base.input, base.get_layer(layer).output)(np.zeros((1, 150, 150, 3)))
        zeros.append({"layer": layer, "filter": index, "loss": float(np.mean(output[..., index]))})
    runs = []
    with tempfile.TemporaryDirectory() as folder:
        for i, env in enumerate(FLOAT32):
            path = os.path.join(folder, f"{i}.npz")
            subprocess.run([sys.executable, __file__, sys.argv[1], path], env=os.environ | env, check=True)
            runs.append(dict(np.load(path)))
    layers = []
    for layer, (want, image) in climbs("float64").items():
        Image.fromarray(image).save(os.path.join(HERE, layer + ".png"), optimize=True)
        distance = max(np.abs(run[layer + ".0"] - want).max() for run in runs) / max(want)
        layers.append({"layer": layer, "first": want[0], "last": want[-1], "float32": float(f"{distance:.3g}"),
                       "psnr": float(f"{min(psnr(run[layer + '.1'], image) for run in runs):.3g}")})
    source = f"Keras {keras.__version__} on TensorFlow {tf.__version__} in float64, the ImageNet weights"
    start = {"file": "start.npy", "filter": FILTER, "steps": STEPS, "step": STEP, "layers": layers}
    with open(os.path.join(HERE, "reference.json"), "w") as f:
        json.dump({"source": source, "zeros": zeros, "start": start}, f, indent=1)
        f.write("\n")


if __name__ == "__main__":
    main()
