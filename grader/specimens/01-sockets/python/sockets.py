"""The program of lab 01 in another language: the grader judges programs, not Rust."""

import os
import re
import socket
import sys


def usage(reason):
    print(f"{reason}\nusage: sockets.py tcp|udp [ADDRESS] [--listen N]", file=sys.stderr)
    return 2


def address(text):
    host, port = text.split(":")
    socket.inet_pton(socket.AF_INET, host)
    if not (port.isdecimal() and int(port) <= 65535):
        raise ValueError
    return host, int(port)


def main(arguments):
    kinds = {"tcp": socket.SOCK_STREAM, "udp": socket.SOCK_DGRAM}
    backlog = None
    if "--listen" in arguments:
        place = arguments.index("--listen")
        number = arguments[place + 1 : place + 2]
        if not number or not re.fullmatch("[0-9]+", number[0]):
            return usage("--listen needs a number")
        backlog = int(number[0])
        del arguments[place : place + 2]
    if not 1 <= len(arguments) <= 2 or arguments[0] not in kinds:
        return usage("tcp or udp, and an address at most")
    if arguments[0] == "udp" and backlog is not None:
        return usage("a UDP socket does not listen")
    try:
        where = address(arguments[1]) if len(arguments) == 2 else None
    except (ValueError, OSError):
        return usage(f"{arguments[1]!r} is not IP:PORT")
    try:
        s = socket.socket(socket.AF_INET, kinds[arguments[0]])
        print(f"pid {os.getpid()}\nfd {s.fileno()}", flush=True)
        if where:
            s.bind(where)
            print("bound to %s:%d" % s.getsockname(), flush=True)
        if backlog is not None:
            s.listen(backlog)
            print("listening on %s:%d" % s.getsockname(), flush=True)
    except OSError as error:
        print(f"cannot make the socket: {error.strerror}", file=sys.stderr)
        return 1
    sys.stdin.buffer.readline()
    s.close()
    print("closed", flush=True)
    sys.stdin.buffer.read()
    return 0


sys.exit(main(sys.argv[1:]))
