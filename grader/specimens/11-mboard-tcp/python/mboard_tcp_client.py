"""A client of the message board over TCP in another language."""

import ipaddress
import re
import socket
import sys

ESCAPES = {10: "\\n", 13: "\\r", 9: "\\t", 92: "\\\\"}
MESSAGE = re.compile(rb"[0-9]+(\.[0-9]+)?:[0-9.]+:[0-9]+")


class Failed(Exception):
    pass


def printable(data):
    return "".join(ESCAPES.get(b) or (chr(b) if 32 <= b < 127 else f"\\x{b:02x}") for b in data)


def ask(server, request):
    connection = socket.create_connection(server)
    connection.sendall(request)
    connection.shutdown(socket.SHUT_WR)
    reply = connection.makefile("rb")
    code = reply.read(2)
    if code != b"0:":
        raise Failed(f"the server says {printable(code)}" if code else "no reply")
    return reply


def last(server, count):
    reply = ask(server, b"4:" + count)
    while header := reply.read(8):
        if not re.fullmatch(rb"[0-9a-f]{8}", header) or (size := int(header, 16)) > (16 << 20) + 64:
            raise Failed("that is no size")
        message = reply.read(size)
        parts = message.split(b":", 3)
        if len(message) != size or len(parts) != 4:
            raise Failed("the reply is cut off")
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
        argument = argument.encode("utf-8", "surrogateescape")
        if command not in ("publish", "last") or command == "last" and not argument.isdigit():
            raise ValueError
    except (ValueError, OSError):
        print("usage: mboard_tcp_client.py IP:PORT publish TEXT | last N", file=sys.stderr)
        return 2
    try:
        if command == "last":
            last(server, argument)
        else:
            text = sys.stdin.buffer.read() if argument == b"-" else argument
            if ask(server, b"1:" + text).read(1):
                raise Failed("that was no answer to this")
    except (Failed, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


sys.exit(main(sys.argv[1:]))
