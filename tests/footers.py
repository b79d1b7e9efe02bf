"""Parquet files of nothing but a footer, made to do harm."""

import struct


def varint(number: int) -> bytes:
    out = b""
    while number > 127:
        out += bytes([number & 127 | 128])
        number >>= 7
    return out + bytes([number])


def zigzag(number: int) -> bytes:
    return varint(number << 1)


def element(name: bytes, children: int | None = None) -> bytes:
    kind = b"" if children is not None else b"\x15" + zigzag(2)
    repetition = (b"\x35" if children is not None else b"\x25") + zigzag(1)
    count = b"\x15" + zigzag(children) if children is not None else b""
    return kind + repetition + b"\x18" + varint(len(name)) + name + count + b"\0"


def footer(elements: bytes, count: int) -> bytes:
    size = bytes([0xFC]) + varint(count) if count > 14 else bytes([count << 4 | 12])
    return b"\x15" + zigzag(1) + b"\x19" + size + elements + b"\x16" + zigzag(0) + b"\x19" + bytes([12]) + b"\0"


def deep(levels: int) -> bytes:
    return footer(element(b"schema", 1) + element(b"g", 1) * levels + element(b"x"), levels + 2)


def wide(columns: int) -> bytes:
    return footer(element(b"schema", columns) + b"".join(element(b"c%d" % i) for i in range(columns)), columns + 1)


HARMFUL = {  # a footer, and what the refusal of it says
    "1,000 levels": (deep(1_000), "nested in more than 500 levels"),
    "100,000 levels": (deep(100_000), "100002 columns"),
    "100,000 columns": (wide(100_000), "100001 columns"),
    "2^31 columns claimed": (b"\x15\x02\x19\xfc" + varint(2**31 - 1), "2147483647 columns"),
    "10^9 row groups claimed": (footer(element(b"schema", 1) + element(b"x"), 2)[:-2] + b"\xfc" + varint(10**9), "1000000000 row groups"),
}


def harmful_file(kind: str) -> bytes:
    content, _ = HARMFUL[kind]
    return b"PAR1" + content + struct.pack("<I", len(content)) + b"PAR1"
