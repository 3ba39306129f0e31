"""What a notebook sees of a kernel: all that is said, on all channels, and nothing of what was before."""

import queue
import time

import zmq
from jupyter_client import BlockingKernelClient

from .project import PATIENCE, wait


def all_channels_are_passed_on(project, chance):
    wrong = []
    kernel = project.kernel()
    expected = [
        ("print('a'); print('b')", ([1], "a\nb\n")),
        ("6 * 7", ([2], "42")),
        ("1 / 0", ([3], "ZeroDivisionError: division by zero\n[command_3:1:5]")),
        ("print('\\u00e9\\U0001f95a')", ([4], "\u00e9\U0001f95a\n")),
    ]
    for code, answer in expected:
        if (seen := kernel.run(code)) != answer:
            wrong.append(f"{code}: {seen}")
    # Input: the question comes to whoever ran the cell, and the answer goes back.
    kernel.client.execute("name = input('Name: ')", allow_stdin=True)
    question = kernel.client.get_stdin_msg(timeout=PATIENCE)
    if question["content"]["prompt"] != "Name: ":
        wrong.append(f"input: {question['content']}")
    kernel.client.input("Ada")
    if (seen := kernel.run("name")) != ([6], "'Ada'"):
        wrong.append(f"after input: {seen}")
    # Heartbeat.
    with zmq.Context.instance().socket(zmq.REQ) as heart:
        heart.linger = 0
        heart.connect(f"tcp://127.0.0.1:{kernel.client.hb_port}")
        for beat in (b"ping", b"", b"\0\xff"):
            heart.send(beat)
            if not heart.poll(PATIENCE * 1000) or heart.recv() != beat:
                wrong.append(f"heartbeat {beat}: no answer")
    if not wait(kernel.client.hb_channel.is_beating):
        wrong.append("jupyter_client hears no heartbeat")
    # An interrupt ends the cell and nothing else.
    request = kernel.client.execute("import time\nwhile True: time.sleep(0.01)")
    wait(lambda: is_busy_with(kernel, request))
    kernel.interrupt()
    reply = kernel.client.get_shell_msg(timeout=PATIENCE)
    if reply["content"]["status"] != "error":
        wrong.append(f"interrupted: {reply['content']}")
    if (seen := kernel.run("name")) != ([8], "'Ada'"):
        wrong.append(f"after an interrupt: {seen}")
    # The end.
    kernel.client.shutdown()
    if (reply := kernel.client.get_control_msg(timeout=PATIENCE))["msg_type"] != "shutdown_reply":
        wrong.append(f"shutdown: {reply['msg_type']}")
    if (code := kernel.process.wait(PATIENCE)) != 0:
        wrong.append(f"exit code {code}: {kernel.process.stderr.read()}")
    return wrong


def is_busy_with(kernel, request):
    """Whether the cell of a request has begun."""
    try:
        message = kernel.client.get_iopub_msg(timeout=0.1)
    except queue.Empty:
        return False
    return message["msg_type"] == "execute_input" and message["parent_header"]["msg_id"] == request


def a_spare_is_like_a_new_kernel(project, chance):
    """Variables, counts, what is published, and files."""
    first = project.kernel(spares=1)
    spare = project.one_spare()
    # Whoever listens from the start hears nothing of what the spare has run.
    kernel = project.kernel(wait=False)
    published = zmq.Context.instance().socket(zmq.SUB)
    published.linger = 0
    published.setsockopt(zmq.SUBSCRIBE, b"")
    published.connect(f"tcp://127.0.0.1:{kernel.ports()['iopub_port']}")
    kernel.connect()
    wrong = [] if kernel.host() == spare else [f"not the spare {spare}, but {kernel.host()}"]
    seen = [kernel.run(code) for code in (":vars", "let a = 1;", "a", "1 / 0")]
    if [counts for counts, _ in seen] != [[1], [2], [3], [4]] or "[command_4:1:5]" not in seen[3][1]:
        wrong.append(f"cells: {seen}")
    if seen[0][1] != "":
        wrong.append(f"variables: {seen[0][1]}")
    time.sleep(0.3)
    while published.poll(200):
        heard = b" ".join(published.recv_multipart()).decode(errors="replace")
        if "warm" in heard or ":dep" in heard or "mistake" in heard:
            wrong.append(f"heard: {heard}")
    published.close()
    # The next one is begun, and is another one.
    if project.one_spare() == spare:
        wrong.append("the spare is still there")
    if files := [path.name for path in (project.root / "notebooks").iterdir() if path.name != "solutions"]:
        wrong.append(f"files in the notebooks' folder: {files}")
    # What the first one had, it still has.
    if (seen := first.run("1 + 1")) != ([1], "2"):
        wrong.append(f"the first kernel: {seen}")
    return wrong


