"""Starts several kernels in a copy of the project, edits the copy's source between them, and prints what they said.

usage: python kernels.py PROJECT COPY    (prints one JSON object)
"""

import json
import os
import pathlib
import signal
import sys
import time

from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager
from project_copy import make_copy

project, copy = (pathlib.Path(path) for path in sys.argv[1:])
KIND = 'println!("{}", picklebook::data::Labels::from(["a"]).kind());'
# Seconds, for what may wait for the crate to be compiled beside other tests.
PATIENCE = 900
SET_UP = ':dep picklebook = { path = "..", default-features = false }'


class Kernel:
    def __init__(self):
        specs = KernelSpecManager(kernel_dirs=[str(copy / ".venv/share/jupyter/kernels")])
        self.manager = KernelManager(kernel_name="rust", kernel_spec_manager=specs)
        self.manager.start_kernel(cwd=str(copy / "notebooks"))
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=PATIENCE)

    def run(self, code):
        said = []

        def hook(message):
            content = message["content"]
            if message["msg_type"] == "stream":
                said.append(content["text"])
            elif message["msg_type"] == "error":
                said.append("\n".join(content["traceback"]))

        self.client.execute_interactive(code, output_hook=hook, timeout=PATIENCE, allow_stdin=False)
        time.sleep(0.2)  # a line may come after the kernel's 'idle'
        while self.client.iopub_channel.msg_ready():
            hook(self.client.get_iopub_msg())
        return "".join(said)

    def end(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel()

    def kill(self):
        self.client.stop_channels()
        os.killpg(self.manager.provisioner.pgid, signal.SIGKILL)
        self.manager.shutdown_kernel(now=True)


def clones():
    return sorted(path.name for path in (copy / "target/kernel/clones").iterdir() if path.is_dir())


def clones_left():
    """The clones that do not go soon after their kernels."""
    end = time.monotonic() + 10
    while clones() and time.monotonic() < end:
        time.sleep(0.05)
    return clones()


make_copy(project, copy, notebooks=[])
seen = {}
old = Kernel()
seen["old set-up"] = old.run(SET_UP)
seen["old"] = old.run(KIND)

labels = copy / "src/data/labels.rs"
edited = labels.read_text().replace('=> "text",', '=> "words",')
labels.unlink()
labels.write_text(edited)
new = Kernel()
seen["clones of two"] = len(clones())
seen["new set-up"] = new.run(SET_UP)
seen["new"] = new.run(KIND)
seen["old again"] = old.run(KIND)
old.end()
new.end()
seen["clones at the end"] = clones_left()

killed = Kernel()
killed.kill()
seen["clones of the killed"] = len(clones_left())
last = Kernel()
seen["clones after a new start"] = len(clones())
last.end()
seen["clones at the very end"] = clones_left()
print(json.dumps(seen))
