"""The system calls of a run, recorded with every byte and played again on the model of a device."""
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import runfolder
import strace
from storage import Device, File, Folder, Sync, nothing_unsynced

CALLS = ("openat", "write", "pwrite64", "fsync", "fdatasync", "close", "rename", "renameat", "renameat2", "unlink", "unlinkat", "ftruncate", "mkdir")
STRING = re.compile(r'"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?')
ERRORS = 2


@dataclass
class Event:
    """A call begins (its result is None) or has ended; calls of several threads overlap."""
    thread: str
    name: str
    strings: list[bytes]
    numbers: list[int]
    flags: str
    result: int | None = None

    def __str__(self) -> str:
        paths = [text.decode(errors="replace") for text in self.strings if text.startswith(b"/")]
        state = "begins" if self.result is None else f"= {self.result}"
        return f"{self.name}({', '.join(paths or map(str, self.numbers[:1]))}) {state}"


def record(command: list[str], log: str) -> list[Event]:
    """Runs `command` under strace; every call twice, as it begins and as it ends."""
    names = ",".join("?" + name for name in CALLS)
    strace.traced(["-xx", "-s", str(1 << 24), "-e", f"trace={names}"], command, log).expect(0)
    events, begun = [], {}
    with open(log) as file:
        for line in file:
            thread, rest = line.split(maxsplit=1)
            if call := re.match(r"(\w+)\((.*)", rest):
                arguments = call[2].split(" <unfinished")[0].rsplit(" = ", 1)[0]
                begun[thread] = parse(thread, call[1], arguments)
                events.append(begun[thread])
            if (end := re.search(r"\) += (-?\d+)", rest)) and thread in begun:
                event = begun.pop(thread)
                events.append(Event(event.thread, event.name, event.strings, event.numbers, event.flags, int(end[1])))
    return events


def parse(thread: str, name: str, arguments: str) -> Event:
    if any(cut for _, cut in STRING.findall(arguments)):
        raise ValueError(f"strace has cut a string of {name}")
    strings = [bytes.fromhex(text.replace("\\x", "")) for text, _ in STRING.findall(arguments)]
    rest = STRING.sub("", arguments)
    return Event(thread, name, strings, [int(number) for number in re.findall(r"(?<![\w|])\d+(?!\w)", rest)], rest)


class Replay:
    """A recording that is played on a device, call by call."""

    def __init__(self, run: str, before: dict[str, bytes | None], reported: set[int], events: list[Event], keep: int,
                 without: Callable[[str, bool], bool]):
        """`without` says which fsyncs are left out, by path and whether it is a folder's."""
        self.run, self.events, self.keep, self.without = run, events, keep, without
        self.device = Device(os.path.dirname(run))
        name = "/run"
        for path, content in before.items():
            self.device.adopt(self.device.root + name + path, content)
        self.promised = {f"{name}{path}": content for path, content in before.items()
                         if any(path.endswith(runfolder.checkpoint_path("", step)) for step in reported)}
        # Node, path and position of what is open, by number; the fsyncs under way, by thread.
        self.open: dict[int, list] = {}
        self.syncs: dict[str, Sync] = {}

    def steps(self) -> Iterator[Event]:
        """Plays one event after the other that touches the run's folder or reports a checkpoint, and hands each out."""
        for event in self.events:
            if self.begin(event) if event.result is None else self.end(event):
                yield event

    def path(self, text: bytes) -> str:
        """The path as the device of the model knows it; empty for one that is not the run's."""
        path = text.decode(errors="replace")
        if path == self.device.root:
            return path
        return f"{self.device.root}/run{path.removeprefix(self.run)}" if path == self.run or path.startswith(self.run + "/") else ""

    def begin(self, event: Event) -> bool:
        match event.name:
            case "fsync" | "fdatasync" if event.numbers[0] in self.open:
                node, path, _ = self.open[event.numbers[0]]
                if not self.without(path, isinstance(node, Folder)):
                    self.syncs[event.thread] = Sync(node)
            case "close":
                # Another thread may get the number before this call ends.
                return self.open.pop(event.numbers[0], None) is not None
            case "unlink" | "unlinkat" if path := self.path(event.strings[0]):
                self.let_go(path.removeprefix(self.device.root))
            case "write" if event.numbers[0] == ERRORS:
                return self.listen(event.strings[0].decode(errors="replace"))
            case _:
                return False
        return True

    def listen(self, text: str) -> bool:
        """What the process says on standard error: from now on a checkpoint is promised."""
        said = re.findall(r"^step \d+  saved (\S+) \(", text, re.MULTILINE)
        for path in map(self.path, map(str.encode, said)):
            self.promised[path.removeprefix(self.device.root)] = self.device.find(path).content
        return bool(said)

    def let_go(self, path: str) -> None:
        """A checkpoint is being deleted: rightly so, where `keep` newer ones are on the device for certain."""
        newer = [other for other, content in nothing_unsynced(self.device).items()
                 if other.endswith(".zst") and other > path and content is not None and runfolder.is_sealed(content)]
        if len(newer) >= self.keep:
            self.promised.pop(path, None)

    def end(self, event: Event) -> bool:
        if event.result < 0:
            return False
        match event.name:
            case "openat" if path := self.path(event.strings[0]):
                node = self.device.find(path)
                if node is None:
                    node = self.device.make(path, File())
                elif "O_TRUNC" in event.flags:
                    node.content = b""
                self.open[event.result] = [node, path, None if "O_APPEND" in event.flags else 0]
            case "write" if event.numbers[0] in self.open:
                self.put(self.open[event.numbers[0]], event.strings[0][:event.result])
            case "pwrite64" if event.numbers[0] in self.open:
                node, path, _ = self.open[event.numbers[0]]
                self.put([node, path, event.numbers[-1]], event.strings[0][:event.result])
            case "ftruncate" if event.numbers[0] in self.open:
                node, length = self.open[event.numbers[0]][0], event.numbers[1]
                node.content = node.content[:length].ljust(length, b"\0")
            case "fsync" | "fdatasync" if event.thread in self.syncs:
                self.syncs.pop(event.thread).end()
            case "mkdir" if path := self.path(event.strings[0]):
                self.device.make(path, Folder())
            case "rename" | "renameat" | "renameat2" if path := self.path(event.strings[0]):
                self.device.rename(path, self.path(event.strings[1]))
            case "unlink" | "unlinkat" if path := self.path(event.strings[0]):
                self.device.remove(path)
            case _:
                return False
        return True

    @staticmethod
    def put(open_file: list, data: bytes) -> None:
        node, _, position = open_file
        start = len(node.content) if position is None else position
        node.content = node.content[:start].ljust(start, b"\0") + data + node.content[start + len(data):]
        if position is not None:
            open_file[2] = start + len(data)
