# Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0
"""Writes reference.json: the book's recipe in Keras, on a gray picture of zeros and on start.npy, in float64, and how
far Keras' own float32 ends from that.

Forty steps amplify float32's rounding, and how much depends on the order of its sums. So float32 climbs four times, with
the kernels of four instruction sets, and the largest distance is kept, relative to the largest loss.

Made with Keras 3.15.1 on TensorFlow 2.21.0 (pip install keras tensorflow-cpu safetensors) and the weights that convscope
keeps in its cache: python3 reference.py WEIGHTS.safetensors > reference.json
"""
import json
import os
import subprocess
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras
import numpy as np
import safetensors.numpy
import tensorflow as tf

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


def traces(dtype):
    """The loss before each step, and after the last."""
    base = build(dtype)
    start = np.load(os.path.join(os.path.dirname(os.path.abspath(__file__)), "start.npy"))
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

        x, result[layer] = tf.constant(start.astype(dtype)), []
        for _ in range(STEPS + 1):
            loss, grad = step(x)
            result[layer].append(float(loss))
            x = x + STEP * grad
    return result


def main():
    if len(sys.argv) > 2:
        json.dump(traces("float32"), sys.stdout)
        return
    base, zeros = build("float64"), []
    for layer, index in ZEROS:
        output = keras.Model(base.input, base.get_layer(layer).output)(np.zeros((1, 150, 150, 3)))
        zeros.append({"layer": layer, "filter": index, "loss": float(np.mean(output[..., index]))})
    runs = [json.loads(subprocess.run([sys.executable, __file__, sys.argv[1], "float32"], env=os.environ | env,
                                      check=True, stdout=subprocess.PIPE).stdout) for env in FLOAT32]
    layers = []
    for layer, want in traces("float64").items():
        distance = max(abs(a - b) for run in runs for a, b in zip(want, run[layer])) / max(want)
        layers.append({"layer": layer, "first": want[0], "last": want[-1], "float32": float(f"{distance:.3g}")})
    source = f"Keras {keras.__version__} on TensorFlow {tf.__version__} in float64, the ImageNet weights"
    start = {"file": "start.npy", "filter": FILTER, "steps": STEPS, "step": STEP, "layers": layers}
    print(json.dumps({"source": source, "zeros": zeros, "start": start}, indent=1))


if __name__ == "__main__":
    main()
