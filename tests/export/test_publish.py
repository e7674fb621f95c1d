"""Publishing of stub files: killed processes, concurrent processes, full disks, missing permissions."""

from __future__ import annotations

import errno
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from keras_gan.artifacts import publish as publish_module
from keras_gan.artifacts.publish import publish, staging
from keras_gan.artifacts.versions import numbers
from keras_gan.export import VersionExistsError
from keras_gan.utils import folder_lock

ROOT = Path(__file__).parent.parent.parent
PARTS = 5

# Exports of five files, and of a last one that only a complete version has.
WORKER = """
import os, sys
from pathlib import Path
from keras_gan.artifacts.publish import publish, staging

home = Path(sys.argv[1]) / "stub"
if len(sys.argv) > 3:
    os.seteuid(int(sys.argv[3]))
print("ready", flush=True)
for _ in range(int(sys.argv[2])):
    with staging(home.parent) as folder:
        for i in range(5):
            (folder / f"part{i}").write_bytes(bytes([i]) * 20_000)
        publish(folder, home, None, lambda number: (folder / "number").write_text(str(number)))
print("done", flush=True)
"""


def worker(directory: Path, exports: int, *user: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WORKER, *map(str, (directory, exports, *user))]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.readline()
    return process


def is_whole(version: Path) -> bool:
    try:
        parts = [(version / f"part{i}").read_bytes() == bytes([i]) * 20_000 for i in range(PARTS)]
        return all(parts) and (version / "number").read_text() == version.name
    except FileNotFoundError:
        return False


def versions(directory: Path) -> list[Path]:
    return [entry for entry in (directory / "stub").glob("*") if entry.name.isdecimal()]


def publish_next(home: Path) -> Path:
    with staging(home.parent) as folder:
        (folder / "file").touch()
        return publish(folder, home, None, lambda _: None)


def test_the_next_version_is_counted_as_the_server_counts(tmp_path):
    home = tmp_path / "stub"
    for name in ("3", "0007", str(2**63), "9" * 200, "٩", "8x", "-9"):
        (home / name).mkdir(parents=True)
    (home / "8").touch()
    assert list(numbers(home)) == [3, 7]
    assert publish_next(home).name == "9", "after a file of that name, which is in the way"
    assert list(numbers(home)) == [3, 7, 9]
    (home / str(2**63 - 1)).mkdir()
    with pytest.raises(VersionExistsError, match=r"no number is left after `.*\. Received: version=None"):
        publish_next(home)
    assert list(numbers(home))[-1] == 2**63 - 1


def export_stub(directory: Path) -> Path:
    with staging(directory) as folder:
        for i in range(PARTS):
            (folder / f"part{i}").write_bytes(bytes([i]) * 20_000)
        return publish(folder, directory / "stub", None, lambda number: write_number(folder, number))


def write_number(folder: Path, number: int) -> None:
    (folder / "number").write_text(str(number))


def hidden(directory: Path) -> list[Path]:
    return list(directory.glob(".export.*"))


# ------------------------------------------------------------------ killed


def test_a_killed_process_leaves_complete_versions(tmp_path):
    export_stub(tmp_path)
    moments, seen, broken, left, done = random.Random(0), set(), [], [], threading.Event()

    def poll() -> None:
        while not done.wait(0.0002):
            new = set(versions(tmp_path)) - seen
            broken.extend(version for version in new if not is_whole(version))
            seen.update(new)

    poller = threading.Thread(target=poll)
    poller.start()
    for number in range(5):
        process = worker(tmp_path, 10**6)
        while number == 0 and len(versions(tmp_path)) < 2 and process.poll() is None:  # until it published one
            time.sleep(0.001)
        time.sleep(moments.uniform(0, 0.4))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        left.append(len(hidden(tmp_path)))
    last = export_stub(tmp_path)
    done.set()
    poller.join()
    assert broken == []
    assert all(is_whole(version) for version in versions(tmp_path))
    assert max(left) <= 1, "each export sweeps away what the one before left"
    assert hidden(tmp_path) == []
    assert sorted(int(version.name) for version in versions(tmp_path)) == list(range(1, int(last.name) + 1))


def test_folders_of_running_processes_stay(tmp_path):
    with staging(tmp_path) as mine:
        (mine / "kept").touch()
        export_stub(tmp_path)
        assert (mine / "kept").exists()
        assert len(hidden(tmp_path)) == 1
    assert hidden(tmp_path) == []


