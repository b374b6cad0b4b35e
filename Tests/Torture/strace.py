"""System calls of the program: listed, made to fail, recorded; by strace."""
import re
import shlex
import shutil
import time
from dataclasses import dataclass

import program
from program import Broken, Ended

# What a run can meet in its folder.
CALLS = ("openat", "read", "write", "pwrite64", "lseek", "newfstatat", "fsync", "fdatasync", "close", "rename", "renameat", "renameat2", "unlink",
         "unlinkat", "ftruncate", "mkdir", "mkdirat", "getdents64", "flock", "fcntl", "chmod", "fchmod", "link", "symlink", "readlink")
# Stands for the process' number in a path: the names of temporaries hold it.
PROCESS = "{process}"


@dataclass(frozen=True)
class Call:
    """The `number`-th call `name` on `path` that a thread makes."""
    name: str
    path: str
    number: int

    def __str__(self) -> str:
        return f"{self.name} {self.number} of {self.path}"


def is_missing() -> str:
    """Why strace cannot be used here, or nothing."""
    if not shutil.which("strace"):
        return "strace is not installed; tools/setup --torture installs it"
    probe = program.run(["strace", "-o", "/dev/null", "-e", "trace=none", "true"])
    return "" if probe.status == 0 else f"strace cannot trace here: {probe.errors.strip()}"


def traced(options: list[str], command: list[str], log: str) -> Ended:
    """Runs `command` under strace. `{process}` in an option becomes the number that the traced process will have.

    -D makes strace the grandchild and leaves the number of this process to the program; so a shell knows it beforehand.
    """
    words = " ".join(shlex.quote(option).replace(PROCESS, "'\"$$\"'") for option in options)
    script = f"exec strace -D -f -o {shlex.quote(log)} {words} -- {shlex.join(command)}"
    ended = program.run(["sh", "-c", script])
    wait_for_end(log, ended.process)
    return ended


def wait_for_end(log: str, process: int) -> None:
    """strace may write its last lines after the program has ended."""
    for _ in range(1000):
        with open(log, errors="replace") as file:
            if re.search(rf"^{process} +\+\+\+ (exited|killed)", file.read(), re.MULTILINE):
                return
        time.sleep(0.005)
    raise Broken(f"strace has not ended its trace {log}")


def calls(command: list[str], folder: str, log: str) -> list[Call]:
    """Every call of an undisturbed run of `command` on a path in `folder`, in order."""
    ended = traced(["-y", "-e", f"trace={','.join('?' + name for name in CALLS)}"], command, log).expect(0)
    counts, found = {}, []
    path = re.compile(rf'[<"]({re.escape(folder)}(?:/[^>"]*)?)[>"]')
    with open(log, errors="replace") as file:
        lines = file.readlines()
    for line in lines:
        match = re.match(r"(\d+) +(\w+)\(", line)
        place = path.search(line)
        if not match or not place or "..." in line.split("(")[0]:
            continue
        name = re.sub(rf"\.{ended.process}-(\d+)\.partial$", rf".{PROCESS}-\1.partial", place[1])
        key = (match[1], match[2], name)
        counts[key] = counts.get(key, 0) + 1
        call = Call(match[2], name, counts[key])
        if call not in found:
            found.append(call)
    if not ended.was_killed and not found:
        raise Broken(f"no call on a path in {folder} was traced, see {log}")
    return found


def disturbed(call: Call, how: str, command: list[str], log: str) -> tuple[Ended, int]:
    """Runs `command`, where `call` meets `how`, such as error=EIO:when=N or signal=KILL:when=N; also how many calls did.

    strace counts the calls of each thread, so where several threads use a path more than one may.
    """
    options = ["-P", call.path, "-e", f"trace={call.name}", "-e", f"inject={call.name}:{how}".replace("=N", f"={call.number}")]
    ended = traced(options, command, log)
    with open(log, errors="replace") as file:
        text = file.read()
    return ended, text.count("(INJECTED)") + text.count("killed by SIGKILL")
