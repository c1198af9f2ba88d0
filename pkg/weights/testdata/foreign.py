# Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0
"""Writes foreign.zip: one small net as other programs keep it, and nets that are nearly it. Made with numpy 2.4,
h5py 3.16, onnx 1.23, safetensors 0.8 and ml_dtypes 0.6: pip install numpy h5py onnx safetensors ml_dtypes;
python3 foreign.py"""
import io
import json
import os
import shutil
import tempfile
import zipfile

import h5py
import ml_dtypes
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import save_file

R = np.random.default_rng(7)
LAYERS = [("block1_conv1", 3, 4), ("block1_conv2", 4, 4), ("block2_conv1", 4, 8)]
NAMES = [name for name, _, _ in LAYERS]
K = {n: R.normal(0, 1, (3, 3, i, o)).astype("f4") for n, i, o in LAYERS}
B = {n: R.normal(0, 1, o).astype("f4") for n, _, o in LAYERS}
OTHER = {n: R.normal(0, 1, K[n].shape).astype("f4") for n in NAMES}

here = os.path.dirname(os.path.abspath(__file__))
os.chdir(tempfile.mkdtemp())


def oihw(k):
    return np.ascontiguousarray(k.transpose(3, 2, 0, 1))


def turn(k):
    return k[::-1, ::-1].copy()


def named(k, b=B):
    return {f"{n}/{part}": a for n in NAMES for part, a in (("kernel", k[n]), ("bias", b[n]))}


def npz(name, tensors):
    np.savez(name + ".npz", **tensors)


def each(f, k=K):
    return {n: f(a) for n, a in k.items()}


# NumPy
npz("official", named(K))
npz("float16", named(each(lambda a: a.astype("f2")), each(lambda a: a.astype("f2"), B)))
npz("float64", named(each(lambda a: a.astype("f8"))))
npz("big-endian", named(each(lambda a: a.astype(">f4"))))
npz("fortran", named(each(np.asfortranarray)))
npz("int8", named(each(lambda a: (a * 10).astype("i1"))))
npz("torch's axes", named(each(oihw)))
npz("height and width exchanged", named(each(lambda a: a.transpose(1, 0, 2, 3))))
npz("output, height, width, input", named(each(lambda a: a.transpose(3, 0, 1, 2))))
npz("input, output, height, width", named(each(lambda a: a.transpose(2, 3, 0, 1))))
npz("red first", named(K | {"block1_conv1": K["block1_conv1"][:, :, ::-1]}))
npz("gray", named(K | {"block1_conv1": K["block1_conv1"].sum(2, keepdims=True)}))
hurt = K["block1_conv2"].copy()
hurt[1, 2, 3, 0] = np.nan
npz("nan", named(K | {"block1_conv2": hurt}))
hurt = B["block1_conv2"].copy()
hurt[2] = -np.inf
npz("infinity", named(K, B | {"block1_conv2": hurt}))
npz("too large for float32", named(K | {"block1_conv2": K["block1_conv2"].astype("f8") * 1e300}))
np.savez("unnamed.npz", *named(K).values())
norm = {f"{n}_bn/{part}": np.ones_like(B[n])
        for n in NAMES for part in ("gamma", "beta", "moving_mean", "moving_variance")}
npz("batch normalization", named(K) | norm)
npz("only one normalization, of another width",
    named(K) | {"head_bn/gamma": np.ones(10, "f4"), "head_bn/beta": np.ones(10, "f4")})
npz("one more", named(K) | {"block1_conv3/kernel": OTHER["block1_conv2"], "block1_conv3/bias": B["block1_conv2"]})
npz("one more, after the last",
    named(K) | {"block3_conv1/kernel": np.ones((3, 3, 8, 8), "f4"), "block3_conv1/bias": B["block2_conv1"]})
np.save("dictionary.npy", named(K), allow_pickle=True)

# safetensors, as PyTorch names them
INDEX = [0, 2, 5]


def torch(k=K, b=B, prefix="features.", index=INDEX):
    return {f"{prefix}{i}.{part}": a
            for i, n in zip(index, NAMES) for part, a in (("weight", oihw(k[n])), ("bias", b[n]))}


def tensors(name, t):
    save_file(t, name + ".safetensors")


tensors("torch", torch())
tensors("data parallel", torch(prefix="module.features.") | {"module.classifier.6.weight": np.zeros((10, 16), "f4")})
tensors("half", {k: v.astype(np.float16) for k, v in torch().items()})
tensors("bfloat16", {k: v.astype(ml_dtypes.bfloat16) for k, v in torch().items()})
tensors("double", {k: v.astype(np.float64) for k, v in torch().items()})
tensors("integers", {k: v.astype(np.int8) for k, v in torch().items()})
tensors("head of convolutions",
        torch() | {"classifier.1.weight": np.zeros((5, 8, 1, 1), "f4"), "classifier.1.bias": np.zeros(5, "f4")})
bn = torch(index=[0, 3, 7])
for i, n in zip([0, 3, 7], NAMES):
    for part in ("weight", "bias", "running_mean", "running_var"):
        bn[f"features.{i + 1}.{part}"] = np.ones_like(B[n])
