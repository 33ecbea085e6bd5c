#ifndef GATEHOUSE_CPOSIX_SERVER_H
#define GATEHOUSE_CPOSIX_SERVER_H
// The system calls of the daemon that Swift cannot import: GNU extensions, variadic functions.
// Each helper is one call; a negative return is -errno.

#include "shim.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/memfd.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <malloc.h>
#include <net/if.h>
#include <pthread.h>
#include <pwd.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <syslog.h>
#include <unistd.h>

// Declared here, because <sys/socket.h> and its kin show them only with _GNU_SOURCE, which the
// module they are imported through does not set.
extern int accept4(int, struct sockaddr *, socklen_t *, int);
extern int pthread_setname_np(pthread_t, const char *);
extern int pthread_clockjoin_np(pthread_t, void **, clockid_t, const struct timespec *);
extern const char *strerrordesc_np(int);
extern int getgrouplist(const char *, gid_t, gid_t *, int *);
extern int memfd_create(const char *, unsigned int);
extern int pipe2(int[2], int);
extern long syscall(long, ...);
// Likewise: <sys/timerfd.h> would make the types of <time.h> this module's.
extern int timerfd_create(int, int);
extern int timerfd_settime(int, int, const struct itimerspec *, struct itimerspec *);
enum {  // fcntl(2)
  gh_add_seals = 1024 + 9,
  gh_get_seals = 1024 + 10,
  gh_every_seal = 0x1 | 0x2 | 0x4 | 0x8,
  gh_content_seals = 0x2 | 0x4 | 0x8,  // against shrinking, growing, writing
};

// A connection, CLOEXEC and not blocking.
static inline int gh_accept(int listener) {
  int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  return fd < 0 ? -errno : fd;
}

// A file in an open folder, CLOEXEC; a link is not followed.
static inline int gh_open_at(int folder, const char *name, int flags, mode_t mode) {
  int fd = openat(folder, name, flags | O_CLOEXEC | O_NOFOLLOW, mode);
  return fd < 0 ? -errno : fd;
}

// Whether the other end of a connection has not closed it.
static inline _Bool gh_is_open(int fd) {
  struct pollfd entry = {fd, 0, 0};
  return poll(&entry, 1, 0) == 0;
}

// Gives a socket its path.
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

// A counter to wait on, CLOEXEC, non-blocking.
static inline int gh_eventfd(void) {
  int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  return fd < 0 ? -errno : fd;
}

// A timer to wait on by read(2), CLOEXEC.
static inline int gh_timer(void) {
  int fd = timerfd_create(CLOCK_MONOTONIC, O_CLOEXEC);
  return fd < 0 ? -errno : fd;
}

