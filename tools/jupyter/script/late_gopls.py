# Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0
"""Stands in for gopls until that is built: late_gopls.py GOPLS -listen unix;SOCKET.

GoNB starts gopls once, when a kernel starts, and connects to it. This program answers its requests with nothing at
first, remembers the notifications (which files there are, and what is in them), and when GOPLS is there tells it all
of that and hands everything through in both directions.
"""

import asyncio
import json
import os
import sys

program, address = sys.argv[1], sys.argv[sys.argv.index("-listen") + 1].partition(";")[2]


async def receive(reader):
    """The next message as it came and its content, or None at the end."""
    head = await reader.readuntil(b"\r\n\r\n")
    size = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    body = await reader.readexactly(size)
    return head + body, json.loads(body)


def packed(message):
    body = json.dumps(message).encode()
    return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)


async def copy(reader, writer):
    while data := await reader.read(1 << 16):
        writer.write(data)
        await writer.drain()


async def serve(reader, writer):
    start, told = None, []
    try:
        waiting = asyncio.ensure_future(receive(reader))
        while not os.access(program, os.X_OK):
            done, _ = await asyncio.wait([waiting], timeout=0.5)
            if not done:
                continue
            raw, message = waiting.result()
            waiting = asyncio.ensure_future(receive(reader))
            if "id" not in message:
                told.append(raw)
                continue
            if message["method"] == "initialize":
                start = raw
                answer = {"capabilities": {}}
            else:
                answer = None
            writer.write(packed({"jsonrpc": "2.0", "id": message["id"], "result": answer}))
        gopls = await asyncio.create_subprocess_exec(program, "serve", stdin=asyncio.subprocess.PIPE,
                                                     stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL)
        if start:
            gopls.stdin.write(start)
            while "method" in (await receive(gopls.stdout))[1]:
                pass  # up to its answer, which has been given already
            gopls.stdin.writelines(told)
        down = asyncio.ensure_future(copy(gopls.stdout, writer))
        gopls.stdin.write((await waiting)[0])
        await copy(reader, gopls.stdin)
        down.cancel()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass  # the kernel has ended
    os._exit(0)  # gopls ends with its stdin


async def main():
    server = await asyncio.start_unix_server(serve, address)
    await server.serve_forever()


asyncio.run(main())
