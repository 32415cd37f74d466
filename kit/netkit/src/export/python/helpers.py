#: tell
def tell(line, call, value):
    """Tells what a call returned."""
    print(f"{line}: {call} = {value}", flush=True)


#: failed
def failed(line, call, error):
    """Tells how a call failed, in C's words."""
    # One number has two names on Linux; this is the one that sockets use.
    names = errno.errorcode | {errno.EOPNOTSUPP: "EOPNOTSUPP"}
    name = names.get(error.errno, error.errno)
    print(f"{line}: {call} = -1 {name} ({os.strerror(error.errno)})", flush=True)


#: tell_data
def tell_data(line, call, data, count=None):
    """Tells how many bytes came, and which: of many the first and the last."""
    parts = [data] if len(data) <= 48 else [data[:24], data[-8:]]
    special = {10: "\\n", 34: '\\"', 92: "\\\\"}
    texts = [
        "".join(special.get(b) or (chr(b) if 32 <= b < 127 else f"\\x{b:02x}") for b in part)
        for part in parts
    ]
    quoted = "...".join(f'"{text}"' for text in texts)
    print(f"{line}: {call} = {len(data) if count is None else count} {quoted}", flush=True)


#: tell_events
def tell_events(line, name, events):
    """Tells what poll found of a socket: for what it is ready."""
    known = "POLLIN POLLPRI POLLOUT POLLRDHUP POLLERR POLLHUP POLLNVAL".split()
    found = [event for event in known if events & getattr(select, event)]
    print(f"{line}: {name}: {' '.join(found) or 'not ready'}", flush=True)


#: tell_option
def tell_option(line, option, value):
    """Tells an option's value; a struct as C writes one."""
    if isinstance(value, tuple):
        value = "{" + ", ".join(map(str, value)) + "}"
    if isinstance(value, bytes):
        value = '"' + value.split(b"\0")[0].decode() + '"'
    print(f"{line}: {option} is {value}", flush=True)


#: poll
def poll(asked, limit):
    """poll(2): waits `limit` milliseconds at most; which sockets are ready, and for what."""
    poller = select.poll()
    for sock, events in asked.items():
        poller.register(sock, events)
    ready = dict(poller.poll(limit))
    return {sock: ready[sock.fileno()] for sock in asked if sock.fileno() in ready}


#: remove_socket
def remove_socket(path):
    """Removes the file of a socket, and no other file."""
    if os.path.exists(path) and stat.S_ISSOCK(os.lstat(path).st_mode):
        os.unlink(path)


#: recv_trunc
def recv_trunc(sock, size, flags):
    """With MSG_TRUNC the length of the whole datagram comes back, however little room there is."""
    data = bytearray(size)
    count = sock.recv_into(data, size, flags)
    return bytes(data[:count]), count


#: address_of
def address_of(sock):
    """The address at which a socket can be reached. The kernel chose its port."""
    address = sock.getsockname()
    # Bound to all addresses of the machine: it is reached at the loopback address.
    loopback = {"0.0.0.0": "127.0.0.1", "::": "::1"}
    if isinstance(address, tuple):
        return (loopback.get(address[0], address[0]), *address[1:])
    return address


#: random_bytes
def random_bytes(size, offset):
    """netlab's \\(random:SIZE): each eight bytes are their own position, mixed by SplitMix64."""
    mask = 2**64 - 1

    def block(k):
        z = ((k ^ KEY) + 0x9E3779B97F4A7C15) & mask
        z = ((z ^ z >> 30) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ z >> 27) * 0x94D049BB133111EB) & mask
        return (z ^ z >> 31).to_bytes(8, "little")

    first, last = offset // 8, (offset + size + 7) // 8
    data = b"".join(block(k) for k in range(first, last))
    return data[offset % 8 : offset % 8 + size]


#: send_all
def send_all(sock, data):
    """A send may take only a part: this sends until nothing is left. How much was sent."""
    sent = 0
    while True:
        sent += sock.send(memoryview(data)[sent:])
        if sent >= len(data):
            return sent


#: recv_exact
def recv_exact(sock, size):
    """A recv may bring less than was asked for: this receives until all is there, or no more comes."""
    data = bytearray()
    while True:
        part = sock.recv(min(size - len(data), 1 << 20))
        data += part
        if not part or len(data) >= size:
            return bytes(data)


#: recv_until
def recv_until(sock, delimiter, limit):
    """Receives a byte at a time, so that nothing is taken that belongs to the next message."""
    data = bytearray()
    while len(data) < limit and not data.endswith(delimiter):
        part = sock.recv(1)
        if not part:
            break
        data += part
    return bytes(data)


#: recv_all
def recv_all(sock, limit):
    """Receives until the other end has ended its side: until a recv returns nothing."""
    data = bytearray()
    while len(data) < limit:
        part = sock.recv(min(limit - len(data), 1 << 20))
        if not part:
            break
        data += part
    return bytes(data)


#: Job
class Job(threading.Thread):
    """A call in the background, as `&` makes it: a thread, and what its call returned."""

    def __init__(self, call):
        super().__init__(daemon=True)
        self.call = call
        self.value = None
        self.error = None
        self.start()

    def run(self):
        try:
            self.value = self.call()
        except OSError as error:
            self.error = error

    def returned(self):
        """Waits until the call has returned."""
        self.join()
        if self.error:
            raise self.error
        return self.value


