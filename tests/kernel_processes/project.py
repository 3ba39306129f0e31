"""A small project with a kernel that stands in for the real one, and kernels that are started as VS Code starts them."""

import contextlib
import fcntl
import json
import os
import pathlib
import queue
import shutil
import signal
import subprocess
import sys
import time

from jupyter_client import BlockingKernelClient
from jupyter_client.connect import write_connection_file

# Generous: nothing takes that long unless something is wrong.
PATIENCE = 60
HERE = pathlib.Path(__file__).parent


def wait(until, patience=PATIENCE):
    """Waits, and returns what it has come to."""
    end = time.monotonic() + patience
    while not (seen := until()) and time.monotonic() < end:
        time.sleep(0.01)
    return seen


class Project:
    """A folder that counts as a clone in which all is set up."""

    def __init__(self, folder, command):
        self.root = folder / "project"
        for made in ("notebooks/solutions", "src", "data", ".venv/bin", "target/kernel"):
            (self.root / made).mkdir(parents=True)
        (self.root / "Cargo.toml").write_text('[package]\nname = "picklebook"\n')
        (self.root / "Cargo.lock").write_text("version = 4\n")
        (self.root / "src/lib.rs").write_text("")
        (self.root / "data/table.csv").write_text("a,b\n")
        self.command = self.root / ".venv/bin/picklebook"
        shutil.copy2(command, self.command)
        self.registration = self.root / ".venv/share/jupyter/kernels/rust/kernel.json"
        self.registration.parent.mkdir(parents=True)
        argv = [str(self.command), "kernel", "{connection_file}"]
        self.registration.write_text(json.dumps({"argv": argv, "env": {"PICKLEBOOK_RUST_LIBRARIES": "/nowhere"}}))
        self.clones = self.root / "target/kernel/clones"
        self.keepers = self.root / "target/kernel/keepers.lock"
        self.connections = folder / "connections"
        self.connections.mkdir()
        self.slow = folder / "slow.txt"
        self.set_slow(0)
        programs = folder / "programs"
        programs.mkdir()
        self.rustc_says = folder / "rustc.txt"
        self.rustc_says.write_text("rustc 1.95.0\n")
        rustc = programs / "rustc"
        rustc.write_text(f'#!/bin/sh\nexec cat "{self.rustc_says}"\n')
        rustc.chmod(0o755)
        self.stand_in = folder / "cache/picklebook/evcxr_jupyter-0.22.0/bin/evcxr_jupyter"
        self.stand_in.parent.mkdir(parents=True)
        self.replace_stand_in(f"#!{sys.executable}\n{(HERE / 'stand_in.py').read_text()}")
        # What every kernel gets a copy of.
        (self.root / "target/kernel/warm").mkdir()
        (self.root / "target/kernel/warm/crate.d").write_text("dependencies")
        own = {name: value for name, value in os.environ.items() if not name.startswith("PICKLEBOOK_")}
        self.environment = own | {
            "XDG_CACHE_HOME": str(folder / "cache"),
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "STAND_IN_SLOW": str(self.slow),
        }
        self.started = []

    def replace_stand_in(self, text):
        """The kernel's program is another one from now on."""
        new = self.stand_in.with_suffix(".new")
        new.write_text(text)
        new.chmod(0o755)
        new.replace(self.stand_in)

    def set_slow(self, seconds):
        """Lets the kernels take that long for each cell."""
        new = self.slow.with_suffix(".new")
        new.write_text(str(seconds))
        new.replace(self.slow)

    def kernel(self, **options):
        kernel = Kernel(self, **options)
        self.started.append(kernel)
        return kernel

    @contextlib.contextmanager
    def kept(self):
        """Meanwhile somebody keeps spares, and does not start any."""
        with open(self.keepers, "a") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH)
            yield

    def hosts(self, is_one=lambda folder: True):
        """The names of the folders of kernels."""
        folders = [path for path in self.clones.glob("kernel-*") if path.is_dir()]
        return sorted(path.name for path in folders if is_one(path))

    def spares(self):
        """Those that are ready."""
        return self.hosts(lambda folder: is_spare(folder) and (folder / "ready.json").exists())

    def coming(self):
        """Those that are being started."""
        return self.hosts(lambda folder: is_spare(folder) and not (folder / "ready.json").exists())

    def one_spare(self):
        """The one that is ready, as soon as it is."""
        spares = wait(self.spares)
        assert len(spares) == 1, f"spares: {spares}, coming: {self.coming()}"
        return spares[0]

    def processes(self):
        """The processes of kernels in this project, by their command lines."""
        found = {}
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                line = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
                state = (process / "stat").read_text().rpartition(")")[2].split()[0]
                there = (process / "cwd").resolve()
            except OSError:
                continue
            if state != "Z" and (self.root in there.parents or str(self.root.parent) in line.split(" ")[0]):
                found[int(process.name)] = line
        found.pop(os.getpid(), None)
        return found

    def sockets(self):
        """The files that are sockets: there are to be none."""
        folders = os.walk(self.root.parent)  # what goes meanwhile is passed over
        paths = (pathlib.Path(folder, name) for folder, _, names in folders for name in names)
        return [str(path) for path in paths if path.is_socket()]

    def left(self):
        """What is left of kernels. Waits for it to go."""
        left = lambda: (
            sorted(self.processes().values())
            + (sorted(path.name for path in self.clones.iterdir()) if self.clones.exists() else [])
            + self.sockets()
        )
        wait(lambda: not left(), 15)
        return left()

    def end(self):
        """Ends what a check has left running. Returns what then is left."""
        for kernel in self.started:
            kernel.end()
        self.started.clear()
        self.set_slow(0)
        return self.left()


