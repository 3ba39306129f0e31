"""Interrupts a kernel while it compiles, while it runs and while it does nothing, and prints what it said.

usage: python interrupts.py PROJECT    (prints one JSON object)
"""

import json
import os
import pathlib
import sys
import time

from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager

project = pathlib.Path(sys.argv[1])
# Generous: nothing takes that long unless something is wrong.
PATIENCE = 300
# So large that its compilation takes a while.
LARGE = "".join(f"fn f{n}(x: u64) -> Vec<String> {{ (0..x).map(|i| format!(\"{{i}} {n}\")).collect() }}\n" for n in range(3000))


class Kernel:
    def __init__(self):
        specs = KernelSpecManager(kernel_dirs=[str(project / ".venv/share/jupyter/kernels")])
        self.manager = KernelManager(kernel_name="rust", kernel_spec_manager=specs)
        self.manager.start_kernel(cwd=str(project / "notebooks"))
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=PATIENCE)

    def run(self, code, interrupt=None):
        """Runs a cell and returns what it said; interrupts it as soon as `interrupt` says so."""
        request, said = self.client.execute(code, allow_stdin=False), []
        started, interrupted = time.monotonic(), interrupt is None
        while time.monotonic() - started < PATIENCE:
            if not interrupted and interrupt(said):
                interrupted = True
                self.manager.interrupt_kernel()
            if not self.client.iopub_channel.msg_ready():
                time.sleep(0.02)
                continue
            message = self.client.get_iopub_msg()
            content = message["content"]
            if message["parent_header"].get("msg_id") != request:
                continue
            if message["msg_type"] == "stream":
                said.append(content["text"])
            elif message["msg_type"] == "error":
                said.append(content["ename"] + ": " + "\n".join(content["traceback"]))
            elif message["msg_type"] == "execute_result":
                said.append(content["data"]["text/plain"])
            elif content.get("execution_state") == "idle":
                return "".join(said)
        raise TimeoutError(code)


def compiles(kernel):
    """Whether a compiler is at work in the kernel's folder."""
    held = f"/proc/{kernel.manager.provisioner.process.pid}/fd"
    links = (os.readlink(f"{held}/{number}") for number in os.listdir(held))
    own = os.path.dirname(next(link for link in links if link.endswith("/user.lock")))
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            line = (process / "cmdline").read_bytes().decode(errors="replace")
            folder = str((process / "cwd").resolve())
        except OSError:
            continue
        if "rustc" in line.split("\0")[0] and folder.startswith(own):
            return True
    return False


kernel = Kernel()
seen = {}
kernel.run("let kept = 41 + 1;\nfn add(x: i32) -> i32 { x + 1 }")
time.sleep(1)  # as a reader does it, not in the same moment as they run the next cell
kernel.manager.interrupt_kernel()
time.sleep(1)
seen["idle"] = kernel.run('println!("{kept}");')
seen["compiled"] = kernel.run(LARGE, interrupt=lambda said: compiles(kernel))
seen["after the compiler's end"] = kernel.run('println!("{kept}");')
forever = 'println!("runs");\nloop { std::thread::sleep(std::time::Duration::from_millis(5)); }'
seen["ran"] = kernel.run(forever, interrupt=lambda said: said)
seen["a variable"] = kernel.run('println!("{kept}");')
seen["a function"] = kernel.run('println!("{}", add(41));')
seen["aborted"] = kernel.run("std::process::abort();")
seen["after all"] = kernel.run('println!("{}", 6 * 7);')
kernel.client.stop_channels()
kernel.manager.shutdown_kernel()
print(json.dumps(seen))
