"""What TensorBoard's event files hold, read without Lockstep's help and without TensorBoard's: TFRecords of protocol buffers."""
import os
import struct
from collections.abc import Iterator


def records(content: bytes) -> Iterator[bytes]:
    """The data of each record, up to the first that is cut: length (8 bytes), checksum (4), data, checksum (4)."""
    at = 0
    while at + 16 <= len(content):
        (length,) = struct.unpack_from("<Q", content, at)
        end = at + 16 + length
        # No event is empty: a length of 0 is what is left of one that was not written.
        if not length or end > len(content):
            return
        yield content[at + 12:end - 4]
        at = end


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


def events(contents: list[bytes]) -> list[tuple[int, str, bytes]]:
    """Step, tag and value of every event of files in their order, but for those that depend on the clock."""
    found = []
    for event in (fields(record) for content in contents for record in records(content)):
        if 5 in event:
            value = fields(fields(event[5])[1])
            tag = value.pop(1).decode()
            if tag != "train/samples_per_second":
                found.append((event[2], tag, b"".join(value.values())))
    return found


def read(folder: str) -> list[tuple[int, str, bytes]]:
    """The events of the run in `folder`."""
    place = f"{folder}/tensorboard"
    contents = []
    for name in sorted(os.listdir(place)) if os.path.isdir(place) else []:
        with open(f"{place}/{name}", "rb") as file:
            contents.append(file.read())
    return events(contents)
