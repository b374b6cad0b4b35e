"""Machines within one: name spaces of the network and of host names, joined by a switch that may be slow."""
import os
import shlex
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager

import program
from bench import Skipped
from job import Job, MPIRUN
from program import Broken, Ended, Program

# For tests of networks, RFC 2544: nobody's own.
NETWORK, ADDRESS = "198.18.0.0/24", "198.18.0.{}"
CABLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "cable.py")


class Machines(Program):
    """The binary `lockstep`, started as one rank on each machine."""

    def __init__(self, path: str, folder: str, spaces: list[str]):
        super().__init__(path)
        self.spaces, self.addresses = spaces, [ADDRESS.format(number) for number in range(1, len(spaces) + 1)]
        agent = f"{folder}/agent"
        with open(agent, "w") as file:
            # In the place of ssh, which gets a host and the words of a shell's line.
            file.write("#!/bin/sh\nhost=$1\nshift\ncase $host in\n")
            file.writelines(f"{address}) exec {shlex.join(self.inside(number))} sh -c \"$*\" ;;\n" for number, address in enumerate(self.addresses))
            file.write("esac\n")
        os.chmod(agent, 0o755)
        options = {"plm_rsh_agent": agent, "orte_tmpdir_base": folder, "btl": "tcp,self", "btl_tcp_if_include": NETWORK, "oob_tcp_if_include": NETWORK}
        self.prefix = [*self.inside(0), *MPIRUN, "-n", str(len(spaces)), "--host", ",".join(f"{address}:1" for address in self.addresses),
                       *(word for name, value in options.items() for word in ("--mca", name, value))]

    def inside(self, number: int) -> list[str]:
        """What starts a command on a machine."""
        # Not by `ip netns exec`, which hides what is mounted in /sys: Slurm looks for the control groups there.
        words = ["unshare", "--uts", "sh", "-c", 'hostname "$0"; exec "$@"', f"node{number + 1}"]
        return ["nsenter", f"--net=/run/netns/{self.spaces[number]}", *words]

    def start(self, *arguments: str) -> Job:
        return Job(self.path, [*self.prefix, self.path, *arguments], len(self.spaces))

    def run(self, *arguments: str, kill_after: float | None = None) -> Ended:
        return self.start(*arguments).end()

    def processes(self) -> list[int]:
        """All that run on them."""
        return [int(number) for space in self.spaces for number in program.run(["ip", "netns", "pids", space]).output.split()]

    def cut(self) -> None:
        """Pulls the cable of the last machine."""
        act("ip", "-n", self.spaces[-1], "link", "set", "rank", "down")


@contextmanager
def machines(path: str, folder: str, count: int = 2, latency: float = 0, rate: float = float("inf")):
    """So many machines, gone afterwards. Each sends and receives `rate` bytes a second; a frame is `latency` seconds late."""
    if os.getuid() != 0:
        raise Skipped("name spaces of the network need root")
    if missing := [name for name in ("ip", "nsenter", "unshare") if not shutil.which(name)]:
        raise Skipped(f"found no {' and no '.join(missing)}; install iproute2 and util-linux")
    spaces = [f"lockstep-{os.getpid()}-{number}" for number in range(1, count + 1)]
    made, cable = [], None
    try:
        try:
            for space in spaces:
                act("ip", "netns", "add", space)
                made.append(space)
            cable = subprocess.Popen([sys.executable, "-B", CABLE, str(latency), str(rate), *spaces],
                                     stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            if not cable.stdout.readline():
                raise Broken(f"cable: {cable.stderr.read().strip().splitlines()[-1]}")
            for number, space in enumerate(spaces, 1):
                act("ip", "-n", space, "address", "add", f"{ADDRESS.format(number)}/24", "dev", "rank")
                act("ip", "-n", space, "link", "set", "rank", "up")
                act("ip", "-n", space, "link", "set", "lo", "up")
        except Broken as broken:
            raise Skipped(f"no network of {count} machines can be had: {broken}") from None
        yield Machines(path, folder, spaces)
    finally:
        for space in made:
            # A daemon of Open MPI's whose cable is pulled waits for ever.
            for number in program.run(["ip", "netns", "pids", space]).output.split():
                os.kill(int(number), signal.SIGKILL)
            program.run(["ip", "netns", "delete", space])
        if cable:
            cable.communicate()


def act(*command: str) -> None:
    ended = program.run(list(command))
    if ended.status != 0:
        raise Broken(f"{' '.join(command[:2])}: {ended.errors.strip()}")
