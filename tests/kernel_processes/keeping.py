"""Who keeps spares, how many, for whom, and until when."""

import json
import os
import pathlib
import re
import signal
import subprocess
import time

from .project import PATIENCE, wait


def a_spare_is_for_its_own_folder_and_environment(project, chance):
    wrong = []
    project.kernel(spares=1)
    spare = project.one_spare()
    for what, options in [
        ("the solutions' folder", {"folder": "notebooks/solutions"}),
        ("another variable", {"variables": {"RUST_LOG": "debug"}}),
    ]:
        kernel = project.kernel(**options)
        if kernel.host() == spare or project.spares() != [spare]:
            wrong.append(f"{what}: {kernel.host()}, spares {project.spares()}")
    # What is of one notebook or one terminal makes no difference, nor does a link to the folder.
    link = project.root.parent / "link"
    if not link.exists():
        link.symlink_to(project.root)
    for what, options in [
        ("a variable of a session", {"variables": {"JPY_SESSION_NAME": "/a.ipynb", "SHLVL": "7", "OLDPWD": "/"}}),
        ("a linked folder", {"folder": link / "notebooks"}),
    ]:
        spare = project.one_spare()
        kernel = project.kernel(**options)
        if kernel.host() != spare:
            wrong.append(f"{what}: {kernel.host()}, and not the spare {spare}")
    return wrong


def each_environment_has_its_own_spares(project, chance):
    """As two terminals have them, in each of which a JupyterLab runs."""
    environments = [None, {"TERMINAL": "2"}]
    for variables in environments:
        project.kernel(spares=1, variables=variables)
    if not wait(lambda: len(project.spares()) == 2):
        return [f"spares: {project.spares()}, coming: {project.coming()}"]
    wrong = []
    for variables in environments:
        before = project.spares()
        kernel = project.kernel(variables=variables)
        if kernel.host() not in before:
            wrong.append(f"{variables}: {kernel.host()}, and none of the spares {before}")
    return wrong


def a_stale_spare_is_thrown_away(project, chance):
    """The source, the data, the lock file, the manifest or the toolchain has changed between two starts."""
    wrong = []
    project.kernel(spares=1)
    changes = [
        ("the source", lambda: (project.root / "src/lib.rs").write_text("// changed")),
        ("a new file", lambda: (project.root / "src/new.rs").write_text("")),
        ("the data", lambda: (project.root / "data/table.csv").write_text("a,b,c\n")),
        ("the lock file", lambda: (project.root / "Cargo.lock").write_text("version = 4 \n")),
        ("the manifest", lambda: (project.root / "Cargo.toml").open("a").write("\n")),
        ("the toolchain", lambda: project.rustc_says.write_text("rustc 1.96.0\n")),
    ]
    for what, change in changes:
        stale = project.one_spare()
        change()
        kernel = project.kernel()
        if kernel.host() == stale:
            wrong.append(f"{what} has changed, and the kernel is the old spare")
        if not wait(lambda: stale not in project.hosts()):
            wrong.append(f"{what} has changed, and the old spare is still there")
        kernel.end()
        # The next one is of the new source, and is taken.
        spare = project.one_spare()
        kernel = project.kernel()
        if kernel.host() != spare:
            wrong.append(f"{what} has changed, and the new spare {spare} is not taken")
        kernel.end()
    # Nothing has changed: it is taken.
    spare = project.one_spare()
    if project.kernel().host() != spare:
        wrong.append("nothing has changed, and the spare is not taken")
    return wrong


def there_are_as_many_spares_as_are_asked_for(project, chance):
    """One after the other; and a setting that is no number is as none."""
    wrong = []
    for said, number in [(0, 0), (2, 2), ("many", 1), ("", 1), (None, 1)]:
        kernel = project.kernel(spares=said)
        at_once = 0

        def all_there():
            nonlocal at_once
            at_once = max(at_once, len(project.coming()))
            return len(project.spares()) >= number

        if not wait(all_there):
            wrong.append(f"{said!r}: {len(project.spares())} spares")
        time.sleep(0.7)
        if (there := len(project.spares() + project.coming())) != number or at_once > 1:
            wrong.append(f"{said!r}: {there} spares, {at_once} of them started at once")
        if kernel.run("1") != ([1], "1"):
            wrong.append(f"{said!r}: no answer")
        kernel.end()
        wrong += [f"{said!r}: left: {what}" for what in project.left()]
    return wrong