tensors("vgg_bn", bn)
tensors("vgg_bn, no other bias",
        {k: v for k, v in bn.items() if k not in ("features.0.bias", "features.3.bias", "features.7.bias")})
tensors("group normalization",
        torch(index=[0, 3, 7]) | {f"features.{i + 1}.{part}": np.ones_like(B[n])
                                  for i, n in zip([0, 3, 7], NAMES) for part in ("weight", "bias")})
tensors("normalization in the head",
        torch() | {f"classifier.1.{part}": np.ones(4, "f4")
                   for part in ("weight", "bias", "running_mean", "running_var")})
tensors("unknown input", torch(OTHER))
tensors("network with one more",
        torch() | {"features.7.weight": oihw(np.ones((3, 3, 8, 8), "f4")), "features.7.bias": B["block2_conv1"]})
tensors("network with one less", {k: v for k, v in torch().items() if "features.5" not in k})
tensors("empty tensors",
        torch() | {"a.empty": np.zeros((0,), "f4"), "features.z": np.zeros((0, 3), "f4"), "z": np.zeros((2, 0), "i8")})


def taking(scale, shift):
    """The same function of pictures that are red, green, blue, times scale, plus shift."""
    means = np.array([123.68, 116.779, 103.939])
    k, scale, shift = K["block1_conv1"][:, :, ::-1].astype("f8"), np.array(scale), np.array(shift)
    bias = B["block1_conv1"] + (k * (-shift / scale - means)[:, None]).sum((0, 1, 2))
    return torch(K | {"block1_conv1": (k / scale[:, None]).astype("f4")}, B | {"block1_conv1": bias.astype("f4")})


deviation, mean = np.array([0.229, 0.224, 0.225]), np.array([0.485, 0.456, 0.406])
tensors("input torch", taking(1 / (255 * deviation), -mean / deviation))
tensors("input tf", taking([1 / 127.5] * 3, [-1] * 3))
tensors("input unit", taking([1 / 255] * 3, [0] * 3))
tensors("input torch, half", {k: v.astype("f2") for k, v in taking(1 / (255 * deviation), -mean / deviation).items()})


# Keras
def legacy(name, layers, model=None, config=None, file={}, data={}, **attributes):
    with h5py.File(name + ".h5", "w", **file) as f:
        if config:
            f.attrs["model_config"] = config
        root = f.create_group(model) if model else f
        root.attrs["layer_names"] = [layer.encode() for layer, _ in layers]
        for key, value in attributes.items():
            root.attrs[key] = value
        for layer, weights in layers:
            g = root.create_group(layer)
            g.attrs["weight_names"] = [w.encode() for w, _ in weights]
            for w, a in weights:
                g.create_dataset(w, data=a, **data)


def layers(k=K):
    return [(n, [(f"{n}/kernel:0", k[n]), (f"{n}/bias:0", B[n])]) for n in NAMES]


def with_norm(at):
    list = layers()
    list.insert(at, ("batch_normalization", [(f"batch_normalization/{part}:0", np.ones(4, "f4"))
                                             for part in ("gamma", "beta", "moving_mean", "moving_variance")]))
    return list


legacy("keras", layers(), backend=b"tensorflow")
legacy("theano", layers(each(lambda k: oihw(turn(k)))), backend=b"theano", keras_version=b"1.2.0")
legacy("theano kernels", layers(each(turn)))
legacy("theano order", layers(each(oihw)))
legacy("theano of other values", layers(each(lambda k: oihw(turn(k)), OTHER)), backend=b"theano")
legacy("theano order of other values", layers(each(oihw, OTHER)))
legacy("normalization between", with_norm(1))
legacy("normalization after", with_norm(3))
legacy("gzip", layers(), data={"compression": "gzip", "shuffle": True, "fletcher32": True})
legacy("latest, gzip", layers(), file={"libver": "latest"}, data={"compression": "gzip"})
legacy("lzf", layers(), data={"compression": "lzf"})
legacy("user block", layers(), file={"userblock_size": 512})
legacy("float16 keras", layers(each(lambda a: a.astype("f2"))))
legacy("big-endian keras", layers(each(lambda a: a.astype(">f4"))))


def network(**first):
    """A description of the network as Keras has it, where the first convolution has other settings."""
    list = [{"class_name": "InputLayer", "config": {"name": "input_1"}}]
    for n, _, o in LAYERS:
        config = {"name": n, "filters": o, "kernel_size": [3, 3], "strides": [1, 1], "padding": "same",
                  "dilation_rate": [1, 1], "groups": 1, "activation": "relu"}
        list.append({"class_name": "Conv2D", "config": config | (first if n == NAMES[0] else {})})
    return json.dumps({"class_name": "Functional", "config": {"name": "net", "layers": list}})


legacy("whole model", layers(), "model_weights", network())
legacy("whole model, strides", layers(), "model_weights", network(strides=[2, 2]))
with h5py.File("torch in h5.h5", "w") as f:
    for key, value in torch().items():
        f[key] = value
