"""Processes that are killed at any moment: nothing of them is left, and whoever runs goes on."""

import json
import os
import signal
import time

from .project import wait

TIMES = 50
VICTIMS = ("spare's host", "spare's kernel", "keeper", "passing", "host", "kernel")


class Notebook:
    """A notebook that runs all the time: it counts, and every answer must be the next number."""

    def __init__(self, kernel):
        self.kernel, self.number = kernel, 0
        kernel.run("n = 0")

    def ask(self):
        """A cell that takes its time; what happens meanwhile must not reach it."""
        return self.kernel.client.execute("n += 1\nfor _ in range(20): print(n); time.sleep(0.01)\nn")

    def wrong(self, request):
        """What is wrong with the answer: each line of it was promised."""
        self.number += 1
        seen, idle = [], False
        while not idle:
            message = self.kernel.client.get_iopub_msg(timeout=60)
            if message["parent_header"].get("msg_id") == request:
                content = message["content"]
                seen += [content["text"].strip()] if message["msg_type"] == "stream" else []
                seen += [content["data"]["text/plain"]] if message["msg_type"] == "execute_result" else []
                idle = content.get("execution_state") == "idle"
        reply = self.kernel.client.get_shell_msg(timeout=60)["content"]
        if seen != [str(self.number)] * 20 or reply["status"] != "ok":
            return [f"the notebook's answer {self.number}: {seen}, {reply}"]
        return []


def kills_at_any_moment(project, chance):
    """Fifty times one process is killed, also while a cell runs, on each side."""
    wrong = []
    reader = project.kernel(spares=0)
    reader.run("import time")
    notebook = Notebook(reader)
    for number in range(TIMES):
        victim = chance.choice(VICTIMS)
        project.set_slow(chance.choice([0, 0.05]))
        keeper = project.kernel(spares=1)
        is_running = chance.random() < 0.7
        other = project.kernel(wait=is_running)
        if is_running:  # with a program that a cell has started, too
            other.client.execute("import subprocess\nsubprocess.run(['sleep', '1000'])")
        request = notebook.ask()
        time.sleep(chance.uniform(0, 0.6))
        before = f"{number}: {victim} killed, other is running: {is_running}"
        targets = {
            "spare's host": lambda: hosts_of(project, project.spares() + project.coming()),
            "spare's kernel": lambda: kernels_of(project, project.spares()),
            "keeper": lambda: [keeper.process.pid],
            "passing": lambda: [other.process.pid],
            "host": lambda: hosts_of(project, host_of(other)),
            "kernel": lambda: kernels_of(project, host_of(other)),
        }
        for process in targets[victim]():
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                pass
        wrong += [f"{before}: {what}" for what in notebook.wrong(request)]
        # The kernel's own end is told: its process ends.
        if victim in ("host", "kernel") and is_running and not wait(lambda: other.process.poll() is not None, 20):
            wrong.append(f"{before}: the process that passes messages is still there")
        # Whoever keeps spares has one again, or will have; then all but the notebook go.
        for kernel in (keeper, other):
            if kernel.process.poll() is None:
                kernel.process.send_signal(chance.choice([signal.SIGKILL, signal.SIGTERM]))
            kernel.process.wait()
        allowed = {reader.process.pid, reader.kernel_process(), host_process(project, reader.host())}
        allowed_folders = {reader.host(), f"{reader.host()}.lock"}

        def left():
            lines = [line for process, line in project.processes().items() if process not in allowed]
            return lines + [path.name for path in project.clones.iterdir() if path.name not in allowed_folders]

        # A host that was killed leaves its folder where nobody is left who could remove it: the
        # next kernel does.
        gone = wait(lambda: not [what for what in left() if not what.startswith("kernel-")], 15)
        if not gone:
            wrong.append(f"{before}: left: {left()}")
        for kernel in (keeper, other):
            kernel.end()
            project.started.remove(kernel)
        sweeper = project.kernel()
        sweeper.end()
        project.started.remove(sweeper)
        if not wait(lambda: not left(), 15):
            wrong.append(f"{before}: left after the next kernel: {left()}")
        if wrong:
            break
    return wrong


def host_of(kernel):
    try:
        return [kernel.host()]
    except (OSError, StopIteration):
        return []


def host_process(project, name):
    return int(name.removeprefix("kernel-"))


def hosts_of(project, names):
    return [host_process(project, name) for name in names]


def kernels_of(project, names):
    found = []
    for name in names:
        try:
            found.append(json.loads((project.clones / name / "ready.json").read_text())["process"])
        except OSError:
            pass
    return found


def a_killed_host_leaves_nothing(project, chance):
    """Neither the program that a cell has started, nor the folder, though nobody starts another kernel."""
    wrong = []
    for victim in ("host", "kernel"):
        kernel = project.kernel()
        kernel.client.execute("import subprocess\nsubprocess.run(['sleep', '1000'])")
        if not wait(lambda: "sleep 1000" in project.processes().values()):
            return ["the cell does not run"]
        name = kernel.host()
        process = host_process(project, name) if victim == "host" else kernel.kernel_process()
        os.kill(process, signal.SIGKILL)
        if kernel.process.wait(20) == 0:
            wrong.append(f"{victim} killed: exit code 0")
        wrong += [f"{victim} killed: left: {what}" for what in project.left()]
    return wrong


def a_killed_spare_is_replaced(project, chance):
    """More often than a keeper tries where none comes up."""
    wrong = []
    keeper = project.kernel(spares=1)
    for number in range(5):
        spare = project.one_spare()
        time.sleep(0.7)  # the keeper has seen that it came up
        victims = hosts_of(project, [spare]) if number % 2 else kernels_of(project, [spare])
        os.kill(victims[0], signal.SIGKILL)
        if not wait(lambda: spare not in project.hosts()):
            wrong.append(f"the folder of {spare} is still there")
    project.one_spare()
    if keeper.run("1") != ([1], "1"):
        wrong.append("the keeper does not answer")
    return wrong


CHECKS = [a_killed_host_leaves_nothing, a_killed_spare_is_replaced, kills_at_any_moment]
