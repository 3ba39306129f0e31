"""Executes one notebook on its kernel, cell by cell, and reports each cell as a line of JSON on standard output.

usage: python execute.py NOTEBOOK OUTPUT FOLDER CELL_TIMEOUT START_TIMEOUT

NOTEBOOK is read, never written; its executed copy goes to OUTPUT; the kernel works in FOLDER. Whether a cell succeeded
is for the reader of the lines to judge: the kernel answers 'ok' to a panic. The run ends early where the kernel died or
a cell ran out of time.
When standard input closes (the process that started this one is gone), the kernel is shut down and the run ends.
"""

import asyncio
import json
import os
import queue
import signal
import sys
import threading
import time

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError

notebook, output, folder = sys.argv[1:4]
cell_timeout, start_timeout = (int(seconds) for seconds in sys.argv[4:6])


def report(event, **what):
    print(json.dumps({"event": event, **what}), flush=True)


def end_with_starter():
    while os.read(0, 4096):
        pass
    group = getattr(getattr(client.km, "provisioner", None), "pgid", None)
    if group:
        os.killpg(group, signal.SIGTERM)
    os._exit(130)


async def late_output(cell, cell_index, execute_reply):
    """The kernel forwards standard output on a thread of its own, which may lag behind its 'idle'."""
    request = execute_reply["parent_header"]["msg_id"]
    while True:
        try:
            message = await client.kc.get_iopub_msg(timeout=0.03)
        except queue.Empty:
            return
        if message["parent_header"].get("msg_id") == request:
            client.process_message(message, cell, cell_index)


async def run():
    started = time.monotonic()
    async with client.async_setup_kernel():
        report("started", seconds=time.monotonic() - started)
        for index, cell in enumerate(document.cells):
            if cell.cell_type != "code":
                continue
            started, ended = time.monotonic(), "done"
            try:
                await client.async_execute_cell(cell, index)
            except CellTimeoutError:
                ended = "hung"
            except DeadKernelError:
                ended = "died"
            # Streams first: the kernel does not keep them in step with results.
            cell.outputs.sort(key=lambda item: item["output_type"] != "stream")
            report("cell", index=index, seconds=time.monotonic() - started, ended=ended, outputs=cell.outputs)
            if ended != "done":
                await client.km.shutdown_kernel(now=True)
                return
    nbformat.write(document, output)
    report("finished")


document = nbformat.read(notebook, as_version=4)
client = NotebookClient(
    document,
    timeout=cell_timeout,
    startup_timeout=start_timeout,
    allow_errors=True,
    coalesce_streams=True,
    on_cell_executed=late_output,
    record_timing=False,
    resources={"metadata": {"path": folder}},
)
threading.Thread(target=end_with_starter, daemon=True).start()
asyncio.run(run())
