# Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0
"""What the peers share: the job, the weights, the search for the fastest way, and the talk with the bench.

The bench starts a peer with the path of a job and then writes one word a line: "prepare" or "run". The peer answers
each with a line of JSON. With "whole" after the path it does the job once, from nothing to a PNG, and ends.
"""

import json
import os
import sys
import time

import numpy as np

# VGG16 up to its last convolution: filters of each layer, by block.
BLOCKS = [(1, 2, 64), (2, 2, 128), (3, 3, 256), (4, 3, 512), (5, 3, 512)]

# Frameworks print to standard output as they like; the answers go through a copy of it.
_answers = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)


class Job:
    """One job as the bench wrote it, with its arrays."""

    def __init__(self, path):
        with open(path) as f:
            self.__dict__.update(json.load(f))  # network, layer, filters, steps, step, weights, start, out
        self.start = np.load(self.start)  # float32 [filters, height, width, 3]
        if not self.network:  # else it is no archive of VGG16's
            self._weights = np.load(self.weights)

    def layers(self):
        """The layers up to the job's: None for a pool, or (kernel [3, 3, in, out], bias [out])."""
        for block, convs, _ in BLOCKS:
            for conv in range(1, convs + 1):
                name = f"block{block}_conv{conv}"
                yield self._weights[name + "/kernel"], self._weights[name + "/bias"]
                if name == self.layer:
                    return
            yield None


def batches(job, batch):
    """The job cut into batches: (start pictures, filters), the last one filled up with its last picture."""
    for first in range(0, len(job.filters), batch):
        index = [min(i, len(job.filters) - 1) for i in range(first, first + batch)]
        count = min(batch, len(job.filters) - first)
        yield job.start[index], np.array([job.filters[i] for i in index]), count


def climb(job, step, batch, steps=None):
    """Runs the job: step(pictures, filters) gives the next pictures and the losses before it, still on the framework's
    side."""
    pictures, losses = [], []
    for start, filters, count in batches(job, batch):
        x, f = step.put(start, filters)
        loss = None
        for _ in range(steps or job.steps):
            x, loss = step(x, f)
        pictures.append(step.get(x)[:count])
        losses.append(np.asarray(step.get(loss))[:count])
    return np.concatenate(pictures), np.concatenate(losses)


def seconds(job, step, batch):
    """The time of a step a picture, from the first batch: the better of two short climbs after one that compiles."""
    one = Job.__new__(Job)
    one.__dict__.update(job.__dict__)
    one.filters = job.filters[:batch]
    climb(one, step, batch, 1)
    times = []
    for _ in range(2):
        began = time.perf_counter()
        climb(one, step, batch, 2)
        times.append((time.perf_counter() - began) / batch)
    return min(times)


def fastest(job, ways):
    """Tries the ways [(name, make a step)] at a middling batch and then the winner at all batches: (name, step,
    batch)."""
    sizes = [b for b in (1, 2, 4, 8, 16, 32, 64) if b <= len(job.filters)]
    middle = min(sizes, key=lambda b: abs(b - 8))
    tried = []
    for name, make in ways:
        try:
            step = make()
            tried.append((seconds(job, step, middle), name, step))
        except Exception as problem:  # a way that this machine lacks, such as a compiler for generated code
            print(f"{name}: {problem}", file=sys.stderr)
    _, name, step = min(tried, key=lambda t: t[0])
    batch = min(sizes, key=lambda b: seconds(job, step, b))
    return name, step, batch


def save_png(picture, path):
    """The book's deprocessing and a PNG."""
    from PIL import Image

    x = (picture - picture.mean()) / (picture.std() + 1e-5) * 0.1 + 0.5
    Image.fromarray((np.clip(x, 0, 1) * 255).astype("uint8")).save(path)


def answer(**fields):
    print(json.dumps(fields), file=_answers)


def main(ways, version):
    """Serves the bench. ways(job) lists [(name, make a step)], the one that usually wins first."""
    job = Job(sys.argv[1])
    if "whole" in sys.argv[2:]:
        name, make = ways(job)[0]
        pictures, losses = climb(job, make(), 1)
        save_png(pictures[0], job.out)
        answer(about=f"{version}, {name}", losses=losses.tolist())
        return
    step = batch = None
    for line in sys.stdin:
        began = time.perf_counter()
        if line.strip() == "prepare":
            name, step, batch = fastest(job, ways(job))
            climb(job, step, batch, 2)
            answer(about=f"{version}, {name}, batch {batch}", seconds=time.perf_counter() - began)
        else:
            _, losses = climb(job, step, batch)
            answer(seconds=time.perf_counter() - began, losses=losses.tolist())
