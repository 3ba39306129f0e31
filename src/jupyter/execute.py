"""Executes one notebook on its kernel, cell by cell, and reports each cell as a line of JSON on standard output.

usage: python -I -c EXECUTE FOLDER CELL_TIMEOUT START_TIMEOUT

The notebook comes on standard input: a line with its length in bytes, then its text; the executed one is reported at
the end. The kernel works in FOLDER. Whether a cell succeeded is for the reader of the lines to judge: the kernel
answers 'ok' to a panic. The run ends early where the kernel died or a cell ran out of time.
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

folder = sys.argv[1]
cell_timeout, start_timeout = (int(seconds) for seconds in sys.argv[2:4])

# The most characters of a cell's standard output, as many of its standard error, and of all else that it shows.
MOST = 16 << 20
# How long a cell's output may lag behind its end, on a quiet machine and on a busy one, and how long the end of the
# output is waited for, in seconds.
LAG, BUSY_LAG, LATEST = 0.03, 0.5, 5.0


def report(event, **what):
    print(json.dumps({"event": event, **what}), flush=True)


def end_with_starter():
    while os.read(0, 4096):
        pass
    group = getattr(getattr(client.km, "provisioner", None), "pgid", None)
    if group:
        os.killpg(group, signal.SIGTERM)
    os._exit(130)


def overwritten(text):
    """What is left of a text in a terminal: a carriage return takes back what its line has so far."""
    return "\n".join(line[line.rfind("\r", 0, -1) + 1 :] for line in text.split("\n"))


class Client(NotebookClient):
    """Keeps what a cell writes as a list of pieces, and not more than some of it: joining each piece to the ones
    before, as notebooks are written, takes a time that grows with the square of the output."""

    def clear_streams(self):
        self.streams = {"stdout": [], "stderr": []}
        self.kept = {}
        self.left_out = 0

    def keep(self, kind, size):
        """How many of these characters are kept."""
        kept = min(size, MOST - self.kept.get(kind, 0))
        self.kept[kind] = self.kept.get(kind, 0) + kept
        self.left_out += size - kept
        return kept

    def output(self, outs, msg, display_id, cell_index):
        content, kind = msg["content"], msg["msg_type"]
        if self.clear_before_next_output:
            self.clear_streams()
        if kind == "stream":
            kept = self.keep(content["name"], len(content["text"]))
            self.streams.setdefault(content["name"], []).append(content["text"][:kept])
            return None
        # An error is what the cell is judged by, and there is but one.
        size = 0 if kind == "error" else len(json.dumps(content, default=str))
        if self.keep("data", size) < size:
            return None
        return super().output(outs, msg, display_id, cell_index)

    def clear_output(self, outs, msg, cell_index):
        if not msg["content"].get("wait"):
            self.clear_streams()
        super().clear_output(outs, msg, cell_index)

    def finish(self, cell):
        """Puts the streams before all else, for the kernel does not keep them in step with results."""
        streams = {name: overwritten("".join(pieces)) for name, pieces in self.streams.items()}
        if self.left_out:
            streams["stdout"] += f"\n[{self.left_out} more characters of output are left out]\n"
        outputs = [nbformat.v4.new_output("stream", name=name, text=text) for name, text in streams.items() if text]
        cell.outputs = outputs + [item for item in cell.outputs if item["output_type"] != "stream"]


def lag():
    busy = hasattr(os, "getloadavg") and os.getloadavg()[0] > 1.25 * (os.cpu_count() or 1)
    return BUSY_LAG if busy else LAG


async def late_output(cell, cell_index, execute_reply):
    """The kernel forwards standard output on a thread of its own, which may lag behind its 'idle'."""
    request = execute_reply["parent_header"]["msg_id"]
    latest = time.monotonic() + LATEST
    while time.monotonic() < latest:
        try:
            message = await client.kc.get_iopub_msg(timeout=lag())
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
            executed = client.code_cells_executed
            client.clear_streams()
            try:
                await client.async_execute_cell(cell, index)
            except CellTimeoutError:
                ended = "hung"
            except DeadKernelError:
                ended = "died"
            if client.code_cells_executed > executed:  # neither empty nor tagged to be skipped
                client.finish(cell)
            report(
                "cell",
                index=index,
                seconds=time.monotonic() - started,
                ended=ended,
                outputs=cell.outputs,
                left_out=client.left_out,
            )
            if ended != "done":
                await client.km.shutdown_kernel(now=True)
                return
    report("finished", document=nbformat.writes(document))


length = int(sys.stdin.buffer.readline())
document = nbformat.reads(sys.stdin.buffer.read(length).decode(), as_version=4)
client = Client(
    document,
    timeout=cell_timeout,
    # The end of a long output comes long after the kernel's answer.
    iopub_timeout=min(cell_timeout, 60),
    startup_timeout=start_timeout,
    allow_errors=True,
    coalesce_streams=False,
    on_cell_executed=late_output,
    record_timing=False,
    resources={"metadata": {"path": folder}},
)
threading.Thread(target=end_with_starter, daemon=True).start()
asyncio.run(run())
