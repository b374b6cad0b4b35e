"""A switch and the lines to it: carries Ethernet frames between name spaces, as late and as slowly as it is told to.

    python3 cable.py LATENCY RATE SPACE SPACE …

gives each name space the device `rank`, and says so by a line. LATENCY is in seconds, RATE in bytes a second each way;
`inf` is as fast as can be. It ends with its standard input.
"""
import fcntl
import heapq
import os
import select
import struct
import subprocess
import sys
import time
from itertools import count

# Of linux/if_tun.h.
TUNSETIFF, TUNSETOFFLOAD = 0x400454CA, 0x400454D0
TAP, NO_INFORMATION, WITH_HEADER = 0x2, 0x1000, 0x4000
# As a card takes them: frames of a connection in bundles of up to 64 KiB, which are few for Python to carry, and
# without checksums. A header of virtio_net before each says so.
BUNDLES, NO_CHECKSUMS = 0x2, 0x1
HEADER, LONGEST = 10, 1 << 17


def plug(number: int, space: str) -> int:
    """Gives a name space its device, whose frames come and go by the file that is returned."""
    port = os.open("/dev/net/tun", os.O_RDWR)
    asked = struct.pack("16sH22x", b"lockstep%d", TAP | NO_INFORMATION | WITH_HEADER)
    name = fcntl.ioctl(port, TUNSETIFF, asked)[:16].rstrip(b"\0").decode()
    fcntl.ioctl(port, TUNSETOFFLOAD, BUNDLES | NO_CHECKSUMS)
    # The last byte of its address says where it is plugged in.
    address = f"02:00:00:00:00:{number:02x}"
    subprocess.run(["ip", "link", "set", name, "netns", space, "name", "rank", "address", address], check=True)
    return port


def carry(ports: list[int], latency: float, rate: float) -> None:
    """A frame waits for the line to the switch, there for that to its receiver, and arrives `latency` seconds later."""
    upward, downward = [0.0] * len(ports), [0.0] * len(ports)
    # By when something happens to them, and among equals in the order of coming.
    under_way: list[tuple[float, int, bytes, int, bool]] = []
    numbers = count()

    def seconds(frame: bytes) -> float:
        return (len(frame) - HEADER) / rate

    while True:
        while under_way and under_way[0][0] <= time.monotonic():
            moment, _, frame, target, is_at_switch = heapq.heappop(under_way)
            if is_at_switch:
                # It goes on byte by byte as it comes, if nothing else is on the line.
                downward[target] = max(moment, downward[target] + seconds(frame))
                heapq.heappush(under_way, (downward[target] + latency, next(numbers), frame, target, False))
                continue
            try:
                os.write(ports[target], frame)
            except OSError:
                # The device is down: a cable that is pulled.
                pass
        patience = max(0, under_way[0][0] - time.monotonic()) if under_way else None
        for port in select.select([sys.stdin.fileno(), *ports], [], [], patience)[0]:
            if port not in ports:
                return
            source, frame = ports.index(port), os.read(port, LONGEST)
            upward[source] = max(time.monotonic(), upward[source]) + seconds(frame)
            # An odd first byte of the address is for all.
            first, last = frame[HEADER], frame[HEADER + 5]
            for target in range(len(ports)):
                if target != source and (first & 1 or target == last):
                    heapq.heappush(under_way, (upward[source], next(numbers), frame, target, True))


def main() -> None:
    latency, rate, *spaces = sys.argv[1:]
    ports = [plug(number, space) for number, space in enumerate(spaces)]
    # Ahead of those who compute: a wire waits for no processor.
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    print("plugged in", flush=True)
    carry(ports, float(latency), float(rate))


if __name__ == "__main__":
    main()
