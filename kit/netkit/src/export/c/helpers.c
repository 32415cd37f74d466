//: tell
/* Tells what a call returned: -1 stands for an error, and errno says which. */
static void tell(int line, const char *call, long value)
{
    if (value == -1)
        printf("%d: %s = -1 %s (%s)\n", line, call, strerrorname_np(errno), strerror(errno));
    else
        printf("%d: %s = %ld\n", line, call, value);
}

//: quit
/* Ends the program after a call that failed. */
static void quit(int line, const char *call)
{
    fprintf(stderr, "line %d, %s: it did not fail in the session; the program ends here\n", line, call);
    exit(EXIT_FAILURE);
}

//: check
/* Tells what a call returned, and ends the program if it failed. */
static void check(int line, const char *call, long value)
{
    tell(line, call, value);
    if (value == -1)
        quit(line, call);
}

//: tell_data
/* Tells how many bytes came, and which: of many the first and the last. */
static void tell_data(int line, const char *call, const char *data, long count, long most)
{
    if (count == -1) {
        tell(line, call, count);
        return;
    }
    printf("%d: %s = %ld \"", line, call, count);
    /* With MSG_TRUNC it may be that more came than there was room for. */
    if (count > most)
        count = most;
    for (long i = 0; i < count; i++) {
        if (count > 48 && i == 24) {
            printf("\"...\"");
            i = count - 8;
        }
        unsigned char byte = (unsigned char)data[i];
        if (byte == '\n')
            printf("\\n");
        else if (byte == '"' || byte == '\\')
            printf("\\%c", byte);
        else if (byte >= ' ' && byte <= '~')
            putchar(byte);
        else
            printf("\\x%02x", byte);
    }
    printf("\"\n");
}

//: tell_events
/* Tells what poll found of a socket: for what it is ready. */
static void tell_events(int line, const char *name, short events)
{
    static const struct { short event; const char *name; } known[] = {
        { POLLIN, " POLLIN" },   { POLLPRI, " POLLPRI" }, { POLLOUT, " POLLOUT" },   { POLLRDHUP, " POLLRDHUP" },
        { POLLERR, " POLLERR" }, { POLLHUP, " POLLHUP" }, { POLLNVAL, " POLLNVAL" },
    };
    printf("%d: %s:", line, name);
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (events & known[i].event)
            printf("%s", known[i].name);
    printf(events == 0 ? " not ready\n" : "\n");
}

//: room
/* Room for many bytes. */
static char *room(size_t size)
{
    char *bytes = malloc(size);
    if (bytes == NULL) {
        perror("malloc");
        exit(EXIT_FAILURE);
    }
    return bytes;
}

//: struct address
/* An address of any family, and how many bytes of it count. */
struct address {
    struct sockaddr_storage storage;
    socklen_t length;
};

//: ip4
static struct in_addr ip4(const char *text)
{
    struct in_addr address;
    if (inet_pton(AF_INET, text, &address) != 1) {
        fprintf(stderr, "%s is no IPv4 address\n", text);
        exit(EXIT_FAILURE);
    }
    return address;
}

//: ip6
static struct in6_addr ip6(const char *text)
{
    struct in6_addr address;
    if (inet_pton(AF_INET6, text, &address) != 1) {
        fprintf(stderr, "%s is no IPv6 address\n", text);
        exit(EXIT_FAILURE);
    }
    return address;
}

//: ipv4
/* An IPv4 address and a port. */
static struct address ipv4(const char *host, uint16_t port)
{
    struct address address = { .length = sizeof(struct sockaddr_in) };
    struct sockaddr_in *in = (struct sockaddr_in *)&address.storage;
    in->sin_family = AF_INET;
    in->sin_port = htons(port);
    in->sin_addr = ip4(host);
    return address;
}

//: ipv6
/* An IPv6 address, a port, and the interface that a link-local address is about. */
static struct address ipv6(const char *host, uint16_t port, uint32_t scope)
{
    struct address address = { .length = sizeof(struct sockaddr_in6) };
    struct sockaddr_in6 *in = (struct sockaddr_in6 *)&address.storage;
    in->sin6_family = AF_INET6;
    in->sin6_port = htons(port);
    in->sin6_scope_id = scope;
    in->sin6_addr = ip6(host);
    return address;
}