inner = io.BytesIO()
with h5py.File(inner, "w") as f:
    for i, n in enumerate(NAMES):
        g = f.create_group("layers/conv2d" + (f"_{i}" if i else "") + "/vars")
        g["0"], g["1"] = K[n], B[n]
    for i in range(4):
        f[f"layers/batch_normalization/vars/{i}"] = np.ones(8, "f4")
    f["layers/dense/vars/0"] = np.zeros((8, 2), "f4")
    f["optimizer/vars/1"] = np.zeros((3, 3, 3, 4), "f4")
for name, how in (("archive", zipfile.ZIP_STORED), ("compressed archive", zipfile.ZIP_DEFLATED)):
    with zipfile.ZipFile(name + ".keras", "w", how) as z:
        z.writestr("config.json", "{}")
        z.writestr("model.weights.h5", inner.getvalue())


# ONNX
def model(k=K, constants=False, turned=False, norm=False, act="Relu", pool="MaxPool", half=False, pad=0):
    nodes, init, x = [], [], "x"
    for i, n in enumerate(NAMES):
        w, b = (k[n] if turned else oihw(k[n])), B[n]
        if half:
            w, b = w.astype("f2"), b.astype("f2")
        given = [numpy_helper.from_array(w, f"w{i}"), numpy_helper.from_array(b, f"b{i}")]
        if constants:
            nodes += [helper.make_node("Constant", [], [t.name], value=t) for t in given]
        else:
            init += given
        name = f"w{i}"
        if turned:
            nodes.append(helper.make_node("Transpose", [name], [name + "t"], perm=[3, 2, 0, 1]))
            name += "t"
        if pad:
            amounts = numpy_helper.from_array(np.array([0, 0, pad, pad] * 2), f"pads{i}")
            if constants:
                nodes.append(helper.make_node("Constant", [], [amounts.name], value=amounts))
            else:
                init.append(amounts)
            nodes.append(helper.make_node("Pad", [x, amounts.name], [f"d{i}"], mode="constant"))
            nodes.append(helper.make_node("Conv", [f"d{i}", name, f"b{i}"], [f"c{i}"], auto_pad="VALID"))
        else:
            nodes.append(helper.make_node("Conv", [x, name, f"b{i}"], [f"c{i}"],
                                          pads=[1, 1, 1, 1], kernel_shape=[3, 3]))
        x = f"c{i}"
        if norm:
            init += [numpy_helper.from_array(np.ones_like(B[n]), f"{q}{i}n") for q in "gbmv"]
            nodes.append(helper.make_node("BatchNormalization", [x] + [f"{q}{i}n" for q in "gbmv"], [f"n{i}"]))
            x = f"n{i}"
        nodes += [helper.make_node(act, [x], [f"r{i}"]),
                  helper.make_node(pool, [f"r{i}"], [f"p{i}"], kernel_shape=[2, 2], strides=[2, 2])]
        x = f"p{i}"
    kind = TensorProto.FLOAT16 if half else TensorProto.FLOAT
    g = helper.make_graph(nodes, "net", [helper.make_tensor_value_info("x", kind, [1, 3, "h", "w"])],
                          [helper.make_tensor_value_info(x, kind, [1, 8, None, None])], init)
    return helper.make_model(g, opset_imports=[helper.make_opsetid("", 13)])


onnx.save(model(), "onnx.onnx")
onnx.save(model(constants=True), "constants.onnx")
onnx.save(model(turned=True), "turned by the graph.onnx")
onnx.save(model(pad=1), "padded.onnx")
onnx.save(model(pad=1, constants=True), "padded, constants.onnx")
onnx.save(model(pad=2), "padded by two.onnx")
onnx.save(model(pad=2, constants=True), "padded by two, constants.onnx")
onnx.save(model(half=True), "float16.onnx")
onnx.save(model(norm=True), "normalization.onnx")
onnx.save(model(act="LeakyRelu"), "another activation.onnx")
onnx.save(model(pool="AveragePool"), "another pooling.onnx")
onnx.save(model(), "beside.onnx", save_as_external_data=True, location="beside.onnx.data", size_threshold=0)
for name, location in (("up", "../beside.onnx.data"), ("absolute", os.path.join("/", "tmp", "beside.onnx.data")),
                       ("missing", "nothing.data"), ("short", "short.data"), ("link", "link.data"), ("folder", "."),
                       ("pipe", "pipe.data")):
    m = onnx.load("beside.onnx", load_external_data=False)
    for t in m.graph.initializer:
        for e in t.external_data:
            if e.key == "location":
                e.value = location
    with open(f"data {name}.onnx", "wb") as f:
        f.write(m.SerializeToString())
with open("beside.onnx.data", "rb") as whole, open("short.data", "wb") as short:
    short.write(whole.read()[:500])

with zipfile.ZipFile(os.path.join(here, "foreign.zip"), "w", zipfile.ZIP_DEFLATED, compresslevel=9) as z:
    for name in sorted(os.listdir(".")):
        with open(name, "rb") as f:
            z.writestr(zipfile.ZipInfo(name), f.read(), zipfile.ZIP_DEFLATED)
shutil.rmtree(os.getcwd())
