# Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0
"""Runs a notebook in a clean kernel, cell by cell: run_notebook.py JOB, a JSON file with input, output, cwd, kernel,
timeout, on.

Prints one JSON object a line: {"cell": 3} when the third code cell starts, {"done": 3, "began": ..., "ended": ...}
with the time in seconds when it is done, {"failed": 3, "how": ...} when it failed and the run goes on, {"end": "ok" |
"failed" | "shell" | "timeout" | "died"} at the end. The executed notebook, as far as it came, is written to the output
in all these cases.
"""

import json
import os
import re
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))  # python -I leaves it out

import family
import nbformat
import place
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

# The kernel inherits our stdout, so what it prints there goes to stderr instead.
events = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)


def emit(**event):
    print(json.dumps(event), file=events, flush=True)


def shell_failed(cell):
    """Whether a shell line in a cell that sets up the kernel's module (!*) failed.

    GoNB says so and goes on, into errors that name something else.
    """
    if not any(line.startswith("!*") for line in cell.source.splitlines()):
        return False
    if "raises-exception" in cell.metadata.get("tags", []):
        return False
    said = "".join(o.text for o in cell.outputs if o.output_type == "stream" and o.name == "stderr")
    return re.search(r"^(exit status \d+|signal: .*)$", said, re.MULTILINE) is not None


class Client(NotebookClient):
    """Keeps the first of what a cell prints without measure, so that the memory and the notebook stay of a size."""

    limits = {"stream": 16 << 20, "display_data": 256 << 20, "execute_result": 256 << 20}  # characters in one cell

    def __init__(self, *args, **settings):
        super().__init__(*args, **settings)
        self.printed = {}

    def output(self, outs, msg, display_id, cell_index):
        kind, content = msg["msg_type"], msg["content"]
        if kind not in self.limits:
            return super().output(outs, msg, display_id, cell_index)
        key = cell_index, kind, content.get("name")
        before = self.printed.get(key, 0)
        texts = [content["text"]] if kind == "stream" else content.get("data", {}).values()
        self.printed[key] = before + sum(len(text) for text in texts if isinstance(text, str))
        if self.printed[key] <= self.limits[kind]:
            return super().output(outs, msg, display_id, cell_index)
        if before <= self.limits[kind]:
            note = f"\n(more than {self.limits[kind] >> 20} MB: the rest is left away)\n"
            outs.append(nbformat.v4.new_output("stream", name=content.get("name", "stderr"), text=note))
        return None


def execute(nb, job):
    """Runs the cells and returns how it ended."""
    client = Client(
        nb,
        kernel_name=job["kernel"],
        timeout=job["timeout"] or None,
        startup_timeout=120,
        iopub_timeout=300,  # after a flood from a cell that was ended, the next cell's outputs come late
        record_timing=False,
        resources={"metadata": {"path": job["cwd"]}},
    )
    end, known = "ok", []
    with client.setup_kernel():
        number, sources = 0, {}
        try:
            for index, cell in enumerate(nb.cells):
                if cell.cell_type != "code" or not cell.source.strip():
                    continue
                number += 1
                emit(cell=number)
                began, sources[number] = time.time(), cell.source
                how = execute_cell(client, cell, index, number)
                emit(done=number, began=began, ended=time.time())
                if how == "failed":
                    place.complete(cell, sources)
                if how != "ok" and job["on"]:
                    emit(failed=number, how=how)
                elif how != "ok":
                    end = how
                    break
        except DeadKernelError:
            end = "died"
        known = family.family()
    family.halt(known=known)
    return end


def execute_cell(client, cell, index, number):
    """Runs one cell and returns how it ended. When that is too late, its processes are ended."""
    try:
        client.execute_cell(cell, index, execution_count=number)
    except CellTimeoutError:
        family.halt(kernels_too=False)
        return "timeout"
    except CellExecutionError:
        return "failed"
    return "shell" if shell_failed(cell) else "ok"


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        job = json.load(f)
    family.die_with_parent(family.stop_now)
    nb = nbformat.read(job["input"], as_version=4)
    end = execute(nb, job)
    nbformat.write(nb, job["output"])
    emit(end=end)


main()
