// One question to a daemon and its answer, with the same system calls as pam_gatehouse. The floor's
// module and the clients share this. The frames are those of
// Sources/GatehouseControl/PROTOCOL.md.

#ifndef GATEHOUSE_BENCHMARKS_ASK_H
#define GATEHOUSE_BENCHMARKS_ASK_H

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { frame_limit = 4096, field_user = 2, field_service = 1, field_remote_host = 3, field_time_left = 9 };
enum { kind_question = 1, kind_explain = 2, kind_reload = 4, kind_answer = 65, kind_reply = 66 };

struct frame {
  uint8_t bytes[frame_limit];
  size_t length;
};

static inline void frame_begin(struct frame *frame, uint8_t kind) {
  memcpy(frame->bytes, "GH\1", 3);
  frame->bytes[3] = kind;
  frame->length = 4;
}

static inline void frame_field(struct frame *frame, uint8_t tag, const void *value, size_t length) {
  if (frame->length + 3 + length > sizeof frame->bytes) return;
  uint8_t *at = frame->bytes + frame->length;
  at[0] = tag;
  at[1] = (uint8_t)(length >> 8);
  at[2] = (uint8_t)length;
  memcpy(at + 3, value, length);
  frame->length += 3 + length;
}

/// Begins an administrator's request, whose version is not that of a question.
static inline void frame_request(struct frame *frame, uint8_t kind) {
  frame_begin(frame, kind);
  frame->bytes[2] = 2;
}

static inline void frame_question(
    struct frame *frame, const char *user, const char *service, const char *remote_host) {
  static const uint8_t two_seconds[4] = {0, 0, 2000 >> 8, 2000 & 0xff};
  frame_begin(frame, kind_question);
  frame_field(frame, field_service, service, strlen(service));
  frame_field(frame, field_user, user, strlen(user));
  frame_field(frame, field_remote_host, remote_host, strlen(remote_host));
  frame_field(frame, field_time_left, two_seconds, sizeof two_seconds);
}

/// Whether a frame is an answer that begins with the decision to allow.
static inline int frame_allows(const uint8_t *bytes, ssize_t length) {
  static const uint8_t allow[] = {'G', 'H', 1, kind_answer, 32, 0, 1, 0};
  return length >= (ssize_t)sizeof allow && memcmp(bytes, allow, sizeof allow) == 0;
}

/// Sends a frame on a new connection and reads the answer. Returns its length, or -1. If the queue
/// of connections is full, it waits.
static inline ssize_t exchange(const char *path, const struct frame *frame, uint8_t *reply) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof address.sun_path) return -1;
  strcpy(address.sun_path, path);
  int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  ssize_t length = -1;
  struct ucred peer;
  socklen_t size = sizeof peer;
  struct pollfd entry = {fd, POLLIN, 0};
  if (connect(fd, (const struct sockaddr *)&address, sizeof address) == 0 &&
      getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == 0 &&
      send(fd, frame->bytes, frame->length, MSG_NOSIGNAL) == (ssize_t)frame->length &&
      poll(&entry, 1, 10000) == 1) {
    length = recv(fd, reply, frame_limit, 0);
  }
  close(fd);
  return length;
}

#endif
