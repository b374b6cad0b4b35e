"""Small file systems in memory, seen by this process and those that it starts, and gone with it."""
import ctypes
import os
from contextlib import contextmanager

NEW_MOUNTS, NEW_USER = 0x00020000, 0x10000000
RECURSIVE, PRIVATE, REMOUNT, DETACH = 0x4000, 0x40000, 0x20, 2
libc = ctypes.CDLL(None, use_errno=True)


def have_own() -> str:
    """Gives this process a table of mounts of its own. Returns the reason why it cannot be had, or nothing."""
    try:
        user, group = os.getuid(), os.getgid()
        if user == 0:
            call("unshare", NEW_MOUNTS)
        else:
            # As root of a name space of one's own, one may mount.
            call("unshare", NEW_MOUNTS | NEW_USER)
            for name, text in ("setgroups", "deny"), ("uid_map", f"0 {user} 1"), ("gid_map", f"0 {group} 1"):
                with open(f"/proc/self/{name}", "w") as file:
                    file.write(text)
        call("mount", b"none", b"/", None, RECURSIVE | PRIVATE, None)
    except OSError as error:
        return f"neither root nor a user name space can be had ({error})"
    return ""


@contextmanager
def disk(path: str, options: str):
    """A file system in memory at `path`, such as of `size=64k` or `nr_inodes=9`."""
    os.makedirs(path, exist_ok=True)
    call("mount", b"none", path.encode(), b"tmpfs", 0, options.encode())
    try:
        yield
    finally:
        call("umount2", path.encode(), DETACH)


def resize(path: str, options: str) -> None:
    call("mount", b"none", path.encode(), b"tmpfs", REMOUNT, options.encode())


def call(name: str, *arguments) -> None:
    if getattr(libc, name)(*arguments) != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{name}: {os.strerror(code)}")
