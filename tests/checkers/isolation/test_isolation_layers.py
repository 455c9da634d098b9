"""Each layer holds without the others: what it forbids is tried with the rest left out."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from attacks import ATTACKS, DISK, NET, PROCESSES, PROJECT, RIGHTS

from checkers.isolation import Limits, Policy, Result, Worker, readable, scratch

LAYERS = {
    "unprivileged user",
    "user namespace",
    "process namespace",
    "network namespace",
    "mount namespace",
    "own file tree",
    "no new privileges",
    "file system",
    "system-call filter",
}
LANDLOCK_AND_FILTER = {"no new privileges", "file system", "system-call filter"}
NAMESPACES = {"user namespace", "process namespace", "network namespace", "mount namespace"}

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="these layers are of Linux")


def outcome(source: str, limits: Limits, layers: set[str], **more):
    left_out = LAYERS - layers
    policy = Policy(without=frozenset(left_out))
    if os.geteuid() != 0:
        left_out -= {"unprivileged user"}
    with Worker("homework.py", limits, policy, source=source, **more) as worker:
        held = {p.name for p in worker.protections if p.in_force}
        assert not held & left_out
        if not layers <= held:
            pytest.skip(f"not available here: {', '.join(sorted(layers - held))}")
        loaded = worker.load()
        if hasattr(loaded, "kind"):
            return loaded
        return worker.call("f", (1.0,))


@linux
def test_what_is_in_force_is_reported(short):
    with Worker("homework.py", short, source="x = 1") as worker:
        rows = {p.name: p for p in worker.protections}
    assert set(rows) == LAYERS | {"separate process", "resource limits", "clean environment", "supervisor"}
    assert all(p.why for p in rows.values())
    assert all(rows[name].in_force for name in ("separate process", "resource limits", "supervisor"))
    assert "CPU" in rows["resource limits"].why
    assert "in force" in str(rows["supervisor"])


@linux
@pytest.mark.parametrize("attack", [*PROCESSES[:7], *DISK[:4], *NET], ids=lambda a: a.name.replace(" ", "-"))
def test_landlock_and_the_filter_hold_without_namespaces(attack, short, nothing_left):
    answer = outcome(attack.source, short, LANDLOCK_AND_FILTER)
    assert not isinstance(answer, Result)
    assert answer.kind == "crashed"
    assert nothing_left() == []


@linux
def test_the_filter_does_not_stand_in_the_way_of_threads(short):
    source = (
        "import threading\nimport numpy as np\ndef f(x):\n    found = []\n"
        "    t = threading.Thread(target=lambda: found.append(np.linalg.inv(np.eye(40) * 2)[0, 0]))\n"
        "    t.start(); t.join()\n    return found[0] * x"
    )
    assert outcome(source, short, LANDLOCK_AND_FILTER).value == 0.5


@linux
def test_a_daemon_ends_with_its_namespace(short, nothing_left):
    source = (
        "import os, time\ndef f(x):\n    if os.fork() == 0:\n        os.setsid()\n"
        "        if os.fork() == 0: time.sleep(300)\n        os._exit(0)\n    return x"
    )
    answer = outcome(source, short, NAMESPACES)
    assert isinstance(answer, Result)
    assert nothing_left() == []


@linux
def test_without_any_layer_the_supervisor_still_ends_a_daemon(short, nothing_left):
    source = (
        "import os, time\ndef f(x):\n    if os.fork() == 0:\n        os.setsid()\n"
        "        if os.fork() == 0: time.sleep(300)\n        os._exit(0)\n    os.wait()\n    return x"
    )
    assert isinstance(outcome(source, short, set()), Result)
    assert nothing_left() == []


@linux
def test_the_namespaces_hide_the_judge_and_the_network(short):
    source = (
        "import os, socket\ndef f(x):\n    assert os.getpid() == 1 and os.getppid() == 0\n"
        "    try:\n        os.kill("
        + str(os.getpid())
        + ", 0)\n    except ProcessLookupError:\n        pass\n"
        "    else:\n        return 'seen'\n    socket.create_connection(('127.0.0.1', 9), timeout=1)"
    )
    answer = outcome(source, short, NAMESPACES)
    assert answer.error == "OSError", answer  # the network is unreachable: no interface is up


@linux
@pytest.mark.parametrize(
    "attack", [*DISK[:5], *DISK[7:11], *RIGHTS[:8]], ids=lambda a: a.name.replace(" ", "-")
)
def test_the_own_file_tree_holds_without_landlock_and_the_filter(attack, short, nothing_left):
    before = (PROJECT / "README.md").stat()
    answer = outcome(attack.source, short, NAMESPACES | {"own file tree"})
    assert not isinstance(answer, Result)
    assert answer.kind == "crashed"
    assert answer.error in ("FileNotFoundError", "OSError", "PermissionError")
    assert nothing_left() == []
    after = (PROJECT / "README.md").stat()
    assert (before.st_mode, before.st_mtime, before.st_uid) == (after.st_mode, after.st_mtime, after.st_uid)


@linux
def test_in_its_own_file_tree_a_submission_finds_libraries_and_its_folder(short, tmp_path):
    (tmp_path / "beside.py").write_text("y = 3.0\n")
    source = (
        "import os, wave, numpy.testing\nfrom beside import y\ndef f(x):\n"
        f"    assert not any(map(os.path.exists, ({str(PROJECT / 'README.md')!r}, '/proc/self')))\n"
        "    open('mine', 'w').write('x')\n    return y * x"
    )
    answer = outcome(source, short, NAMESPACES | {"own file tree"}, folder=tmp_path)
    assert answer.value == 3.0


@linux
def test_without_a_mount_namespace_it_is_said_why_there_is_no_file_tree(short):
    policy = Policy(without=frozenset({"mount namespace"}))
    with Worker("homework.py", short, policy, source="def f(x):\n    return x") as worker:
        (row,) = [p for p in worker.protections if p.name == "own file tree"]
        assert not row.in_force
        assert "needs a mount namespace" in row.why
        worker.load()
        assert worker.call("f", (1.0,)).value == 1.0


@linux
def test_the_scratch_folder_is_limited_as_a_whole(short):
    body = "with open(f'part{k}', 'wb') as file: file.write(bytes(1 << 20))"
    source = f"def f(x):\n    for k in range(8):\n        {body}"
    assert outcome(source, short, NAMESPACES).error == "OSError"


@linux
def test_a_submission_may_use_its_scratch_folder(short, nothing_left):
    source = (
        "import os, tempfile\nimport numpy as np\ndef f(x):\n    np.save('a.npy', np.full(3, x))\n"
        "    with tempfile.TemporaryFile() as file: file.write(b'x')\n    return np.load('a.npy').sum()"
    )
    assert outcome(source, short, LANDLOCK_AND_FILTER | NAMESPACES).value == 3.0
    assert outcome(source, short, set()).value == 3.0
    assert nothing_left() == []


@linux
def test_processes_are_allowed_where_the_limits_say_so(short, nothing_left):
    body = "if os.fork() == 0: os._exit(7)\n    return os.waitstatus_to_exitcode(os.wait()[1])"
    source = f"import os\ndef f(x):\n    {body}"
    assert outcome(source, replace(short, processes=2), LANDLOCK_AND_FILTER | NAMESPACES).value == 7
    assert outcome(source, short, LANDLOCK_AND_FILTER | NAMESPACES).error == "PermissionError"
    assert nothing_left() == []


@linux
def test_the_judge_s_death_ends_the_worker():
    code = (
        "import sys, os\nfrom checkers.isolation import Worker\n"
        "with Worker('h.py', source='def f():\\n    while True: pass') as w:\n    w.load()\n"
        "    print(w._process.pid, w._process.scratch, flush=True)\n    w.call('f')"
    )
    judge = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=PROJECT, env={**os.environ}
    )
    assert judge.stdout is not None
    supervisor, folder = judge.stdout.readline().split()
    judge.send_signal(signal.SIGKILL)
    judge.wait()
    judge.stdout.close()
    end = time.monotonic() + 10
    while _runs(int(supervisor)) and time.monotonic() < end:
        pass
    assert not _runs(int(supervisor))
    with Worker("h.py", source="") as worker:
        mounted = any(p.name == "mount namespace" and p.in_force for p in worker.protections)
    assert not (mounted and Path(folder).exists())
    scratch.removed(Path(folder))


def test_an_interrupted_judge_leaves_nothing():
    code = (
        "from checkers.isolation import Worker\n"
        "with Worker('h.py', source='def f():\\n    while True: pass') as w:\n    w.load()\n"
        "    print(w._process.pid, w._process.scratch, flush=True)\n    w.call('f')"
    )
    judge = subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=PROJECT,
    )  # fmt: skip
    assert judge.stdout is not None
    supervisor, folder = judge.stdout.readline().split()
    judge.send_signal(signal.SIGINT)
    _, said = judge.communicate(timeout=20)
    assert "KeyboardInterrupt" in said
    assert not _runs(int(supervisor))
    assert not Path(folder).exists()


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_the_project_is_not_among_what_can_be_read(tmp_path):
    shown = [
        path for path, right in readable.shown(str(tmp_path), (), frozenset({"autograd"})) if right == "read"
    ]
    assert str(tmp_path) in shown
    for package in ("checkers", "reference_impl", "tests"):
        hidden = str(PROJECT / package)
        assert not any(hidden == path or hidden.startswith(path + os.sep) for path in shown)


def test_a_hidden_path_leaves_its_neighbours(tmp_path):
    for name in ("ann", "bob", "bob/data"):
        (tmp_path / name).mkdir()
    rows = readable.shown(str(tmp_path), (tmp_path / "ann", tmp_path / "bob" / "data"), frozenset())
    here = {path: right for path, right in rows if path.startswith(str(tmp_path))}
    assert here == {str(tmp_path): "list", str(tmp_path / "bob"): "list"}


def test_a_scratch_folder_is_removed_whatever_is_in_it(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").write_text("x")
    folder = scratch.made()
    (folder / "link").symlink_to(outside)
    (folder / "dangling").symlink_to("nowhere")
    here = os.open(folder, os.O_RDONLY)
    for _ in range(1200):  # deeper than a path may be long, and than Python may recurse
        os.mkdir("deep", dir_fd=here)
        inner = os.open("deep", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.fchmod(here, 0)
    os.close(here)
    (folder / "shut").mkdir(mode=0)
    scratch.removed(folder)
    assert not folder.exists()
    assert (outside / "kept").exists()
    scratch.removed(folder)


def test_the_attacks_that_need_a_layer_name_one():
    assert {attack.needs for attack in ATTACKS} - {""} <= LAYERS
