"""A message board over TCP in another language: a thread a connection."""

import socket
import sys
import threading
import time

LARGEST = 16 << 20
board = []
lock = threading.Lock()


def usage(reason):
    print(f"{reason}\nusage: mboard_tcp_server.py [IP:PORT]", file=sys.stderr)
    return 2


def message(entry):
    when, (ip, port), text = entry
    return f"{when:.6f}:{ip}:{port}:".encode() + text


def answer(request, client):
    code, colon, payload = request.partition(b":")
    if not colon:
        return b"1:"
    if code == b"1":
        with lock:
            board.append((time.time(), client, payload))
        return b"0:"
    if code not in (b"2", b"3", b"4"):
        return b"3:"
    # bytes.isdigit() knows ASCII digits only. int() refuses more than 4,300 of them.
    if not payload.isdigit():
        return b"1:"
    number = int(payload.lstrip(b"0")[:20] or b"0")
    with lock:
        count = len(board)
        first = max(0, count - number) if number else 0
        if code == b"2":
            return b"0:" + b":".join(b"%d" % (index + 1) for index in range(first, count))
        if code == b"3":
            return b"0:" + message(board[number - 1]) if 1 <= number <= count else b"2:"
        entries = board[first:]
    messages = map(message, entries)
    return b"0:" + b"".join(b"%08x%s" % (len(each), each) for each in messages)


def serve(connection, client):
    with connection:
        # It counts anew for each call.
        connection.settimeout(5)
        try:
            pieces, size = [], 0
            while piece := connection.recv(65536):
                size += len(piece)
                if size > LARGEST:
                    connection.sendall(b"1:")
                    connection.shutdown(socket.SHUT_WR)
                    while connection.recv(65536):
                        pass
                    return
                pieces.append(piece)
            # sendall() has one limit for all of it; send() has one for each part.
            reply = memoryview(answer(b"".join(pieces), client))
            while reply:
                reply = reply[connection.send(reply):]
        except OSError as error:
            print(f"dropped {client}: {error}", file=sys.stderr)


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
        listener.listen(1024)
    except OSError as error:
        print(f"cannot listen on {text}: {error.strerror}", file=sys.stderr)
        return 1
    print("listening on %s:%d" % listener.getsockname(), flush=True)
    while True:
        connection, client = listener.accept()
        threading.Thread(target=serve, args=(connection, client), daemon=True).start()


sys.exit(main(sys.argv[1:]))
