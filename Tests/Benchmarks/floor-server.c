// The floor: the least that a daemon in C must do to answer. It checks who asks, reads the
// question, and sends the same answer to everybody.
//
//   floor-server PATH-OF-SOCKET

#define _GNU_SOURCE
#include "ask.h"

#include <stdio.h>
#include <sys/epoll.h>

static const uint8_t answer[] =
    "GH\1\x41"
    "\x20\0\1\0"
    "\x21\0\6listed"
    "\x23\0\12h4kqm7wnt3";

static void finish(int fd) {
  send(fd, answer, sizeof answer - 1, MSG_NOSIGNAL);
  close(fd);
}

/// Whether the connection is finished; false if its question has not come yet.
static int serve(int fd) {
  uint8_t question[frame_limit + 1];
  ssize_t length = recv(fd, question, sizeof question, 0);
  if (length < 0 && errno == EAGAIN) return 0;
  if (length >= 4 && memcmp(question, "GH\1", 3) == 0) {
    finish(fd);
  } else {
    close(fd);
  }
  return 1;
}

static void accept_some(int listener, int epoll) {
  for (int each = 0; each < 64; each++) {
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) return;
    struct ucred peer;
    socklen_t size = sizeof peer;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0 || peer.uid != 0) {
      close(fd);
      continue;
    }
    // Most often the question is already there, and waiting for it would cost two calls.
    if (serve(fd)) continue;
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0) close(fd);
  }
}

int main(int argc, char **argv) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (argc != 2 || strlen(argv[1]) >= sizeof address.sun_path) {
    fprintf(stderr, "usage: floor-server PATH\n");
    return 2;
  }
  strcpy(address.sun_path, argv[1]);
  int listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  int epoll = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event event = {.events = EPOLLIN, .data.fd = listener};
  if (listener < 0 || epoll < 0 ||
      bind(listener, (const struct sockaddr *)&address, sizeof address) != 0 ||
      listen(listener, SOMAXCONN) != 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event) != 0) {
    perror("floor-server");
    return 2;
  }
  for (;;) {
    struct epoll_event events[64];
    int count = epoll_wait(epoll, events, 64, -1);
    for (int each = 0; each < count; each++) {
      if (events[each].data.fd == listener) {
        accept_some(listener, epoll);
      } else {
        serve(events[each].data.fd);
      }
    }
  }
}
