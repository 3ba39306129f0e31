"""What does no harm: messages that are none, peers that are none, and a disk that takes nothing."""

import json
import resource
import signal
import socket
import subprocess
import time

import zmq

from .project import PATIENCE, wait

PORTS = ("shell_port", "control_port", "stdin_port")
GREETING = b"\xff" + b"\0" * 8 + b"\x7f\x03\0NULL" + b"\0" * 48


def no_message_does_harm(project, chance):
    """Messages that are too large, badly signed, out of order or none at all, on all channels."""
    kernel = project.kernel(spares=1)
    session, ports = kernel.client.session, kernel.ports()

    def signed(kind, content, **header):
        message = session.msg(kind, content)
        message["header"] |= header
        return session.serialize(message)

    right = signed("kernel_info_request", {})
    odd = [
        [b"x"],
        [b""] * 100,
        [b"<IDS|MSG>"],
        [b"<IDS|MSG>", b"0" * 64, b"{}", b"{}", b"{}", b"{}"],
        [right[0], b"zz", *right[2:]],
        right[:-1],
        [right[0], right[1], b"[1]", *right[3:]],
        [*right[:-1], b'{"code": "' + b"x" * (64 << 20) + b'"}'],
        [*right, b"buffer" * 1000],
        # Signed as they must be, and never to come there or then.
        signed("input_reply", {"value": "unasked"}),
        signed("execute_reply", {"status": "ok", "execution_count": 7}),
        signed("shutdown_reply", {"status": "ok", "restart": False}),
        signed("status", {"execution_state": "dead"}),
        signed("comm_msg", {"comm_id": "nobody", "data": {}}),
        signed("no_such_request", {"deep": json.loads("[" * 90 + "]" * 90)}),
        signed("", {}),
        signed("interrupt_reply", {}, msg_id=""),
    ]
    wrong, expected = [], 0

    def answers(what):
        nonlocal expected
        expected += 1
        if (seen := kernel.run("6 * 7")) != ([expected], "42"):
            wrong.append(f"after {what}: {seen}")

    for number, frames in enumerate(odd):
        for port in PORTS:
            with zmq.Context.instance().socket(zmq.DEALER) as peer:
                peer.linger = 5000
                peer.connect(f"tcp://127.0.0.1:{ports[port]}")
                peer.send_multipart(frames)
        answers(f"odd message {number}")
    # An answer that was there before the question is none.
    kernel.client.execute("name = input('Name: ')", allow_stdin=True)
    kernel.client.get_stdin_msg(timeout=PATIENCE)
    kernel.client.input("Ada")
    expected += 2
    if (seen := kernel.run("name")) != ([expected], "'Ada'"):
        wrong.append(f"after answers that nobody had asked for: {seen}")
    # On the channels that take none, too; and answers to those who have gone.
    for port in ("hb_port", "iopub_port"):
        for kind in (zmq.REQ, zmq.XSUB):
            with zmq.Context.instance().socket(kind) as peer:
                peer.linger = 200
                peer.connect(f"tcp://127.0.0.1:{ports[port]}")
                peer.send(b"\x07" * 5000)
                time.sleep(0.05)
    for _ in range(20):
        with zmq.Context.instance().socket(zmq.DEALER) as peer:
            peer.linger = 200
            peer.connect(f"tcp://127.0.0.1:{ports['shell_port']}")
            peer.send_multipart(signed("kernel_info_request", {}))
    answers("peers that have gone")
    if not wait(kernel.client.hb_channel.is_beating):
        wrong.append("no heartbeat any more")
    return wrong


def no_peer_does_harm(project, chance):
    """Whatever connects and speaks another language, or none."""
    kernel = project.kernel()
    ports = kernel.ports()
    said = [
        b"",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"\xff" * 200,
        GREETING[:30],
        GREETING,
        GREETING + b"\x04\x01\x00",
        GREETING + b"\x04\x06\x05ERROR",
        GREETING + b"\x04\x19\x05READY\x0bSocket-Type\0\0\0\x05STUFF",
        GREETING + b"\x04\x18\x05READY\x0bSocket-Type\0\0\0\x04",
        bytes(chance.randrange(256) for _ in range(5000)),
    ]
    kept, wrong = [], []
    for number, text in enumerate(said):
        for port in (*PORTS, "iopub_port", "hb_port"):
            peer = socket.create_connection(("127.0.0.1", ports[port]), timeout=PATIENCE)
            peer.sendall(text)
            # Some go, and some stay and say nothing more.
            kept.append(peer) if number % 2 else peer.close()
    if (seen := kernel.run("6 * 7")) != ([1], "42"):
        wrong.append(f"after odd peers: {seen}")
    if not wait(kernel.client.hb_channel.is_beating):
        wrong.append("no heartbeat any more")
    for peer in kept:
        peer.close()
    if (seen := kernel.run("6 * 7")) != ([2], "42"):
        wrong.append(f"after they have gone: {seen}")
    return wrong


def a_disk_that_takes_nothing_is_named(project, chance):
    """No file can grow, as on a full disk: the kernel says which, and what runs already goes on."""
    wrong = []
    other = project.kernel(spares=1)
    project.one_spare()

    def full():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # outlives exec
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

    # Two starts: the first may take the spare, for which nothing is written.
    for number in range(2):
        file = project.kernel(wait=False)
        file.end()
        started = subprocess.Popen(
            file.argv,
            cwd=file.folder,
            env=file.environment | {"ANOTHER": "environment"},
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=full,
        )
        _, said = started.communicate(timeout=PATIENCE)
        if started.returncode == 0 or "kernel-" not in said:
            wrong.append(f"exit code {started.returncode}: {said}")
    if other.run("6 * 7") != ([1], "42"):
        wrong.append("the other kernel does not answer")
    return wrong


CHECKS = [no_message_does_harm, no_peer_does_harm, a_disk_that_takes_nothing_is_named]
