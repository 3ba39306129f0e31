"""Starts kernels while a spare one is there, ends their processes in every way, and prints what was seen.

usage: python spares.py PROJECT SEED    (prints one JSON object)
"""

import fcntl
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import time

import zmq
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager

project = pathlib.Path(sys.argv[1])
chance = random.Random(int(sys.argv[2]))
clones = project / "target/kernel/clones"
SET_UP = ':dep picklebook = { path = "..", default-features = false }'
# Generous: nothing takes that long unless something is wrong.
PATIENCE = 300


def wait(until, patience=PATIENCE):
    """Waits, and returns whether it has come to that."""
    end = time.monotonic() + patience
    while not (seen := until()) and time.monotonic() < end:
        time.sleep(0.02)
    return seen


class Kernel:
    """A kernel as VS Code starts it: by its registration, without anybody else who keeps spares."""

    def __init__(self, spares=0, wait=True):
        specs = KernelSpecManager(kernel_dirs=[str(project / ".venv/share/jupyter/kernels")])
        self.manager = KernelManager(kernel_name="rust", kernel_spec_manager=specs)
        self.manager.start_kernel(
            cwd=str(project / "notebooks"), env={**os.environ, "PICKLEBOOK_SPARES": str(spares)}
        )
        self.process = self.manager.provisioner.process
        if wait:
            self.connect()

    def connect(self):
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=PATIENCE)

    def run(self, code):
        """The count that each answer names, and what it said."""
        counts, said = set(), []

        def hook(message):
            content = message["content"]
            counts.update([content["execution_count"]] if "execution_count" in content else [])
            if message["msg_type"] == "stream":
                said.append(content["text"])
            elif message["msg_type"] == "error":
                said.append("\n".join(content["traceback"]))
            elif message["msg_type"] == "execute_result":
                said.append(content["data"]["text/plain"])

        reply = self.client.execute_interactive(code, output_hook=hook, timeout=PATIENCE, allow_stdin=False)
        counts.add(reply["content"]["execution_count"])
        return sorted(counts), "".join(said)

    def restart(self):
        self.client.stop_channels()
        self.manager.restart_kernel()
        self.process = self.manager.provisioner.process
        self.connect()

    def host(self):
        """The name of the folder of the kernel behind."""
        held = f"/proc/{self.process.pid}/fd"
        links = (os.readlink(f"{held}/{number}") for number in os.listdir(held))
        return next(pathlib.Path(link).parent.name for link in links if link.endswith("/user.lock"))

    def end(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel()


def spares():
    """The spares that are ready."""
    return [path.name for path in clones.glob("kernel-*") if is_spare(path)]


def is_spare(folder):
    return (folder / "spare.json").exists() and (folder / "ready.json").exists() and not (folder / "used").exists()


def processes():
    """The processes of kernels in this clone, by their command lines."""
    found = {}
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            line = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            state = (process / "stat").read_text().rpartition(")")[2].split()[0]
            there = (process / "cwd").resolve()
        except OSError:
            continue
        if state != "Z" and project in there.parents and ("evcxr_jupyter" in line or " host " in line):
            found[int(process.name)] = line
    return found


def what_is_left():
    """Waits for processes and folders to go, and returns those that do not."""
    left = lambda: sorted(processes().values()) + sorted(path.name for path in clones.iterdir())
    wait(lambda: not left(), 10)
    return left()


def answers(kernel):
    return kernel.run('println!("{}", 6 * 7);')[1]


def spare_is_taken(seen):
    """Everything of a spare that a reader could see."""
    first = Kernel(spares=1)
    seen["before"] = [first.run(code) for code in ("let a = 1;", "a")]
    wait(spares)
    spare = spares()
    second = Kernel()
    seen["is the spare"] = [second.host()] == spare
    seen["variables"] = second.run(":vars")
    seen["first cells"] = [
        second.run(code) for code in (SET_UP, 'let warm = picklebook::data::Labels::from(["L"]);', "warm.len()")
    ]
    mistake = second.run("let mistake: u8 = warm;")
    seen["mistake"] = [mistake[0], "command_5:1:" in mistake[1], "Labels" in mistake[1]]
    wait(spares)
    # Five at once: one of them may have the spare.
    at_once = [Kernel(wait=False) for _ in range(4)]
    for kernel in at_once:
        kernel.connect()
    seen["at once"] = [answers(kernel) for kernel in at_once]
    seen["hosts"] = len({kernel.host() for kernel in [first, second, *at_once]})
    for kernel in at_once:
        kernel.end()

    seen["no message"] = no_message_does_harm(second)
    second.client.execute("loop { std::thread::sleep(std::time::Duration::from_millis(5)); }")
    wait(lambda: second.client.iopub_channel.msg_ready())
    time.sleep(0.5)
    second.manager.interrupt_kernel()
    second.client.stop_channels()
    second.connect()
    seen["interrupted"] = answers(second)
    second.client.execute("loop { std::thread::sleep(std::time::Duration::from_millis(5)); }")
    time.sleep(0.5)
    second.restart()
    seen["restarted"] = second.run("40 + 2")
    seen["kept"] = first.run("a")[1]
    first.end()
    second.end()
    seen["left"] = what_is_left()


def no_message_does_harm(kernel):
    """Sends what is no message of Jupyter's, or is badly signed, on all channels that take any."""
    information = kernel.manager.get_connection_info()
    right = kernel.manager.session.serialize(kernel.manager.session.msg("kernel_info_request"))
    wrong = [
        [b"x"],
        [b"<IDS|MSG>"],
        [b"<IDS|MSG>", b"0" * 64, b"{}", b"{}", b"{}", b"{}"],
        [right[0], b"zz", *right[2:]],
        [right[0], right[1], *right[2:-1]],
        [right[0], right[1], b"[1]", *right[3:]],
        [*right[:-1], b'{"code": "' + b"x" * (8 << 20) + b'"}'],
        [b""] * 100,
    ]
    for port in ("shell_port", "control_port", "stdin_port"):
        for frames in wrong:
            with zmq.Context.instance().socket(zmq.DEALER) as socket:
                socket.linger = 1000
                socket.connect(f"tcp://{information['ip']}:{information[port]}")
                socket.send_multipart(frames)
    return answers(kernel)


def killed_at_any_moment(seen, times):
    """Kills a process of a spare or of a kernel at some moment of its start. Nothing of it may be left."""
    registration = json.loads((project / ".venv/share/jupyter/kernels/rust/kernel.json").read_text())
    command = registration["argv"][0]
    keepers = open(project / "target/kernel/keepers.lock", "a")
    left = []
    for number in range(times):
        victim = chance.choice(["spare", "its kernel", "its keeper", "passing", "host", "kernel"])
        if victim in ("passing", "host", "kernel"):
            kernel = Kernel(wait=False)
            started = [kernel.process]
        else:
            fcntl.flock(keepers, fcntl.LOCK_SH)
            arguments = [command, "host", "--starter", str(os.getpid()), "--spare"]
            environment = {**os.environ, **registration["env"]}
            quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
            started = [subprocess.Popen(arguments, cwd=project / "notebooks", env=environment, **quiet)]
        time.sleep(chance.uniform(0, 2))
        those = processes()
        hosts = [process for process, line in those.items() if " host " in line]
        kernels = [process for process, line in those.items() if "--control_file" in line]
        ended = {"spare": hosts, "host": hosts, "its kernel": kernels, "kernel": kernels}
        for process in ended.get(victim, [started[0].pid] if victim == "passing" else []):
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                pass
        fcntl.flock(keepers, fcntl.LOCK_UN)
        if victim in ("host", "kernel", "its kernel") and not ended[victim]:
            started[0].kill()  # it was too early for that
        started[0].wait(timeout=60)
        remains = [line for line in what_is_left() if not line.startswith("kernel-")]
        left += [f"{number}: {victim} killed: {line}" for line in remains]
        if victim in ("passing", "host", "kernel"):
            kernel.manager.cleanup_resources()
    seen["left of the killed"] = left
    # A host that was killed itself could not remove its folder: the next kernel does.
    last = Kernel()
    seen["after all"] = answers(last)
    last.end()
    seen["left at the end"] = what_is_left()


seen = {}
spare_is_taken(seen)
killed_at_any_moment(seen, 50)
print(json.dumps(seen))
