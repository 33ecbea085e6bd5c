#ifndef GATEHOUSE_CPOSIX_SERVER_H
#define GATEHOUSE_CPOSIX_SERVER_H
// The system calls of the daemon that Swift cannot import: GNU extensions, control messages,
// variadic functions. Each helper is one call; a negative return is -errno.

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/memfd.h>
#include <pthread.h>
#include <pwd.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

// Declared here, because <sys/socket.h> and its kin show them only with _GNU_SOURCE, which the
// module they are imported through does not set.
extern int accept4(int, struct sockaddr *, socklen_t *, int);
extern int pthread_setname_np(pthread_t, const char *);
extern const char *strerrordesc_np(int);
extern int getgrouplist(const char *, gid_t, gid_t *, int *);
extern int memfd_create(const char *, unsigned int);
enum { gh_add_seals = 1024 + 9, gh_every_seal = 0x1 | 0x2 | 0x4 | 0x8 };  // fcntl(2)

// A connection, CLOEXEC and not blocking.
static inline int gh_accept(int listener) {
  int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  return fd < 0 ? -errno : fd;
}

// A Unix seqpacket socket, CLOEXEC; bound and listening, or connected.
static inline int gh_seqpacket_socket(void) {
  int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
  return fd < 0 ? -errno : fd;
}

static inline int gh_unix_address(struct sockaddr_un *address, const char *path) {
  size_t length = strlen(path);
  memset(address, 0, sizeof *address);
  if (length == 0 || length >= sizeof address->sun_path) return -ENAMETOOLONG;
  address->sun_family = AF_UNIX;
  memcpy(address->sun_path, path, length);
  return 0;
}

static inline int gh_bind(int fd, const char *path) {
  struct sockaddr_un address;
  int result = gh_unix_address(&address, path);
  if (result < 0) return result;
  return bind(fd, (const struct sockaddr *)&address, sizeof address) < 0 ? -errno : 0;
}

// The path that a listening Unix socket is bound to, NUL-terminated.
static inline int gh_bound_path(int fd, char *path, size_t size) {
  struct sockaddr_un address;
  socklen_t length = sizeof address;
  memset(&address, 0, sizeof address);
  if (getsockname(fd, (struct sockaddr *)&address, &length) < 0) return -errno;
  size_t used = strnlen(address.sun_path, sizeof address.sun_path);
  if (address.sun_family != AF_UNIX || used == 0) return -ENOTSUP;
  if (used >= size) return -ENAMETOOLONG;
  memcpy(path, address.sun_path, used);
  path[used] = 0;
  return 0;
}

static inline int gh_connect(int fd, const char *path) {
  struct sockaddr_un address;
  int result = gh_unix_address(&address, path);
  if (result < 0) return result;
  return connect(fd, (const struct sockaddr *)&address, sizeof address) < 0 ? -errno : 0;
}

// The credentials of the process that connected.
static inline int gh_peer_credentials(int fd, pid_t *pid, uid_t *uid) {
  struct { pid_t pid; uid_t uid; gid_t gid; } peer = {0, (uid_t)-1, (gid_t)-1};
  socklen_t size = sizeof peer;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0) return -errno;
  if (size != sizeof peer) return -EPROTO;
  *pid = peer.pid;
  *uid = peer.uid;
  return 0;
}

// One message: its length (more than `size` where it did not fit), 0 at the end, or -errno.
// Descriptors that came with it are dropped by the kernel, as no room is given for them.
static inline ssize_t gh_receive(int fd, void *buffer, size_t size) {
  ssize_t length = recv(fd, buffer, size, MSG_DONTWAIT | MSG_TRUNC);
  return length < 0 ? -errno : length;
}

// The same, and the descriptor that came with it (CLOEXEC), or -1.
static inline ssize_t gh_receive_with_descriptor(int fd, void *buffer, size_t size, int *attached) {
  union { struct cmsghdr header; char room[CMSG_SPACE(sizeof(int))]; } control;
  struct iovec part = {buffer, size};
  struct msghdr whole = {0};
  *attached = -1;
  memset(&control, 0, sizeof control);
  whole.msg_iov = &part;
  whole.msg_iovlen = 1;
  whole.msg_control = &control;
  whole.msg_controllen = sizeof control;
  ssize_t length = recvmsg(fd, &whole, MSG_CMSG_CLOEXEC);
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

// A counter to wait on, CLOEXEC; `semaphore`: each read takes one away, and blocks at none.
static inline int gh_eventfd(int semaphore) {
  int fd = eventfd(0, EFD_CLOEXEC | (semaphore ? EFD_SEMAPHORE : EFD_NONBLOCK));
  return fd < 0 ? -errno : fd;
}

// A nameless file in memory that can be sealed.
static inline int gh_memory_file(const char *name) {
  int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
  return fd < 0 ? -errno : fd;
}

// From here on nobody can change the file, not even the one who made it.
static inline int gh_seal(int fd) {
  return fcntl(fd, gh_add_seals, gh_every_seal) < 0 ? -errno : 0;
}

static inline int gh_random(void *buffer, size_t size) {
  ssize_t length = getrandom(buffer, size, 0);
  return length == (ssize_t)size ? 0 : length < 0 ? -errno : -EIO;
}

// The calling thread's name as ps and top show it, at most 15 bytes.
static inline void gh_name_thread(const char *name) {
  (void)pthread_setname_np(pthread_self(), name);
}

// What an errno means; a constant text, the same from every thread.
static inline const char *gh_error_text(int error) {
  const char *text = strerrordesc_np(error);
  return text ? text : "unknown error";
}

static inline void gh_syslog(int priority, const char *text) {
  syslog(priority, "%s", text);
}

#endif
