# Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0
"""Completes the places in stack traces.

GoNB writes " [[ Cell [4] Line 2 ]] " before a place in its main.go only where the path and the line number come to it
in one piece. Go's runtime writes them one after the other, so one panic in ten comes without.
"""

import itertools
import os
import re

unmarked = re.compile(r"(?<!\]\]\x1b\[0m )(?<=[\s])(/\S*/gonb_\w+/main\.go):(\d{1,7})\b")
most = 200  # places in one cell, and lines that are compared: what goes on without end must not take as long here


def complete(cell, sources):
    """Marks the unmarked places in what the cell wrote to stderr. sources are the cells' texts by their numbers."""
    pieces = [o for o in cell.outputs if o.output_type == "stream" and o.name == "stderr"]
    said = "".join(o.text for o in pieces)
    files = {}
    for match in reversed(list(itertools.islice(unmarked.finditer(said), most))):
        if match[1] not in files:
            files[match[1]] = read(match[1])
        found = origin(files[match[1]], int(match[2]), sources)
        if found is None:
            continue
        at = match.start()
        for piece in pieces:
            if at < len(piece.text):
                mark = " \x1b[7m[[ Cell [%d] Line %d ]]\x1b[0m " % found
                piece.text = piece.text[:at] + mark + piece.text[at:]
                break
            at -= len(piece.text)


def read(path):
    """The lines of a main.go. None are there where it is not, or only looks like one: a pipe would never end."""
    try:
        if os.path.isfile(path) and os.path.getsize(path) < 1 << 20:
            with open(path, encoding="utf-8") as f:
                return [text.strip() for text in f.read().split("\n")]
    except (OSError, UnicodeDecodeError):
        pass
    return []


def origin(code, line, sources):
    """The number of the cell, and the line in it, that a line of main.go was copied from: where most lines up to it
    are the same, in the latest such cell. None if it can't be told."""
    if not 0 < line <= len(code) or not code[line - 1]:
        return None
    best, longest = None, 0
    for number, source in sources.items():
        lines = [text.strip() for text in source.split("\n")]
        for at in range(len(lines)):
            same = 0
            while same <= min(at, most) and same < line and lines[at - same] == code[line - 1 - same]:
                same += 1
            if same > 0 and same >= longest:
                best, longest = (number, at + 1), same
    return best
