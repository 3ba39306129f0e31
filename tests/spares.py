"""Starts kernels while a spare one is there, ends their processes in every way, and prints what was seen.

usage: python spares.py PROJECT SEED PART    (prints one JSON object)
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

    def __init__(self, spares=0, wait=True, folder="notebooks"):
        specs = KernelSpecManager(kernel_dirs=[str(project / ".venv/share/jupyter/kernels")])
        self.manager = KernelManager(kernel_name="rust", kernel_spec_manager=specs)
        self.manager.start_kernel(
            cwd=str(project / folder), env={**os.environ, "PICKLEBOOK_SPARES": str(spares)}
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

    def group(self):
        """The process of the kernel behind, which leads the group of all that it starts."""
        return json.loads((clones / self.host() / "ready.json").read_text())["process"]

    def lines_of(self, request):
        """The lines that the cell of a request has printed, when it has ended."""
        lines, idle = [], False
        while not idle:
            message = self.client.get_iopub_msg(timeout=PATIENCE)
            if message["parent_header"].get("msg_id") == request:
                lines += message["content"].get("text", "").splitlines()
                idle = message["content"].get("execution_state") == "idle"
        self.client.get_shell_msg(timeout=PATIENCE)
        # The kernel passes output on in a thread of its own, which may lag behind.
        end = time.monotonic() + 1
        while len(lines) < 5 and time.monotonic() < end:
            if self.client.iopub_channel.msg_ready():
                lines += self.client.get_iopub_msg()["content"].get("text", "").splitlines()
            time.sleep(0.01)
        return lines

    def end(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel()


def spares():
    """The spares that are ready."""
    return [path.name for path in clones.glob("kernel-*") if is_spare(path)]


def one_spare():
    """The spares as soon as one is ready: there is but one."""
    wait(spares)
    assert len(spares()) == 1, f"spares: {spares()}"
    return spares()


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


def what_is_left(but=lambda process: False, folders=True):
    """Waits for processes and folders to go, and returns those that do not."""

    def left():
        lines = sorted(line for process, line in processes().items() if not but(process))
        return lines + (sorted(path.name for path in clones.iterdir()) if folders else [])

    wait(lambda: not left(), 10)
    return left()


def answers(kernel):
    return kernel.run('println!("{}", 6 * 7);')[1]


def spare_is_taken(seen):
    """Everything of a spare that a reader could see."""
    first = Kernel(spares=1)
    seen["before"] = [first.run(code) for code in ("let a = 1;", "a")]
    spare = one_spare()
    second = Kernel()
    seen["is the spare"] = [second.host()] == spare
    seen["variables"] = second.run(":vars")
    seen["first cells"] = [
        second.run(code) for code in (SET_UP, 'let warm = picklebook::data::Labels::from(["L"]);', "warm.len()")
    ]
    mistake = second.run("let mistake: u8 = warm;")
    seen["mistake"] = [mistake[0], "command_5:1:" in mistake[1], "Labels" in mistake[1]]
    # In the folder of solutions it would be another kernel.
    one_spare()
    elsewhere = Kernel(folder="notebooks/solutions")
    seen["elsewhere"] = [elsewhere.run("std::env::current_dir()?.ends_with(\"solutions\")")[1], len(spares())]
    elsewhere.end()
    # Two and five at once: one of them has the spare.
    for number, name in ((2, "two at once"), (5, "five at once")):
        one_spare()
        at_once = [Kernel(wait=False) for _ in range(number)]
        for kernel in at_once:
            kernel.connect()
        seen[name] = [answers(kernel) for kernel in at_once]
        seen[f"hosts of {name}"] = len({kernel.host() for kernel in [first, second, *at_once]})
        for kernel in at_once:
            kernel.end()
    seen["no message"] = no_message_does_harm(second)
    second.client.execute("loop { std::thread::sleep(std::time::Duration::from_millis(5)); }")
    time.sleep(1)
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
    """Kills a process of a spare or of a kernel at some moment of its start, while a notebook runs. Nothing of it may be
    left, and no answer of the notebook's may be missing."""
    registration = json.loads((project / ".venv/share/jupyter/kernels/rust/kernel.json").read_text())
    command = registration["argv"][0]
    keepers = open(project / "target/kernel/keepers.lock", "a")
    notebook = Kernel()
    notebook.run("let mut n = 0_u32;")
    own = set(processes())
    group = notebook.group()

    def is_notebooks(process):
        """Its own processes, and the compilers that it starts."""
        try:
            return process in own or os.getpgid(process) == group
        except ProcessLookupError:
            return True

    left, wrong_answers = [], []
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
        begun = time.monotonic()
        moment = chance.uniform(0, 2)
        request = notebook.client.execute('n += 1; for _ in 0..5 { println!("{n}"); }')
        time.sleep(max(0.0, begun + moment - time.monotonic()))
        those = {process: line for process, line in processes().items() if not is_notebooks(process)}
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
        if (said := notebook.lines_of(request)) != [str(number + 1)] * 5:
            wrong_answers.append(f"{number}: {victim} killed after {moment:.2f} s: {said}")
        remains = what_is_left(is_notebooks, folders=False)
        left += [f"{number}: {victim} killed after {moment:.2f} s: {line}" for line in remains]
        if victim in ("passing", "host", "kernel"):
            kernel.manager.cleanup_resources()
    seen["wrong answers"], seen["left of the killed"] = wrong_answers, left
    # A host that was killed itself could not remove its folder: the next kernel does.
    last = Kernel()
    seen["after all"] = answers(last)
    last.end()
    notebook.end()
    seen["left at the end"] = what_is_left()


def killed_while_a_cell_runs(seen):
    """Whatever is killed: the cell does not run on by itself, and no folder is left."""
    seen["left"] = {}
    for victim in ("passing", "host", "kernel"):
        kernel = Kernel()
        kernel.client.execute("loop { std::thread::sleep(std::time::Duration::from_millis(5)); }")
        time.sleep(chance.uniform(1, 2))
        name = kernel.host()
        process = {"passing": kernel.process.pid, "host": int(name.removeprefix("kernel-")), "kernel": kernel.group()}
        os.kill(process[victim], signal.SIGKILL)
        seen["left"][victim] = what_is_left()
        kernel.client.stop_channels()
        kernel.process.wait(timeout=60)
        kernel.manager.cleanup_resources()


seen = {}
parts = {
    "like a new one": spare_is_taken,
    "killed at any moment": lambda seen: killed_at_any_moment(seen, 50),
    "killed while a cell runs": killed_while_a_cell_runs,
}
parts[sys.argv[3]](seen)
print(json.dumps(seen))