def a_spare_ends_with_its_last_keeper(project, chance):
    """Whatever ends the keepers: two kernels, as in VS Code, and one that is killed."""
    wrong = []
    keepers = [project.kernel(spares=1) for _ in range(2)]
    spare = project.one_spare()
    # The one that has started it is killed, and the other one goes on.
    os.kill(keepers[0].process.pid, signal.SIGKILL)
    keepers[0].process.wait()
    time.sleep(0.7)
    if project.spares() != [spare]:
        wrong.append(f"after the first: {project.spares()}, and not {spare}")
    if keepers[1].run("1") != ([1], "1"):
        wrong.append("the other keeper does not answer")
    os.kill(keepers[1].process.pid, chance.choice([signal.SIGKILL, signal.SIGTERM]))
    keepers[1].process.wait()
    return wrong


def a_spare_is_taken_while_it_is_started(project, chance):
    """It is ahead of a kernel that would be started then; it runs no more than it must."""
    wrong = []
    keeper = project.kernel(spares=1)
    project.set_slow(0.4)
    for _ in range(5):
        project.one_spare()
        taker = project.kernel()
        coming = wait(project.coming)
        time.sleep(chance.uniform(0, 2.5))
        kernel = project.kernel()
        if kernel.host() not in coming:
            wrong.append(f"{kernel.host()}, and not what was coming: {coming}")
        seen = [kernel.run(code) for code in (":vars", "a = 1", "a")]
        if seen != [([1], ""), ([2], ""), ([3], "1")]:
            wrong.append(f"a spare that was not ready: {seen}")
        taker.end()
        kernel.end()
    if keeper.run("1") != ([1], "1"):
        wrong.append("the keeper does not answer")
    return wrong


def a_spare_stands_back_until_it_is_wanted(project, chance):
    """Its session has a lower priority while it is made ready, and then no longer; nor when it is taken before."""
    enabled = pathlib.Path("/proc/sys/kernel/sched_autogroup_enabled")
    if not enabled.exists() or enabled.read_text().strip() != "1":
        return []

    def priority(name):
        """How nice the kernel's session is, once it has one."""
        lines = project.processes().items()
        kernels = [process for process, line in lines if f"/{name}/connection.json" in line]
        return pathlib.Path(f"/proc/{kernels[0]}/autogroup").read_text().split()[-1] if kernels else None

    wrong = []
    project.kernel(spares=1)
    spare = project.one_spare()
    if (seen := priority(spare)) != "0":
        wrong.append(f"ready, and its session is {seen}")
    project.set_slow(1)
    project.kernel()
    coming = wait(project.coming)
    if not wait(lambda: priority(coming[0]) == "10"):
        wrong.append(f"being started, and its session is {priority(coming[0])}")
    kernel = project.kernel(wait=False)
    if not wait(lambda: priority(coming[0]) == "0"):
        wrong.append(f"taken, and its session is {priority(coming[0])}")
    kernel.connect()
    if kernel.host() != coming[0]:
        wrong.append(f"{kernel.host()}, and not what was coming: {coming}")
    return wrong


def doctor_shows_spares_and_clean_ends_them(project, chance):
    wrong = []

    def picklebook(*arguments):
        run = subprocess.run(
            [project.command, *arguments], cwd=project.root, env=project.environment, capture_output=True, text=True
        )
        return run.stdout + run.stderr

    kernel = project.kernel(spares=1)
    spare = project.one_spare()
    lines = [line for line in picklebook("doctor").splitlines() if line.startswith("spare kernel")]
    if len(lines) != 1 or not re.search(r" ready, 0 min old, \d+ MB of memory$", lines[0]):
        wrong.append(f"doctor: {lines}")
    kernel.end()
    if not wait(lambda: spare not in project.hosts()):
        wrong.append(f"{spare} has outlived its keeper")
    with project.kept():
        host = subprocess.Popen(
            [project.command, "host", "--starter", str(os.getpid()), "--spare"],
            cwd=project.root / "notebooks",
            env=project.environment,
        )
        project.one_spare()
        said = picklebook("clean", "--keep-kernel")
        if host.wait(PATIENCE) != 0 or project.spares():
            wrong.append(f"clean: {said}, and the spare is still there")
        if not project.stand_in.exists():
            wrong.append("clean has removed the kernel, which it was to keep")
    return wrong


