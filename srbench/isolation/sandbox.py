"""The sandboxes there are, which of them is in force, and what each does not protect from.

None is ours: bubblewrap (namespaces, also without root), a container runtime with an image that the user names, or
nothing but process limits. The description is data, for the head of every report.
"""

from __future__ import annotations

import functools
import os
import shutil
import site
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from srbench.errors import SrbenchError
from srbench.isolation.limits import Limits

Kind = Literal["bubblewrap", "container", "process", "own"]
KINDS: tuple[Kind, ...] = ("bubblewrap", "container", "process")
ENTRY = "/entry"
"""Where the stranger's folder lies in a sandbox, read-only."""
LIMITED = ("memory, processes, file sizes, open files and time are limited", "everything it started is killed with it")


@dataclass(frozen=True)
class Sandbox:
    """One way to run a stranger's code: what it protects from, and what not."""

    kind: Kind
    protects: tuple[str, ...]
    gaps: tuple[str, ...]
    image: str = ""

    @property
    def entry(self) -> str:
        """Where the stranger's folder is seen; '' where it is seen under its own path."""
        return "" if self.kind == "process" else ENTRY


_BUBBLEWRAP = Sandbox(
    "bubblewrap",
    (
        "no network", "no processes of others are seen", "files: its own folder and the libraries, read-only",
        "writes go to a folder in memory that ends with it", "the user's environment is not passed on", *LIMITED,
    ),
    ("faults of the kernel", "files of the installed libraries can be read", "load that it puts on the machine"),
)  # fmt: skip
_CONTAINER = Sandbox(
    "container",
    ("no network", "no processes of others are seen", "files: its own folder and the image, read-only",
     "no capabilities", *LIMITED),
    ("faults of the kernel or of the container runtime", "load that it puts on the machine"),
)  # fmt: skip
_PROCESS = Sandbox(
    "process",
    ("a process of its own", "the user's environment is not passed on", *LIMITED),
    (
        "it can read and change the user's files, reference images among them", "it can use the network",
        "it sees other processes", "a process that hides from its parent may go on",
    ),
)  # fmt: skip


OWN = Sandbox(
    "own",
    ("a process of its own", "everything it started is killed with it"),
    ("it may do whatever the user may",),
)
"""For models that the user runs for himself: they see his files and his environment, as in his own process."""


def choose(wanted: str = "auto") -> Sandbox:
    """The sandbox called ``wanted``: "bubblewrap", "container:IMAGE", "process", or "auto" for the first that works.

    A container is never taken unasked: it needs an image that holds srbench and torch.

    Raises:
        SrbenchError: it is unknown, or does not work here; says why.
    """
    kind, _, image = wanted.partition(":")
    if kind == "auto":
        return _BUBBLEWRAP if not why_no_bubblewrap() else _PROCESS
    if kind == "bubblewrap":
        trouble = why_no_bubblewrap()
        if trouble:
            raise SrbenchError(f"bubblewrap cannot be used here: {trouble}; install it or give --isolation process.")
        return _BUBBLEWRAP
    if kind == "container":
        if not image:
            raise SrbenchError("give the image too, as container:IMAGE; it must hold srbench and torch.")
        container_runtime()
        return Sandbox("container", _CONTAINER.protects, _CONTAINER.gaps, image)
    if kind == "process":
        return _PROCESS
    raise SrbenchError(f"unknown isolation '{wanted}'; expected auto, bubblewrap, container:IMAGE or process.")


@functools.cache
def why_no_bubblewrap() -> str:
    """Why bubblewrap cannot be used: '' where it works."""
    program = shutil.which("bwrap")
    if program is None:
        return "there is no program bwrap"
    command = [program, "--unshare-all", "--die-with-parent", "--ro-bind", "/", "/", "--proc", "/proc", "true"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.SubprocessError) as error:
        return str(error)
    return "" if done.returncode == 0 else " ".join(done.stderr.split())


def container_runtime() -> str:
    """Path of podman or docker.

    Raises:
        SrbenchError: neither works.
    """
    for name in ("podman", "docker"):
        program = shutil.which(name)
        if program and subprocess.run([program, "info"], capture_output=True, timeout=60, check=False).returncode == 0:
            return program
    raise SrbenchError("no container runtime works here (podman, docker); give --isolation bubblewrap or process.")


@dataclass(frozen=True)
class Inside:
    """What a sandboxed process finds: ``folder`` as its own, ``files`` of ours under their own paths, all read-only."""

    folder: Path
    environment: Mapping[str, str]
    cuda: bool = False
    files: tuple[str, ...] = ()


