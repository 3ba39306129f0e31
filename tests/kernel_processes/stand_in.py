"""Stands in for evcxr_jupyter: it is there in a moment and runs cells as Python, and is as easily put off as the real one.

usage: stand_in.py --control_file CONNECTION_FILE

As the real one it counts cells from 2, stops to read where a message is badly signed or is none, waits for those who
listen to what it publishes, and works in a process group that it leads.
"""

import hashlib
import hmac
import json
import os
import pathlib
import re
import signal
import sys
import threading
import time
import traceback
import uuid

import zmq

connection = json.loads(pathlib.Path(sys.argv[sys.argv.index("--control_file") + 1]).read_text())
# How long each cell takes beside its work, in seconds; a test says it.
slow = pathlib.Path(os.environ["STAND_IN_SLOW"])
key = connection["key"].encode()
context = zmq.Context()
publishing = threading.Lock()
running = threading.Event()


def socket(kind, port, **options):
    bound = context.socket(kind)
    for name, value in options.items():
        bound.setsockopt(getattr(zmq, name), value)
    bound.bind(f"tcp://{connection['ip']}:{connection[port]}")
    return bound


def read(channel):
    """A message: those who sent it, its header and its content. The real kernel reads no more after a bad one."""
    frames = channel.recv_multipart()
    at = frames.index(b"<IDS|MSG>")
    signature, *parts = frames[at + 1 :]
    assert hmac.compare_digest(signature, sign(parts[:4])), "badly signed"
    header, _, _, content = map(json.loads, parts[:4])
    return frames[:at], header, content


def sign(parts):
    return hmac.new(key, b"".join(parts), hashlib.sha256).hexdigest().encode()


def send(channel, names, kind, parent, content):
    header = {"msg_id": uuid.uuid4().hex, "msg_type": kind, "session": "stand-in", "username": "kernel"}
    header |= {"date": "2026-01-01T00:00:00Z", "version": "5.3"}
    parts = [json.dumps(part).encode() for part in (header, parent, {}, content)]
    channel.send_multipart([*names, b"<IDS|MSG>", sign(parts), *parts])


def publish(kind, parent, content):
    with publishing:
        send(published, [], kind, parent, content)


class Printed:
    """Standard output of the cells: each line is published as it is written."""

    def __init__(self, parent):
        self.parent, self.rest = parent, ""

    def write(self, text):
        *lines, self.rest = (self.rest + text).split("\n")
        for line in lines:
            publish("stream", self.parent, {"name": "stdout", "text": line + "\n"})

    def flush(self):
        pass


class Cells:
    def __init__(self):
        self.count = 1
        self.variables = {}

    def execute(self, names, header, content):
        """Runs a cell, and returns the answer."""
        self.count += 1
        code = content["code"]
        publish("execute_input", header, {"execution_count": self.count, "code": code})
        time.sleep(float(slow.read_text()))
        self.variables["input"] = lambda prompt: ask(names, header, prompt)
        status, result, sys.stdout = "ok", None, Printed(header)
        try:
            running.set()
            result = self.run(code)
        except (Exception, KeyboardInterrupt) as error:
            status, place = "error", f"[command_{self.count}:1:5]"
            lines = ["".join(traceback.format_exception_only(error)), place]
            publish("error", header, {"ename": "Error", "evalue": str(error), "traceback": lines})
        finally:
            running.clear()
            sys.stdout = sys.__stdout__
        if result is not None:
            data = {"data": {"text/plain": result}, "metadata": {}, "execution_count": self.count}
            publish("execute_result", header, data)
        return {"status": status, "execution_count": self.count}

    def run(self, code):
        """The value of a cell that is an expression, as text. What a spare runs is no Python."""
        if code.startswith(":dep "):
            return None
        if code == ":vars":
            return "\n".join(sorted(self.variables.keys() - {"input", "__builtins__"}))
        if bound := re.fullmatch(r"let (\w+) = (.*);", code):
            self.variables[bound[1]] = bound[2]
            return None
        if dropped := re.fullmatch(r"drop\((\w+)\);", code):
            del self.variables[dropped[1]]
            return None
        try:
            expression = compile(code, "cell", "eval")
        except SyntaxError:
            exec(compile(code, "cell", "exec"), self.variables)
            return None
        value = eval(expression, self.variables)
        return None if value is None else repr(value)


def ask(names, header, prompt):
    send(asked, names, "input_request", header, {"prompt": prompt, "password": False})
    return read(asked)[2]["value"]


def serve_control():
    while True:
        names, header, content = read(control)
        kind, reply = header["msg_type"], {"status": "ok"}
        if kind not in ("interrupt_request", "shutdown_request"):
            continue
        if kind == "interrupt_request" and running.is_set():
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
        if kind == "shutdown_request":
            reply["restart"] = content["restart"]
        send(control, names, kind.replace("request", "reply"), header, reply)
        if kind == "shutdown_request":
            time.sleep(0.05)  # the answer is on its way
            os._exit(0)


def serve_heartbeat():
    while True:
        heartbeat.send(heartbeat.recv())


def serve_shell():
    cells = Cells()
    while True:
        try:
            names, header, content = read(shell)
        except KeyboardInterrupt:
            continue  # it came late
        publish("status", header, {"execution_state": "busy"})
        kind = header["msg_type"]
        if kind == "kernel_info_request":
            information = {"status": "ok", "protocol_version": "5.3", "implementation": "stand-in", "banner": ""}
            information |= {"implementation_version": "1", "language_info": {"name": "rust"}, "help_links": []}
            send(shell, names, "kernel_info_reply", header, information)
        elif kind == "execute_request":
            send(shell, names, "execute_reply", header, cells.execute(names, header, content))
        publish("status", header, {"execution_state": "idle"})


# It waits for the slowest of those who listen, as the real one does.
published = socket(zmq.XPUB, "iopub_port", XPUB_NODROP=1, SNDHWM=2)
shell = socket(zmq.ROUTER, "shell_port")
control = socket(zmq.ROUTER, "control_port")
asked = socket(zmq.ROUTER, "stdin_port")
heartbeat = socket(zmq.REP, "hb_port")
for serve in (serve_control, serve_heartbeat):
    threading.Thread(target=serve, daemon=True).start()
serve_shell()