def is_spare(folder):
    return (folder / "spare.json").exists() and not (folder / "used").exists()


class Kernel:
    """A kernel that is started by its registration's command alone, as VS Code does it."""

    def __init__(self, project, spares=0, folder="notebooks", wait=True, variables=None):
        self.project = project
        registration = json.loads(project.registration.read_text())
        number = len(list(project.connections.iterdir()))
        self.file = str(project.connections / f"connection {number}.json")
        write_connection_file(self.file)
        self.argv = [part.format(connection_file=self.file) for part in registration["argv"]]
        self.folder = project.root / folder
        own = {name: value for name, value in {"PICKLEBOOK_SPARES": spares}.items() if value is not None}
        self.environment = project.environment | registration["env"] | {name: str(own[name]) for name in own}
        self.environment |= variables or {}
        self.client = None
        self.launch()
        if wait:
            self.connect()

    def launch(self):
        self.process = subprocess.Popen(
            self.argv,
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def connect(self):
        self.client = BlockingKernelClient(connection_file=self.file)
        self.client.load_connection_file()
        self.client.start_channels()
        self.client.hb_channel.unpause()
        # Not `wait_for_ready`: it gives up after a second without a heartbeat, which a busy machine may need.
        while True:
            request = self.client.kernel_info()
            while self.client.get_shell_msg(timeout=PATIENCE)["parent_header"]["msg_id"] != request:
                pass
            # What is published arrives, too, or it is too early for that.
            if self.is_heard(0.5):
                while self.is_heard(0.2):
                    pass
                return

    def is_heard(self, seconds):
        try:
            self.client.get_iopub_msg(timeout=seconds)
            return True
        except queue.Empty:
            return False

    def run(self, code, **options):
        """The count that each answer names, and what it said."""
        counts, said = set(), []

        def hook(message):
            content = message["content"]
            counts.update([content["execution_count"]] if "execution_count" in content else [])
            if message["msg_type"] == "stream":
                said.append(content["text"])
            elif message["msg_type"] == "error":
                said.append("".join(content["traceback"]))
            elif message["msg_type"] == "execute_result":
                said.append(content["data"]["text/plain"])

        options = {"timeout": PATIENCE, "allow_stdin": False} | options
        reply = self.client.execute_interactive(code, output_hook=hook, **options)
        counts.add(reply["content"]["execution_count"])
        return sorted(counts), "".join(said)

    def host(self):
        """The name of the folder of the kernel behind."""
        held = pathlib.Path(f"/proc/{self.process.pid}/fd")
        links = (os.readlink(held / number) for number in os.listdir(held))
        return next(pathlib.Path(link).parent.name for link in links if link.endswith("/user.lock"))

    def kernel_process(self):
        """The process of the kernel behind."""
        return json.loads((self.project.clones / self.host() / "ready.json").read_text())["process"]

    def interrupt(self):
        self.client.control_channel.send(self.client.session.msg("interrupt_request", {}))
        return self.client.get_control_msg(timeout=PATIENCE)

    def shut_down(self, restart=False):
        """Asks it to end, and returns the exit code."""
        self.client.shutdown(restart)
        return self.process.wait(PATIENCE)

    def restart(self):
        """Ends and starts it on the same ports, as every front end does it."""
        code = self.shut_down(restart=True)
        self.client.stop_channels()
        self.process.stderr.close()
        self.launch()
        self.connect()
        return code

    def ports(self):
        with open(self.file) as file:
            return json.load(file)

    def end(self):
        if self.client is not None:
            self.client.stop_channels()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(PATIENCE)
        self.process.stderr.close()
