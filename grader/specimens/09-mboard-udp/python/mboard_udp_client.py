"""A client of the message board over UDP in another language."""

import ipaddress
import re
import socket
import sys
import time

LARGEST = 65507
MESSAGE = re.compile(rb"[0-9]+(\.[0-9]+)?:[0-9.]+:[0-9]+")
ESCAPES = {10: "\\n", 13: "\\r", 9: "\\t", 92: "\\\\"}


class Failed(Exception):
    pass


def printable(data):
    return "".join(ESCAPES.get(b) or (chr(b) if 32 <= b < 127 else f"\\x{b:02x}") for b in data)


def ask(server, request):
    # A socket of its own for each request: a late reply finds nobody.
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        for _ in range(3):
            s.sendto(request, server)
            deadline = time.monotonic() + 1
            while (left := deadline - time.monotonic()) > 0:
                s.settimeout(left)
                try:
                    reply, sender = s.recvfrom(65536)
                except TimeoutError:
                    break
                if sender == server:
                    code, colon, payload = reply.partition(b":")
                    if code == b"0" and colon:
                        return payload
                    raise Failed(f"the server says {printable(reply[:60])}")
    raise Failed("no answer")


def publish(server, text):
    if len(text) > LARGEST - 2:
        print("the text is too long and is cut", file=sys.stderr)
    if ask(server, b"1:" + text[: LARGEST - 2]):
        raise Failed("that was no answer to this")


def last(server, count):
    ids = ask(server, b"2:" + count)
    for id in ids.split(b":") if ids else []:
        if not id.isdigit():
            raise Failed("that is no id")
        parts = ask(server, b"3:" + id).split(b":", 3)
        if len(parts) != 4:
            raise Failed("that is no message")
        when, ip, port, text = parts
        if not MESSAGE.fullmatch(b":".join(parts[:3])) or int(port) > 65535:
            raise Failed("that is no message")
        ip = ipaddress.IPv4Address(ip.decode())
        print(f"{when.decode()} {ip}:{port.decode()} {printable(text)}", flush=True)


def main(arguments):
    try:
        address, command, argument = arguments
        host, port = address.split(":")
        socket.inet_pton(socket.AF_INET, host)
        server = (host, int(port))
        if not 0 <= server[1] <= 65535 or command not in ("publish", "last"):
            raise ValueError
        argument = argument.encode("utf-8", "surrogateescape")
        if command == "last" and not argument.isdigit():
            raise ValueError
    except (ValueError, OSError):
        print("usage: mboard_udp_client.py IP:PORT publish TEXT | last N", file=sys.stderr)
        return 2
    if command == "publish" and argument == b"-":
        argument = sys.stdin.buffer.read()
    try:
        (publish if command == "publish" else last)(server, argument)
    except (Failed, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


sys.exit(main(sys.argv[1:]))
