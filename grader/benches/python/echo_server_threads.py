"""The echo server of lab 02, with a thread for each connection."""

import socket
import sys
import threading


def echo(client):
    with client:
        while data := client.recv(65536):
            client.sendall(data)


listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
print("listening on %s:%d" % listener.getsockname(), flush=True)
while True:
    connection, _ = listener.accept()
    threading.Thread(target=echo, args=(connection,), daemon=True).start()
