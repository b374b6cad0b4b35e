"""What TensorBoard's event files hold, read without Lockstep's help and without TensorBoard's: TFRecords of protocol buffers."""
import functools
import os
import struct
from collections.abc import Iterator


# The remainder of every byte by the polynomial of CRC32C, bits reflected (RFC 3720, appendix B.4).
REMAINDERS = [functools.reduce(lambda value, _: value >> 1 ^ (0x82F63B78 if value & 1 else 0), range(8), byte) for byte in range(256)]


@functools.cache
def checksum(data: bytes) -> int:
    """CRC32C as TFRecords mask it: turned by 15 bits to the right and moved by a constant."""
    value = 0xFFFFFFFF
    for byte in data:
        value = value >> 8 ^ REMAINDERS[(value ^ byte) & 255]
    value ^= 0xFFFFFFFF
    return ((value >> 15 | value << 17) + 0xA282EAD8) & 0xFFFFFFFF


def records(content: bytes) -> Iterator[bytes]:
    """The data of each record, up to the first that is cut or torn: length (8 bytes), checksum (4), data, checksum (4).

    TensorBoard stops there too: what comes behind a record whose checksum is wrong begins nobody knows where.
    """
    at = 0
    while at + 16 <= len(content):
        (length, of_length) = struct.unpack_from("<QI", content, at)
        data = at + 12
        end = data + length
        if of_length != checksum(content[at:at + 8]) or end + 4 > len(content):
            return
        if struct.unpack_from("<I", content, end)[0] != checksum(content[data:end]):
            return
        yield content[data:end]
        at = end + 4


def fields(message: bytes) -> dict[int, bytes | int]:
    """The last value of every field by its number; numbers of 4 and 8 bytes as they stand there."""
    found, at = {}, 0

    def varint() -> int:
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(message):
        key = varint()
        if key & 7 == 0:
            found[key >> 3] = varint()
            continue
        length = {1: 8, 5: 4}.get(key & 7) or varint()
        found[key >> 3] = message[at:at + length]
        at += length
    return found


# What depends on the clock.
CLOCK = "epoch_samples_per_second"
# Folders below that of TensorBoard's files, each a run to it.
RUNS = ("train", "validation")


def events(contents: dict[str, list[bytes]]) -> list[tuple[int, str, bytes]]:
    """Step, tag and value of every event of each run's files in their order, but for those that depend on the clock."""
    found = []
    for run in RUNS:
        for event in (fields(record) for content in contents[run] for record in records(content)):
            if 5 in event:
                value = fields(fields(event[5])[1])
                tag = value.pop(1).decode()
                if tag != CLOCK:
                    found.append((event[2], f"{run}/{tag}", b"".join(value.values())))
    return found


def read(folder: str) -> list[tuple[int, str, bytes]]:
    """The events of the run in `folder`."""
    contents = {}
    for run in RUNS:
        place = f"{folder}/tensorboard/{run}"
        contents[run] = []
        for name in sorted(os.listdir(place)) if os.path.isdir(place) else []:
            with open(f"{place}/{name}", "rb") as file:
                contents[run].append(file.read())
    return events(contents)
