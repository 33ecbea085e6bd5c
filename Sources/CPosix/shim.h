#ifndef GATEHOUSE_CPOSIX_SHIM_H
#define GATEHOUSE_CPOSIX_SHIM_H
// The system calls of the module's side. Embedded Swift has no Glibc module, and Swift cannot
// import macros with casts, variadic functions or thread-local errno.

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

/// errno, to be read before anything else is called.
static inline int gatehouse_errno(void) { return errno; }

/// Writes the system's words for an errno, and a NUL, and returns their length without it.
static inline int gatehouse_error_text(int code, void *bytes, size_t size) {
  if (size == 0 || strerror_r(code, (char *)bytes, size) != 0) return 0;
  return (int)strnlen((const char *)bytes, size);
}

/// A non-blocking, close-on-exec Unix socket of type SOCK_SEQPACKET, or -1.
static inline int gatehouse_socket(void) {
  return socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

/// connect(2) to a path of `length` bytes; one that does not fit is ENAMETOOLONG.
static inline int gatehouse_connect(int descriptor, const void *path, size_t length) {
  struct sockaddr_un address;
  if (length >= sizeof address.sun_path) {
    errno = ENAMETOOLONG;
    return -1;
  }
  memset(&address, 0, sizeof address);
  address.sun_family = AF_UNIX;
  memcpy(address.sun_path, path, length);
  return connect(descriptor, (const struct sockaddr *)&address, sizeof address);
}

/// Makes a socket block or not; it has no other status flags.
static inline int gatehouse_set_blocking(int descriptor, _Bool blocking) {
  return fcntl(descriptor, F_SETFL, blocking ? 0 : O_NONBLOCK);
}

/// Bounds what a blocking connect(2) or send(2) may take.
static inline int gatehouse_set_send_timeout(int descriptor, struct timeval timeout) {
  return setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
}

/// The credentials of a connected Unix socket's other end: 0, or -1.
static inline int gatehouse_peer(int descriptor, pid_t *process, uid_t *user, gid_t *group) {
  struct {  // struct ucred of unix(7), which is declared under _GNU_SOURCE only
    pid_t pid;
    uid_t uid;
    gid_t gid;
  } credentials;
  socklen_t size = sizeof credentials;
  if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) return -1;
  *process = credentials.pid;
  *user = credentials.uid;
  *group = credentials.gid;
  return 0;
}

/// recv(2) that gives the message's true length, and the one descriptor that may come with it
/// (close-on-exec; -1 where none did). A second descriptor is never let in.
static inline ssize_t gatehouse_receive(
    int descriptor, void *bytes, size_t size, int *attached) {
  union {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(int))];
  } control;
  struct iovec part = {.iov_base = bytes, .iov_len = size};
  struct msghdr message;
  memset(&message, 0, sizeof message);
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = &control;
  message.msg_controllen = CMSG_LEN(sizeof(int));
  *attached = -1;
  ssize_t count = recvmsg(descriptor, &message, MSG_TRUNC | MSG_CMSG_CLOEXEC);
  if (count < 0) return count;
  struct cmsghdr *found = CMSG_FIRSTHDR(&message);
  if (found != NULL && found->cmsg_level == SOL_SOCKET && found->cmsg_type == SCM_RIGHTS &&
      found->cmsg_len == CMSG_LEN(sizeof(int))) {
    memcpy(attached, CMSG_DATA(found), sizeof(int));
  }
  return count;
}

/// stat(2): the owner of what is at the path, or -1 as the result.
static inline int gatehouse_owner(const char *path, uid_t *owner) {
  struct stat status;
  if (stat(path, &status) != 0) return -1;
  *owner = status.st_uid;
  return 0;
}

#endif