def lab_and_run_refuse_a_setting_that_is_no_number(project, chance):
    wrong = []
    for subcommand in ("lab", "run"):
        run = subprocess.run(
            [project.command, subcommand],
            cwd=project.root,
            env=project.environment | {"PICKLEBOOK_SPARES": "many"},
            capture_output=True,
            text=True,
        )
        if run.returncode != 1 or "PICKLEBOOK_SPARES is `many`: set it to" not in run.stderr:
            wrong.append(f"{subcommand}: {run.returncode}, {run.stderr}")
    return wrong


def a_kernel_whose_port_is_taken_gets_others(project, chance):
    """Somebody else takes a port after it was found to be free: the kernel is started with others, and not for ever."""
    wrong = []
    whole = project.stand_in.read_text()
    tries = project.root / "notebooks/tries.txt"
    told = "Error: Network Error: Address already in use (os error 98)"
    try:
        for failing, comes_up in ((2, True), (100, False)):
            tries.write_text("")
            interpreter, program = whole.split("\n", 1)
            failure = (
                "import json, pathlib, sys\n"
                f"tries, file = pathlib.Path({str(tries)!r}), sys.argv[sys.argv.index('--control_file') + 1]\n"
                "ports = json.loads(pathlib.Path(file).read_text())['shell_port']\n"
                "before = tries.read_text()\n"
                "tries.write_text(f'{before}{ports}\\n')\n"
                f"if len(before.splitlines()) < {failing}: sys.exit({told!r})\n"
            )
            # The stand-in is a program of its own, which begins with its text.
            project.replace_stand_in(f"{interpreter}\n{failure}exec(compile({program!r}, 'stand_in', 'exec'))\n")
            kernel = project.kernel(wait=comes_up)
            if comes_up:
                if kernel.run("1") != ([1], "1"):
                    wrong.append("a kernel with other ports does not answer")
            else:
                _, said = kernel.process.communicate(timeout=PATIENCE)
                if kernel.process.returncode == 0 or told not in said:
                    wrong.append(f"exit code {kernel.process.returncode}: {said}")
            ports = tries.read_text().splitlines()
            if len(ports) != (failing + 1 if comes_up else 5) or len(set(ports)) != len(ports):
                wrong.append(f"the ports that were tried: {ports}")
    finally:
        project.replace_stand_in(whole)
        tries.unlink(missing_ok=True)
    return wrong


def a_kernel_that_does_not_come_up_says_why(project, chance):
    """It ends as soon as it is started: whoever wants it is told what it said, and spares are not tried for ever."""
    wrong = []
    keeper = project.kernel(spares=1)
    spare = project.one_spare()
    whole = project.stand_in.read_text()
    tries = project.root / "notebooks/tries.txt"
    try:
        project.replace_stand_in("#!/bin/sh\necho try >> tries.txt\necho no such library >&2\nexit 3\n")
        process = json.loads((project.clones / spare / "ready.json").read_text())["process"]
        os.kill(process, signal.SIGKILL)
        wait(lambda: tries.exists())
        time.sleep(3)
        if (number := len(tries.read_text().splitlines())) > 3:
            wrong.append(f"{number} tries to start a spare")
        kernel = project.kernel(wait=False)
        _, said = kernel.process.communicate(timeout=PATIENCE)
        if kernel.process.returncode == 0 or "the kernel did not start: no such library" not in said:
            wrong.append(f"exit code {kernel.process.returncode}: {said}")
    finally:
        project.replace_stand_in(whole)
        tries.unlink(missing_ok=True)
    if keeper.run("1") != ([1], "1"):
        wrong.append("the other kernel does not answer")
    if project.kernel().run("1") != ([1], "1"):
        wrong.append("a kernel that comes up again does not answer")
    return wrong


CHECKS = [
    a_spare_is_for_its_own_folder_and_environment,
    each_environment_has_its_own_spares,
    a_stale_spare_is_thrown_away,
    there_are_as_many_spares_as_are_asked_for,
    a_spare_ends_with_its_last_keeper,
    a_spare_is_taken_while_it_is_started,
    a_spare_stands_back_until_it_is_wanted,
    doctor_shows_spares_and_clean_ends_them,
    lab_and_run_refuse_a_setting_that_is_no_number,
    a_kernel_that_does_not_come_up_says_why,
    a_kernel_whose_port_is_taken_gets_others,
]