// Has a timer go off once, this many microseconds from now: at least one, less than a second.
static inline int gh_set_timer(int fd, long microseconds) {
  struct itimerspec once = {{0, 0}, {0, microseconds * 1000}};
  return timerfd_settime(fd, 0, &once, NULL) < 0 ? -errno : 0;
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

// Whether it is a file in memory whose content nobody can change any more.
static inline _Bool gh_is_sealed(int fd) {
  int seals = fcntl(fd, gh_get_seals);
  return seals >= 0 && (seals & gh_content_seals) == gh_content_seals;
}

// A file's length in bytes.
static inline int gh_size(int fd, ssize_t *size) {
  struct stat status;
  if (fstat(fd, &status) < 0) return -errno;
  *size = status.st_size;
  return 0;
}

static inline ssize_t gh_write(int fd, const void *bytes, size_t size) {
  ssize_t count = write(fd, bytes, size);
  return count < 0 ? -errno : count;
}

static inline ssize_t gh_read_at(int fd, void *buffer, size_t size, off_t place) {
  ssize_t count = pread(fd, buffer, size, place);
  return count < 0 ? -errno : count;
}

static inline int gh_random(void *buffer, size_t size) {
  ssize_t length = getrandom(buffer, size, 0);
  return length == (ssize_t)size ? 0 : length < 0 ? -errno : -EIO;
}

// Waits for the end of a thread, but no longer than so many microseconds; 0 if it has ended.
static inline int gh_join_within(pthread_t thread, long microseconds) {
  struct timespec end;
  clock_gettime(CLOCK_MONOTONIC, &end);
  end.tv_sec += microseconds / 1000000;
  end.tv_nsec += microseconds % 1000000 * 1000;
  if (end.tv_nsec >= 1000000000) {
    end.tv_sec += 1;
    end.tv_nsec -= 1000000000;
  }
  return pthread_clockjoin_np(thread, NULL, CLOCK_MONOTONIC, &end);
}

// The calling thread's name as ps and top show it, at most 15 bytes.
static inline void gh_name_thread(const char *name) {
  (void)pthread_setname_np(pthread_self(), name);
}

// Lowers the priority of the calling thread, and of those that it makes, by ten steps: on Linux
// setpriority(2) is of one thread. The daemon is ten steps ahead of the machine (gatehoused.service),
// so this work goes beside that of everybody else. It must not come last: a thread that hardly ever runs
// keeps what it holds, and a daemon that was killed ends only when each of its threads has run.
static inline void gh_lower_priority(void) {
  errno = 0;
  const int now = getpriority(PRIO_PROCESS, 0);
  if (errno == 0) (void)setpriority(PRIO_PROCESS, 0, now + 10);
}

// What is freed can go back to the system: long arrays at once, and short pieces as soon as all around
// them is free. Unless told, malloc(3) keeps the ones, the longer they were the more of them, and puts
// the others aside without joining them.
static inline void gh_give_memory_back(void) {
  (void)mallopt(M_MMAP_THRESHOLD, 128 * 1024);
  (void)mallopt(M_MXFAST, 0);
}

// Gives back what was freed in small pieces.
static inline void gh_return_freed_memory(void) {
  (void)malloc_trim(0);
}

// What an errno means; a constant text, the same from every thread.
static inline const char *gh_error_text(int error) {
  const char *text = strerrordesc_np(error);
  return text ? text : "unknown error";
}

// A pipe whose ends, for reading and for writing, no other program gets by itself.
static inline int gh_pipe(int ends[2]) {
  return pipe2(ends, O_CLOEXEC) < 0 ? -errno : 0;
}

// A descriptor of a process (pidfd_open(2)), CLOEXEC: readable once the process has ended.
static inline int gh_process_descriptor(pid_t process) {
  long fd = syscall(SYS_pidfd_open, process, 0);
  return fd < 0 ? -errno : (int)fd;
}

// The inode of a socket: another one for each socket of a boot.
static inline int gh_inode(int fd, uint64_t *inode) {
  struct stat status;
  if (fstat(fd, &status) < 0) return -errno;
  *inode = status.st_ino;
  return 0;
}

// A socket on which the kernel tells of the machine's addresses (rtnetlink(7)), CLOEXEC and not
// blocking.
static inline int gh_address_socket(void) {
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
  if (fd < 0) return -errno;
  struct sockaddr_nl own = {0};
  own.nl_family = AF_NETLINK;
  own.nl_groups = RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR;
  if (bind(fd, (const struct sockaddr *)&own, sizeof own) == 0) return fd;
  int error = errno;
  close(fd);
  return -error;
}

// Asks the kernel for all addresses.
static inline int gh_request_addresses(int fd, uint32_t sequence) {
  struct { struct nlmsghdr header; struct ifaddrmsg body; } request = {0};
  struct sockaddr_nl kernel = {0};
  kernel.nl_family = AF_NETLINK;
  request.header.nlmsg_len = NLMSG_LENGTH(sizeof request.body);
  request.header.nlmsg_type = RTM_GETADDR;
  request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  request.header.nlmsg_seq = sequence;
  ssize_t sent = sendto(fd, &request, request.header.nlmsg_len, MSG_NOSIGNAL | MSG_DONTWAIT,
                        (const struct sockaddr *)&kernel, sizeof kernel);
  return sent < 0 ? -errno : 0;
}

// One datagram of the kernel: its length (more than `size` if it did not fit), 0 for one that
// somebody else sent, or -errno.
static inline ssize_t gh_receive_from_kernel(int fd, void *buffer, size_t size) {
  struct sockaddr_nl sender = {0};
  socklen_t length = sizeof sender;
  ssize_t count = recvfrom(fd, buffer, size, MSG_DONTWAIT | MSG_TRUNC,
                           (struct sockaddr *)&sender, &length);
  if (count < 0) return -errno;
  return sender.nl_family == AF_NETLINK && sender.nl_pid == 0 ? count : 0;
}

// The number of an interface by its name; 0 if there is none.
static inline unsigned gh_interface_number(const char *name) { return if_nametoindex(name); }

static inline void gh_syslog(int priority, const char *text) {
  syslog(priority, "%s", text);
}

#endif