def a_restart_keeps_the_ports_and_takes_the_spare(project, chance):
    wrong = []
    kernel = project.kernel(spares=1)
    for number, code in enumerate(["x = 1", "import time\nwhile True: time.sleep(0.01)", "x = 2"]):
        spare = project.one_spare()
        if number == 1:  # a cell still runs
            kernel.client.execute(code)
            time.sleep(chance.uniform(0, 0.2))
        else:
            kernel.run(code)
        if (ended := kernel.restart()) != 0:
            wrong.append(f"restart {number}: exit code {ended}")
        if kernel.host() != spare:
            wrong.append(f"restart {number}: not the spare {spare}, but {kernel.host()}")
        if (seen := kernel.run(":vars")) != ([1], ""):
            wrong.append(f"restart {number}: {seen}")
    return wrong


def two_and_five_at_once_keep_apart(project, chance):
    """Each has its own variables, whoever gets the spare."""
    wrong = []
    keeper = project.kernel(spares=1)
    for number in (2, 5):
        project.one_spare()
        kernels = [project.kernel(wait=False) for _ in range(number)]
        for kernel in kernels:
            kernel.connect()
        for own, kernel in enumerate(kernels):
            kernel.run(f"own = {own}")
        seen = [kernel.run("own") for kernel in kernels]
        if seen != [([2], str(own)) for own in range(number)]:
            wrong.append(f"{number} at once: {seen}")
        hosts = {kernel.host() for kernel in [keeper, *kernels]}
        if len(hosts) != number + 1:
            wrong.append(f"{number} at once share kernels: {hosts}")
        for kernel in kernels:
            kernel.end()
    return wrong


def whoever_listens_slowly_loses_nothing(project, chance):
    """A cell that says more than anybody reads, 80 MB, waits in less memory; and then all of it comes."""
    kernel = project.kernel()
    published = zmq.Context.instance().socket(zmq.SUB)
    published.setsockopt(zmq.RCVHWM, 1)
    published.setsockopt(zmq.RCVBUF, 1 << 16)
    published.setsockopt(zmq.SUBSCRIBE, b"")
    published.connect(f"tcp://127.0.0.1:{kernel.client.iopub_port}")
    time.sleep(0.5)
    # Nobody else listens: what is not read here is to wait.
    kernel.client.stop_channels()
    kernel.client = asking = BlockingKernelClient(connection_file=kernel.file)
    asking.load_connection_file()
    asking.start_channels(iopub=False, hb=False)
    said = asking.execute("for number in range(40): print(number, 'x' * 2_000_000)")
    time.sleep(3)
    wrong = []
    status = open(f"/proc/{kernel.process.pid}/status").read()
    held = next(int(line.split()[1]) // 1000 for line in status.splitlines() if line.startswith("VmRSS:"))
    if held > 50:
        wrong.append(f"{held} MB are held for a reader who does not read")
    numbers, ended = [], False
    while not ended and published.poll(PATIENCE * 1000):
        frames = published.recv_multipart()
        content = frames[-1]
        if said.encode() not in frames[-3]:
            continue
        if content.startswith(b'{"name": "stdout"'):
            numbers.append(int(content.split(b'"text": "')[1].split()[0]))
        ended = b'"idle"' in content
    if numbers != list(range(40)) or not ended:
        wrong.append(f"came: {numbers}, ended: {ended}")
    published.close()
    return wrong


CHECKS = [
    all_channels_are_passed_on,
    a_spare_is_like_a_new_kernel,
    a_restart_keeps_the_ports_and_takes_the_spare,
    two_and_five_at_once_keep_apart,
    whoever_listens_slowly_loses_nothing,
]