def test_only_folders_of_dead_processes_are_removed(tmp_path):
    dead = tmp_path / ".export.dead1234" / "version" / "variables"
    dead.mkdir(parents=True)
    (dead / "data").write_bytes(b"x")
    (tmp_path / ".export.empty567").mkdir()
    (tmp_path / ".export.settings").write_text("someone's file")
    (tmp_path / ".export.pictures").mkdir()
    (tmp_path / ".export.pictures" / "cat.png").write_bytes(b"x")
    (tmp_path / "elsewhere" / "version").mkdir(parents=True)
    (tmp_path / ".export.link0000").symlink_to(tmp_path / "elsewhere")
    export_stub(tmp_path)
    assert {entry.name for entry in hidden(tmp_path)} == {".export.settings", ".export.pictures", ".export.link0000"}
    assert (tmp_path / ".export.pictures" / "cat.png").exists()
    assert (tmp_path / "elsewhere" / "version").exists()


def test_a_folder_removed_before_it_was_locked_is_made_again(tmp_path, monkeypatch):
    """A second process may find a new folder before its owner has locked it."""
    real, calls = publish_module.lock_folder, []

    def locked(folder: Path) -> int | None:
        calls.append(folder)
        if len(calls) == 1:
            publish_module._sweep(tmp_path)
            assert not folder.exists()
        return real(folder)

    monkeypatch.setattr(publish_module, "lock_folder", locked)
    assert is_whole(export_stub(tmp_path))
    assert hidden(tmp_path) == []


def test_a_folder_locked_by_another_process_is_replaced(tmp_path, monkeypatch):
    real, calls = publish_module.lock_folder, []

    def locked(folder: Path) -> int | None:
        calls.append(folder)
        if len(calls) == 1:
            held.append(real(folder))
        return real(folder)

    held: list[int | None] = []
    monkeypatch.setattr(publish_module, "lock_folder", locked)
    version = export_stub(tmp_path)
    assert is_whole(version)
    assert calls[0] != calls[1]
    os.close(held[0])


def test_without_locks_nothing_is_removed(tmp_path, monkeypatch):
    """Windows and some network file systems have no locks."""
    (tmp_path / ".export.unknown1").mkdir()

    def flock(descriptor: int, operation: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(folder_lock.fcntl, "flock", flock)
    assert is_whole(export_stub(tmp_path))
    monkeypatch.setattr(folder_lock, "fcntl", None)
    assert is_whole(export_stub(tmp_path))
    assert [entry.name for entry in hidden(tmp_path)] == [".export.unknown1"]


# ------------------------------------------------------------------ crowded


def test_processes_that_publish_to_one_name_do_not_collide(tmp_path):
    processes = [worker(tmp_path, 10) for _ in range(3)]
    for process in processes:
        out, err = process.communicate(timeout=600)
        assert (out, process.returncode) == ("done\n", 0), err
    assert sorted(int(version.name) for version in versions(tmp_path)) == list(range(1, 31))
    assert all(is_whole(version) for version in versions(tmp_path))
    assert hidden(tmp_path) == []


# ------------------------------------------------------------------ full, forbidden


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 256 kB, with room for two versions of about 100 kB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "none", disk], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("mounting a file system takes root")
    yield disk
    subprocess.run(["umount", disk], check=True)


def test_a_full_disk_leaves_the_earlier_versions(small_disk):
    first, second = export_stub(small_disk), export_stub(small_disk)
    with pytest.raises(OSError, match="No space left on device"):
        export_stub(small_disk)
    assert sorted(versions(small_disk)) == sorted([first, second])
    assert is_whole(first)
    assert is_whole(second)
    assert hidden(small_disk) == []


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs another user to become")
def test_permission_denied_leaves_the_earlier_versions(tmp_path):
    first = export_stub(tmp_path)
    done = worker(tmp_path, 1, 65534)
    _, err = done.communicate(timeout=600)
    assert done.returncode == 1
    assert "PermissionError" in err
    assert versions(tmp_path) == [first]
    assert is_whole(first)
    assert [entry.name for entry in tmp_path.iterdir()] == ["stub"]


# ------------------------------------------------------------------ real exports


@pytest.mark.slow
def test_a_hundred_real_exports_killed_at_random_moments():
    """The script exits with 1 if a version was ever corrupt, partial or lost, or if hidden folders remain."""
    command = [sys.executable, ROOT / "benchmarks" / "killed_exports.py", "--exports", "100"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=3600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
