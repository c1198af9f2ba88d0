# Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0
"""Checks ONNX files and prints what onnxruntime makes of pictures, in JSON: reads [{"path": ..., "shape": [1, height,
width, channels], "values": [...]}, ...] and prints as many {"shape": ..., "values": ...}, or {"error": ...}."""

import json
import sys

import numpy
import onnx
import onnxruntime


def answer(asked):
    onnx.checker.check_model(asked["path"], full_check=True)
    picture = numpy.array(asked["values"], numpy.float32).reshape(asked["shape"]).transpose(0, 3, 1, 2)
    session = onnxruntime.InferenceSession(asked["path"], providers=["CPUExecutionProvider"])
    (out,) = session.run(None, {session.get_inputs()[0].name: picture})
    if out.ndim == 4:
        out = out.transpose(0, 2, 3, 1)
    return {"shape": out.shape, "values": out.ravel().tolist()}


def answer_or_error(asked):
    try:
        return answer(asked)
    except Exception as e:
        return {"error": str(e)}


print(json.dumps([answer_or_error(asked) for asked in json.load(sys.stdin)]))
