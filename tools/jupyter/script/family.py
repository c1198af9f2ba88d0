# Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0
"""Ends this process together with everything that it started: kernels, the cells that they run, compilers."""

import os
import shutil
import signal
import sys
import threading

import psutil


def family():
    """All processes below this one."""
    return psutil.Process().children(recursive=True)


def halt(kernels_too=True, known=()):
    """Ends the family: first a polite request to the running cells, then to the kernels, then without asking.

    known are processes that were below this one earlier and may have lost their parent since.
    """
    everyone = set(known)

    def ask(number, processes):
        for process in processes:
            try:
                process.send_signal(number)
            except psutil.NoSuchProcess:
                pass
        return psutil.wait_procs(processes, timeout=2)[1]

    kernels = set(psutil.Process().children())
    everyone.update(family())
    ask(signal.SIGINT, [p for p in everyone if p not in kernels])
    if not kernels_too:
        everyone.update(family())
        ask(signal.SIGKILL, [p for p in everyone if p not in kernels and p.is_running()])
        return
    everyone.update(family())
    ask(signal.SIGTERM, [p for p in everyone if p.is_running()])
    everyone.update(family())
    ask(signal.SIGKILL, [p for p in everyone if p.is_running()])


def die_with_parent(stop):
    """Calls stop() when the parent closes our stdin, which also happens when it dies, or on a signal."""

    def listen():
        while sys.stdin.buffer.read(1):
            pass
        stop()

    threading.Thread(target=listen, daemon=True).start()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stop())


def stop_now():
    """Ends the family and this process, at once, and removes the directory of this run: the parent may be dead."""
    halt()
    scratch = os.path.dirname(os.path.abspath(__file__))
    if os.path.basename(scratch).startswith("convscope-"):
        shutil.rmtree(scratch, ignore_errors=True)
    os._exit(130)
