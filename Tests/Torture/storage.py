"""A model of what a device holds: what was synchronized for certain, of the rest whatever it likes.

A file has the bytes that a program reads and those that the last fsync has made durable. A folder has the names that a program sees and
those that an fsync of the folder has made durable; the links, renames and deletions since then may each be on the device or not. That is
what POSIX promises, and less than file systems give in practice.
"""
import random
from dataclasses import dataclass, field

PAGE = 4096


@dataclass(eq=False)
class File:
    content: bytes = b""
    durable: bytes = b""


@dataclass(eq=False)
class Folder:
    names: dict = field(default_factory=dict)
    durable: dict = field(default_factory=dict)
    # Since the last fsync: ("link", name, node), ("unlink", name), ("rename", old, new, node).
    pending: list = field(default_factory=list)

    def change(self, *operation) -> None:
        self.pending.append(operation)
        apply(self.names, operation)


def apply(names: dict, operation: tuple) -> None:
    match operation:
        case "link", name, node:
            names[name] = node
        case "unlink", name:
            names.pop(name, None)
        case "rename", old, new, node:
            names.pop(old, None)
            names[new] = node


class Device:
    """The files under one folder, changed by system calls."""

    def __init__(self, root: str):
        self.root, self.top = root, Folder()

    def find(self, path: str) -> File | Folder | None:
        node = self.top
        for name in path.removeprefix(self.root).split("/")[1:]:
            node = node.names.get(name) if isinstance(node, Folder) else None
        return node

    def place(self, path: str) -> tuple[Folder, str]:
        above, name = path.rsplit("/", 1)
        return self.find(above), name

    def make(self, path: str, node: File | Folder) -> File | Folder:
        folder, name = self.place(path)
        folder.change("link", name, node)
        return node

    def remove(self, path: str) -> None:
        folder, name = self.place(path)
        folder.change("unlink", name)

    def rename(self, old: str, new: str) -> None:
        (folder, name), (target, other) = self.place(old), self.place(new)
        if folder is not target:
            raise ValueError(f"{old} is renamed into another folder: {new}")
        folder.change("rename", name, other, folder.names[name])

    def adopt(self, path: str, content: bytes | None) -> None:
        """A file, or a folder where `content` is None, that has stood on the device for long."""
        node = self.make(path, Folder() if content is None else File(content, content))
        folder, name = self.place(path)
        folder.pending.clear()
        folder.durable[name] = node


class Sync:
    """An fsync under way: on its end it has made durable what there was at its beginning; of what came since nobody knows."""

    def __init__(self, node: File | Folder):
        self.node = node
        if isinstance(node, File):
            self.content = node.content
        else:
            self.names, self.count = dict(node.names), len(node.pending)

    def end(self) -> None:
        if isinstance(self.node, File):
            self.node.durable = self.content
        else:
            self.node.durable, self.node.pending = self.names, self.node.pending[self.count:]


# How a power cut may leave a device.

def nothing_unsynced(device: Device) -> dict[str, bytes | None]:
    """All that was not synchronized is lost."""
    return walk(device.top, "", lambda folder: folder.durable, lambda file: file.durable)


def names_without_data(device: Device) -> dict[str, bytes | None]:
    """All names are there, and no unsynchronized data: a file is as short as it was."""
    return walk(device.top, "", lambda folder: folder.names, lambda file: file.durable)


def names_with_zeros(device: Device) -> dict[str, bytes | None]:
    """All names and lengths are there, and zeros in the place of unsynchronized data."""
    return walk(device.top, "", lambda folder: folder.names, lambda file: file.durable[:len(file.content)].ljust(len(file.content), b"\0"))


CERTAIN = (nothing_unsynced, names_without_data, names_with_zeros)


def at_random(generator: random.Random):
    """Each name and each page of data may be there or not."""
    def names(folder: Folder) -> dict:
        found = dict(folder.durable)
        for operation in folder.pending:
            if generator.random() < 0.5:
                apply(found, operation)
                # Half of a rename: the new name is there, and the old one too.
                if operation[0] == "rename" and generator.random() < 0.3:
                    found[operation[1]] = operation[3]
        return found

    def data(file: File) -> bytes:
        if file.content == file.durable:
            return file.content
        lengths = sorted((len(file.durable), len(file.content)))
        end = generator.choice((*lengths, generator.randint(*lengths)))
        pages = []
        for start in range(0, end, PAGE):
            source = generator.choice((file.content, file.durable))
            pages.append(source[start:start + PAGE].ljust(PAGE, b"\0"))
        return b"".join(pages)[:end]

    return lambda device: walk(device.top, "", names, data)


def walk(folder: Folder, path: str, names, data) -> dict[str, bytes | None]:
    """Relative paths and contents; None for a folder."""
    found = {}
    for name, node in sorted(names(folder).items()):
        if isinstance(node, Folder):
            found[f"{path}/{name}"] = None
            found |= walk(node, f"{path}/{name}", names, data)
        else:
            found[f"{path}/{name}"] = data(node)
    return found
