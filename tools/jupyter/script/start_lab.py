# Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0
"""Starts JupyterLab with the arguments given, and stops it when the parent closes our stdin or dies."""

import os
import signal
import sys
import threading

from jupyterlab.labapp import main


def listen():
    while sys.stdin.buffer.read(1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)  # the server's way to stop: it shuts down its kernels first


threading.Thread(target=listen, daemon=True).start()
sys.exit(main())
