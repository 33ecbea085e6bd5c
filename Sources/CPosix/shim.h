#ifndef GATEHOUSE_CPOSIX_SHIM_H
#define GATEHOUSE_CPOSIX_SHIM_H
// The system calls of the module's side, and those that both sides share. Embedded Swift has no
// Glibc module, and Swift cannot import macros with casts, variadic functions or thread-local errno.
// Each helper is one call; a negative return is -errno, saved at once.

// No feature macro (_GNU_SOURCE) here: it changes the system's types, and they must be the same in
// every C module of the package.

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

// A Unix seqpacket socket, CLOEXEC.
static inline int gh_seqpacket_socket(void) {
  int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
  return fd < 0 ? -errno : fd;
}

// The same, not blocking.
static inline int gh_nonblocking_seqpacket_socket(void) {
  int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  return fd < 0 ? -errno : fd;
}

// Makes a socket that has no other status flags block or not.
static inline int gh_set_blocking(int fd, _Bool blocking) {
  return fcntl(fd, F_SETFL, blocking ? 0 : O_NONBLOCK) < 0 ? -errno : 0;
}

// Bounds what a blocking connect may take; zero would be without a bound.
static inline int gh_set_send_timeout(int fd, struct timeval timeout) {
  return setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout) < 0 ? -errno : 0;
}

static inline int gh_unix_address(struct sockaddr_un *address, const char *path) {
  size_t length = strlen(path);
  memset(address, 0, sizeof *address);
  if (length == 0 || length >= sizeof address->sun_path) return -ENAMETOOLONG;
  address->sun_family = AF_UNIX;
  memcpy(address->sun_path, path, length);
  return 0;
}

// Connects to the socket of that path.
static inline int gh_connect(int fd, const char *path) {
  struct sockaddr_un address;
  int result = gh_unix_address(&address, path);
  if (result < 0) return result;
  return connect(fd, (const struct sockaddr *)&address, sizeof address) < 0 ? -errno : 0;
}

// The credentials of the process at the other end.
static inline int gh_peer_credentials(int fd, pid_t *pid, uid_t *uid) {
  // struct ucred of unix(7), which is declared under _GNU_SOURCE only
  struct { pid_t pid; uid_t uid; gid_t gid; } peer = {0, (uid_t)-1, (gid_t)-1};
  socklen_t size = sizeof peer;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0) return -errno;
  if (size != sizeof peer) return -EPROTO;
  *pid = peer.pid;
  *uid = peer.uid;
  return 0;
}

// One message: its length (more than `size` if it did not fit), 0 at the end, or -errno.
// Descriptors that came with it are dropped by the kernel, as no room is given for them.
static inline ssize_t gh_receive(int fd, void *buffer, size_t size) {
  ssize_t length = recv(fd, buffer, size, MSG_DONTWAIT | MSG_TRUNC);
  return length < 0 ? -errno : length;
}

// The same, and the one descriptor that came with it (CLOEXEC), or -1. A second is never let in.
static inline ssize_t gh_receive_with_descriptor(int fd, void *buffer, size_t size, int *attached) {
  union { struct cmsghdr header; char room[CMSG_SPACE(sizeof(int))]; } control;
  struct iovec part = {buffer, size};
  struct msghdr whole = {0};
  *attached = -1;
  memset(&control, 0, sizeof control);
  whole.msg_iov = &part;
  whole.msg_iovlen = 1;
  whole.msg_control = &control;
  whole.msg_controllen = CMSG_LEN(sizeof(int));  // not CMSG_SPACE: a second one would fit in that
  ssize_t length = recvmsg(fd, &whole, MSG_DONTWAIT | MSG_TRUNC | MSG_CMSG_CLOEXEC);
  if (length < 0) return -errno;
  struct cmsghdr *header = CMSG_FIRSTHDR(&whole);
  if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS &&
      header->cmsg_len == CMSG_LEN(sizeof(int)))
    memcpy(attached, CMSG_DATA(header), sizeof *attached);
  return length;
}

// One message, with a descriptor attached unless that is negative.
static inline int gh_send(int fd, const void *message, size_t size, int attached) {
  union { struct cmsghdr header; char room[CMSG_SPACE(sizeof(int))]; } control;
  struct iovec part = {(void *)message, size};
  struct msghdr whole = {0};
  whole.msg_iov = &part;
  whole.msg_iovlen = 1;
  if (attached >= 0) {
    memset(&control, 0, sizeof control);
    whole.msg_control = &control;
    whole.msg_controllen = sizeof control;
    control.header.cmsg_level = SOL_SOCKET;
    control.header.cmsg_type = SCM_RIGHTS;
    control.header.cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(&control.header), &attached, sizeof attached);
  }
  ssize_t sent = sendmsg(fd, &whole, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent < 0) return -errno;
  return (size_t)sent == size ? 0 : -EMSGSIZE;
}

// Waits for an event on one descriptor, at most this many milliseconds: 1, or 0 if none came.
static inline int gh_poll(int fd, short events, int milliseconds) {
  struct pollfd entry = {fd, events, 0};
  int ready = poll(&entry, 1, milliseconds);
  return ready < 0 ? -errno : ready;
}

// The owner of what is at the path.
static inline int gh_owner(const char *path, uid_t *owner) {
  struct stat status;
  if (stat(path, &status) < 0) return -errno;
  *owner = status.st_uid;
  return 0;
}

// Writes the system's words for an errno into the buffer, and returns their length.
static inline int gh_write_error_text(int error, void *buffer, size_t size) {
  if (size == 0 || strerror_r(error, (char *)buffer, size) != 0) return 0;
  return (int)strnlen((const char *)buffer, size);
}

#endif
