"""Archives: several texts, each compressed for itself, so that a reader unpacks what it needs and no more.

An archive is a Zstandard file. It begins with a skippable frame, which holds two numbers of 32 bits for each text: how
long it is packed, and unpacked. `zstd -dc` prints all texts one after the other.
"""

import struct
import subprocess

SKIPPABLE = 0x184D2A50
NUMBERS = struct.Struct("<II")


def pack(texts):
    """Returns the archive. Equal input gives equal bytes for one release of zstd."""
    packed = [compress(it.encode()) for it in texts]
    sizes = b"".join(NUMBERS.pack(len(it), len(text.encode())) for it, text in zip(packed, texts))
    return NUMBERS.pack(SKIPPABLE, len(sizes)) + sizes + b"".join(packed)


def unpack(data):
    """Returns the texts of an archive."""
    _, length = NUMBERS.unpack_from(data)
    at, texts = NUMBERS.size + length, []
    for size, _ in NUMBERS.iter_unpack(data[NUMBERS.size : at]):
        texts.append(decompress(data[at : at + size]).decode())
        at += size
    return texts


def blocks(parts, most):
    """Puts (name, text) together, in order, into blocks of at most so many bytes; what is larger stays alone.

    Returns [([name], text)]. Less is unpacked for one kind if blocks are small; they compress better if they are large.
    """
    found = []
    for name, text in parts:
        if found and len(found[-1][1]) + len(text) <= most:
            found[-1] = ([*found[-1][0], name], found[-1][1] + text)
        else:
            found.append(([name], text))
    return found


def compress(data):
    try:
        from compression import zstd
    except ImportError:
        # Told the size, zstd writes it down, and a reader needs no larger window than that.
        command = ["zstd", "-19", "-c", "-q", f"--stream-size={len(data)}"]
        return subprocess.run(command, input=data, stdout=subprocess.PIPE, check=True).stdout
    return zstd.compress(data, level=19)


def decompress(data):
    try:
        from compression import zstd
    except ImportError:
        return subprocess.run(["zstd", "-dc", "-q"], input=data, stdout=subprocess.PIPE, check=True).stdout
    return zstd.decompress(data)
