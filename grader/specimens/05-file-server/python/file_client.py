"""A client of the file server in another language."""

import os
import socket
import sys
import tempfile

LONGEST_NAME = 255


def usage(reason):
    print(f"{reason}\nusage: file_client.py IP:PORT NAME FILE", file=sys.stderr)
    return 2


def keep(client, path):
    folder = os.path.dirname(path) or b"."
    descriptor, part = tempfile.mkstemp(dir=folder, prefix=b".part-")
    try:
        with open(descriptor, "wb") as file:
            while data := client.recv(65536):
                file.write(data)
        os.replace(part, path)
    except BaseException:
        os.unlink(part)
        raise


def main(arguments):
    if len(arguments) != 3:
        return usage("wrong number of arguments")
    name, path = os.fsencode(arguments[1]), os.fsencode(arguments[2])
    try:
        host, port = arguments[0].split(":")
        socket.inet_pton(socket.AF_INET, host)
        port = int(port)
    except (ValueError, OSError):
        return usage(f"{arguments[0]!r} is not IP:PORT")
    if len(name) > LONGEST_NAME:
        return usage("NAME is too long")
    try:
        with socket.create_connection((host, port)) as client:
            client.sendall(name + b"\0")
            keep(client, path)
    except OSError as error:
        print(f"cannot fetch {path!r}: {error.strerror}", file=sys.stderr)
        return 1
    return 0


sys.exit(main(sys.argv[1:]))
