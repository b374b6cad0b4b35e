"""Two machines on one: name spaces of the network and of host names, joined by a cable that delays each packet."""
import os
import shlex
import shutil
import signal
from contextlib import contextmanager

import program
from bench import Skipped
from job import Job, MPIRUN
from program import Broken, Ended, Program

# For tests of networks, RFC 2544: nobody's own.
NETWORK = "198.18.0.0/30"
ADDRESSES = ("198.18.0.1", "198.18.0.2")
DELAY = "0.2ms"


class Machines(Program):
    """The binary `lockstep`, started as one rank on each of two machines."""

    def __init__(self, path: str, folder: str, spaces: list[str], delay: str):
        super().__init__(path)
        self.spaces, self.delay = spaces, delay
        agent = f"{folder}/agent"
        with open(agent, "w") as file:
            # In the place of ssh, which gets a host and the words of a shell's line.
            file.write(f"#!/bin/sh\nshift\nexec {shlex.join(self.inside(1))} sh -c \"$*\"\n")
        os.chmod(agent, 0o755)
        options = {"plm_rsh_agent": agent, "orte_tmpdir_base": folder, "btl": "tcp,self", "btl_tcp_if_include": NETWORK, "oob_tcp_if_include": NETWORK}
        self.prefix = [*self.inside(0), *MPIRUN, "-n", "2", "--host", ",".join(f"{address}:1" for address in ADDRESSES),
                       *(word for name, value in options.items() for word in ("--mca", name, value))]

    def inside(self, number: int) -> list[str]:
        """What starts a command on a machine."""
        # Not by `ip netns exec`, which hides what is mounted in /sys: Slurm looks for the control groups there.
        name = f'hostname node{number + 1}; exec "$@"'
        return ["nsenter", f"--net=/run/netns/{self.spaces[number]}", "unshare", "--uts", "sh", "-c", name, "sh"]

    def start(self, *arguments: str) -> Job:
        return Job(self.path, [*self.prefix, self.path, *arguments], 2)

    def run(self, *arguments: str, kill_after: float | None = None) -> Ended:
        return self.start(*arguments).end()

    def processes(self) -> list[int]:
        """All that run on them."""
        return [int(number) for space in self.spaces for number in program.run(["ip", "netns", "pids", space]).output.split()]

    def cut(self) -> None:
        """Pulls the cable."""
        act("ip", "-n", self.spaces[1], "link", "set", "rank", "down")


@contextmanager
def machines(path: str, folder: str):
    """Two machines that are gone afterwards."""
    if os.getuid() != 0:
        raise Skipped("name spaces of the network need root")
    if missing := [name for name in ("ip", "tc", "nsenter", "unshare") if not shutil.which(name)]:
        raise Skipped(f"found no {' and no '.join(missing)}; install iproute2 and util-linux")
    spaces = [f"lockstep-{os.getpid()}-{number}" for number in (1, 2)]
    made = []
    try:
        try:
            for space in spaces:
                act("ip", "netns", "add", space)
                made.append(space)
            act("ip", "-n", spaces[0], "link", "add", "rank", "type", "veth", "peer", "name", "rank", "netns", spaces[1])
            for space, address in zip(spaces, ADDRESSES):
                act("ip", "-n", space, "address", "add", f"{address}/30", "dev", "rank")
                act("ip", "-n", space, "link", "set", "rank", "up")
                act("ip", "-n", space, "link", "set", "lo", "up")
        except Broken as broken:
            raise Skipped(f"no network of two machines can be had: {broken}") from None
        try:
            for space in spaces:
                act("tc", "-n", space, "qdisc", "add", "dev", "rank", "root", "netem", "delay", DELAY)
            delay = f"{DELAY} of delay each way"
        except Broken as broken:
            delay = f"no delay ({str(broken).splitlines()[0]})"
        yield Machines(path, folder, spaces, delay)
    finally:
        for space in made:
            # A daemon of Open MPI's whose cable is pulled waits for ever.
            for number in program.run(["ip", "netns", "pids", space]).output.split():
                os.kill(int(number), signal.SIGKILL)
            program.run(["ip", "netns", "delete", space])


def act(*command: str) -> None:
    ended = program.run(list(command))
    if ended.status != 0:
        raise Broken(f"{' '.join(command[:2])}: {ended.errors.strip()}")