def command_for(sandbox: Sandbox, arguments: list[str], limits: Limits, inside: Inside) -> list[str]:
    """The command line that runs ``python ARGUMENTS`` in ``sandbox``, which finds ``inside``."""
    if sandbox.kind == "bubblewrap":
        return _bubblewrap(arguments, limits, inside)
    if sandbox.kind == "container":
        return container_command((container_runtime(), sandbox.image), arguments, limits, inside)
    return [sys.executable, *arguments]


def _bubblewrap(arguments: list[str], limits: Limits, inside: Inside) -> list[str]:
    command = [
        shutil.which("bwrap") or "bwrap", "--unshare-all", "--die-with-parent", "--new-session",
        "--proc", "/proc", "--dev", "/dev", "--size", str(limits.file_bytes), "--tmpfs", "/tmp",
        "--size", str(limits.file_bytes), "--tmpfs", "/dev/shm",
    ]  # fmt: skip
    for path in _system_paths():
        command += (
            ["--symlink", str(Path(path).readlink()), path] if Path(path).is_symlink() else ["--ro-bind", path, path]
        )
    for path in library_folders():
        command += ["--ro-bind-try", path, path]
    for path in inside.files:
        command += ["--ro-bind", path, path]
    if inside.cuda:
        for device in sorted(Path("/dev").glob("nvidia*")):
            command += ["--dev-bind-try", str(device), str(device)]
        command += ["--ro-bind-try", "/sys", "/sys"]
    command += ["--ro-bind", str(inside.folder), ENTRY, "--remount-ro", "/dev", "--remount-ro", "/"]
    command += ["--chdir", "/tmp", "--clearenv"]
    for name, value in inside.environment.items():
        command += ["--setenv", name, value]
    return [*command, "--", sys.executable, *arguments]


def _system_paths() -> list[str]:
    wanted = ("/usr", "/lib", "/lib32", "/lib64", "/bin", "/etc/ld.so.cache", "/etc/alternatives", "/etc/localtime")
    return [path for path in wanted if os.path.lexists(path)]


def library_folders() -> list[str]:
    """Folders that Python and its packages are in, and srbench itself; nothing around them."""
    import srbench

    paths = sysconfig.get_paths()
    found = [sys.base_prefix, sys.prefix, paths["stdlib"], paths["purelib"], paths["platlib"]]
    if site.ENABLE_USER_SITE:
        found.append(site.getusersitepackages())
    found += [str(Path(file).resolve().parent) for file in (srbench.__file__,) if file]
    kept: list[str] = []
    for path in dict.fromkeys(os.path.realpath(path) for path in found):
        if Path(path).is_dir() and path != "/" and not any(_inside(path, other) for other in ("/usr", *kept)):
            kept.append(path)
    return kept


def import_path() -> str:
    """``PYTHONPATH`` of a sandboxed process: where srbench is, and the user's own packages, which HOME places."""
    import srbench

    found = [str(Path(str(srbench.__file__)).resolve().parent.parent)]
    if site.ENABLE_USER_SITE and Path(site.getusersitepackages()).is_dir():
        found.append(site.getusersitepackages())
    return os.pathsep.join(found)


def _inside(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder}/")


_OF_IMAGE = ("PATH", "PYTHONPATH")
"""What an image sets itself: where its Python is, and its packages."""


def _ulimits(limits: Limits) -> list[str]:
    """Open files and processes as limited: what a runtime gives unasked may be more than it is allowed to give."""
    return [
        f"--ulimit={name}={most}:{most}" for name, most in (("nofile", limits.open_files), ("nproc", limits.threads))
    ]


def container_command(container: tuple[str, str], arguments: list[str], limits: Limits, inside: Inside) -> list[str]:
    """The command line of a ``container`` (program of the runtime, image); files of ours lie where they lie here."""
    program, image = container
    command = [
        program, "run", "--rm", "--interactive", "--network=none", "--read-only", "--cap-drop=ALL",
        "--security-opt=no-new-privileges", f"--pids-limit={limits.threads}", f"--memory={limits.memory_bytes}",
        f"--tmpfs=/tmp:size={limits.file_bytes}", f"--volume={inside.folder}:{ENTRY}:ro", "--workdir=/tmp",
        *_ulimits(limits),
    ]  # fmt: skip
    command += [f"--volume={path}:{path}:ro" for path in inside.files]
    command += ["--gpus=all"] if inside.cuda else []
    command += [f"--env={name}={value}" for name, value in inside.environment.items() if name not in _OF_IMAGE]
    return [*command, image, "python", *arguments]