//: unix_name
/* A name of the UNIX domain: a path, or, behind a zero byte, a name in no file system. */
static struct address unix_name(const char *name, size_t size)
{
    struct address address = { .length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size) };
    struct sockaddr_un *un = (struct sockaddr_un *)&address.storage;
    un->sun_family = AF_UNIX;
    memcpy(un->sun_path, name, size);
    return address;
}

//: address_of
/* The address at which a socket can be reached. The kernel chose its port. */
static struct address address_of(int fd)
{
    struct address address = { .length = sizeof address.storage };
    if (getsockname(fd, (struct sockaddr *)&address.storage, &address.length) == -1) {
        perror("getsockname");
        exit(EXIT_FAILURE);
    }
    struct sockaddr_in *in = (struct sockaddr_in *)&address.storage;
    struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&address.storage;
    /* Bound to all addresses of the machine: it is reached at the loopback address. */
    if (address.storage.ss_family == AF_INET && in->sin_addr.s_addr == htonl(INADDR_ANY))
        in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (address.storage.ss_family == AF_INET6 && IN6_IS_ADDR_UNSPECIFIED(&in6->sin6_addr))
        in6->sin6_addr = in6addr_loopback;
    return address;
}

//: remove_socket
/* Removes the file of a socket, and no other file. */
static void remove_socket(const char *path)
{
    struct stat found;
    if (lstat(path, &found) == 0 && S_ISSOCK(found.st_mode))
        unlink(path);
}

//: random_bytes
/* netlab's \(random:SIZE): each eight bytes are their own position, mixed by SplitMix64. */
static void random_bytes(char *to, uint64_t size, uint64_t offset)
{
    for (uint64_t i = 0; i < size; i++) {
        uint64_t at = offset + i;
        uint64_t z = (at / 8 ^ UINT64_C(KEY)) + UINT64_C(0x9e3779b97f4a7c15);
        z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
        z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
        to[i] = (char)((z ^ z >> 31) >> at % 8 * 8);
    }
}

//: send_all
/* A send may take only a part: this sends until nothing is left. How much was sent, or -1. */
static ssize_t send_all(int fd, const char *data, size_t size)
{
    size_t sent = 0;
    do {
        ssize_t n = send(fd, data + sent, size - sent, 0);
        if (n == -1)
            return -1;
        sent += (size_t)n;
    } while (sent < size);
    return (ssize_t)sent;
}

//: recv_exact
/* A recv may bring less than was asked for: this receives until all is there, or no more comes. */
static ssize_t recv_exact(int fd, char *data, size_t size)
{
    size_t there = 0;
    do {
        ssize_t n = recv(fd, data + there, size - there, 0);
        if (n == -1)
            return -1;
        if (n == 0)
            break;
        there += (size_t)n;
    } while (there < size);
    return (ssize_t)there;
}

//: recv_until
/* Receives a byte at a time, so that nothing is taken that belongs to the next message. */
static ssize_t recv_until(int fd, char *data, size_t limit, const char *delimiter, size_t size)
{
    size_t there = 0;
    while (there < limit && (there < size || memcmp(data + there - size, delimiter, size) != 0)) {
        ssize_t n = recv(fd, data + there, 1, 0);
        if (n == -1)
            return -1;
        if (n == 0)
            break;
        there++;
    }
    return (ssize_t)there;
}

//: recv_all
/* Receives until the other end has ended its side: until a recv returns 0. */
static ssize_t recv_all(int fd, char *data, size_t limit)
{
    size_t there = 0;
    while (there < limit) {
        ssize_t n = recv(fd, data + there, limit - there, 0);
        if (n == -1)
            return -1;
        if (n == 0)
            break;
        there += (size_t)n;
    }
    return (ssize_t)there;
}

//: struct job
/* A call in the background, as `&` makes it: a thread, and what its call returned. */
struct job {
    pthread_t thread;
    long value;
    int error;
    char *data;
};

static void start(struct job *job, void *(*run)(void *))
{
    int error = pthread_create(&job->thread, NULL, run, NULL);
    if (error != 0) {
        fprintf(stderr, "pthread_create: %s\n", strerror(error));
        exit(EXIT_FAILURE);
    }
}
