// A daemon that behaves well or badly, as its argument says. It follows PROTOCOL.md and shares no
// code.
//
//   daemon SOCKET BEHAVIOUR [OWNER [MESSAGE]]
//
// The socket appears under its name when a client can connect to it. A daemon that answers writes
// each question to SOCKET.question, one line for each field; except allow-many, which has to be
// fast.

#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void die(const char *what) {
  fprintf(stderr, "daemon: %s: %s\n", what, strerror(errno));
  exit(2);
}

static unsigned char frame[8192];
static size_t length;

static void begin(unsigned char version, unsigned char kind) {
  memcpy(frame, (unsigned char[]){'G', 'H', version, kind}, 4);
  length = 4;
}

static void field(unsigned char tag, const void *value, size_t size) {
  frame[length++] = tag;
  frame[length++] = (unsigned char)(size >> 8);
  frame[length++] = (unsigned char)size;
  memcpy(frame + length, value, size);
  length += size;
}

static void text(unsigned char tag, const char *value) { field(tag, value, strlen(value)); }

static void answer(unsigned char decision, const char *reason) {
  begin(1, 65);
  field(32, &decision, 1);
  text(33, reason);
  text(35, "h4kqm7wnt3");
}

/// Writes the question to a file for the test; false if it is not a question.
static bool note(const char *path, const unsigned char *message, ssize_t size) {
  static const char *names[] = {"", "service", "user", "remoteHost", "sshConnectionAddress",
    "remoteUser", "terminal", "sshAuthInfo", "flags", "timeLeft", "role", "", "", "", "network",
    "caller", "code"};
  char whole[512];
  snprintf(whole, sizeof whole, "%s.question", path);
  FILE *out = fopen(whole, "w");
  if (out == NULL) die(whole);
  bool right = size >= 4 && memcmp(message, "GH\1\1", 4) == 0;
  for (ssize_t at = 4; right && at < size;) {
    if (at + 3 > size || (message[at] > 16 && message[at] != 128)) { right = false; break; }
    ssize_t count = message[at + 1] << 8 | message[at + 2];
    fprintf(out, "%s=", message[at] == 128 ? "sshServerAddress" : names[message[at]]);
    bool number = message[at] == 8 || message[at] == 9 || message[at] == 15;
    at += 3;
    if (at + count > size) { right = false; break; }
    unsigned long value = 0;
    for (ssize_t each = 0; each < count; each++) {
      unsigned char byte = message[at + each];
      if (number) value = value << 8 | byte;
      else if (byte < 0x20) fprintf(out, "\\x%02x", byte);
      else fputc(byte, out);
    }
    if (number) fprintf(out, "%lu", value);
    fputc('\n', out);
    at += count;
  }
  fclose(out);
  return right;
}

/// Builds the answer; false if there should be none.
static bool compose(const char *behaviour, const char *message) {
  if (strcmp(behaviour, "allow") == 0) {
    answer(0, "listed");
    text(36, "administrator,mobile");
  } else if (strcmp(behaviour, "allow-without-roles") == 0) {
    answer(0, "unrestricted");
  } else if (strcmp(behaviour, "monitor") == 0) {
    answer(0, "not_listed");
    field(8, "\0\0\0\1", 4);
  } else if (strcmp(behaviour, "many-roles") == 0) {
    char roles[2048];
    memset(roles, 'r', sizeof roles);
    for (size_t at = 63; at < sizeof roles; at += 64) roles[at] = ',';
    roles[2047] = 'r';
    answer(0, "listed");
    field(36, roles, sizeof roles);
    field(8, "\0\0\0\2", 4);
  } else if (strcmp(behaviour, "deny") == 0) {
    answer(1, "not_listed");
    text(34, message);
  } else if (strcmp(behaviour, "deny-without-message") == 0) {
    answer(1, "not_listed");
  } else if (strncmp(behaviour, "deny-", 5) == 0) {
    answer(1, behaviour + 5);
  } else if (strcmp(behaviour, "ignore") == 0) {
    answer(2, "not_checked");
  } else if (strcmp(behaviour, "no-policy") == 0) {
    answer(3, "no_policy");
  } else if (strcmp(behaviour, "local") == 0) {
    answer(4, "local");
  } else if (strcmp(behaviour, "cut") == 0) {
    answer(0, "listed");
    length -= 3;
  } else if (strcmp(behaviour, "oversized") == 0) {
    answer(0, "listed");
    static const unsigned char filler[4200];
    field(200, filler, sizeof filler);
  } else if (strcmp(behaviour, "version") == 0) {
    answer(0, "listed");
    frame[2] = 2;
  } else if (strcmp(behaviour, "kind") == 0) {
    answer(0, "listed");
    frame[3] = 66;
  } else if (strcmp(behaviour, "garbage") == 0) {
    memset(frame, 0xA5, length = 300);
  } else if (strcmp(behaviour, "unknown-decision") == 0) {
    answer(7, "listed");
  } else if (strcmp(behaviour, "first-version-allow") == 0) {
    static const char bytes[] = "GH\1A" " \0\1\0" "!\0\6listed" "#\0\12h4kqm7wnt3" "$\0\15administrator";
    memcpy(frame, bytes, length = sizeof bytes - 1);
  } else if (strcmp(behaviour, "first-version-deny") == 0) {
    static const char bytes[] = "GH\1A" " \0\1\1" "!\0\12not_listed"
      "\"\0\61Access denied from 203.0.113.9. Quote h4kqm7wnt3." "#\0\12h4kqm7wnt3";
    memcpy(frame, bytes, length = sizeof bytes - 1);
  } else if (strcmp(behaviour, "roles-with-newline") == 0) {
    answer(0, "listed");
    text(36, "a\nb");
  } else {
    return false;
  }
  return true;
}

/// Whether a question has a code.
static bool has_code(const unsigned char *message, ssize_t size) {
  for (ssize_t at = 4; at + 3 <= size; at += 3 + (message[at + 1] << 8 | message[at + 2])) {
    if (message[at] == 16) return true;
  }
  return false;
}

/// Stops the process at the other end, and waits until it is stopped.
static pid_t stop_peer(int client) {
  struct ucred peer;
  socklen_t size = sizeof peer;
  if (getsockopt(client, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) die("SO_PEERCRED");
  if (kill(peer.pid, SIGSTOP) != 0) die("SIGSTOP");
  char path[64], state = 0;
  snprintf(path, sizeof path, "/proc/%d/stat", (int)peer.pid);
  while (state != 'T') {
    FILE *status = fopen(path, "r");
    if (status == NULL) die(path);
    if (fscanf(status, "%*d (%*[^)]) %c", &state) != 1) state = 0;
    fclose(status);
  }
  return peer.pid;
}

int main(int argc, char **argv) {
  if (argc < 3) {
    fprintf(stderr, "usage: daemon SOCKET BEHAVIOUR [OWNER [MESSAGE]]\n");
    return 2;
  }
  const char *path = argv[1], *behaviour = argv[2];
  if (argc > 3 && *argv[3] != 0 && setresuid((uid_t)atoi(argv[3]), (uid_t)atoi(argv[3]), (uid_t)atoi(argv[3])) != 0) die("setresuid");
  const char *message = argc > 4 ? argv[4] : "";
  signal(SIGPIPE, SIG_IGN);

  struct sockaddr_un address = {.sun_family = AF_UNIX};
  snprintf(address.sun_path, sizeof address.sun_path, "%s.new", path);
  unlink(address.sun_path);
  int listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
  if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) != 0) die("bind");
  bool full = strcmp(behaviour, "full-queue") == 0;
  if (listen(listener, full ? 0 : 64) != 0) die("listen");
  if (full) {
    for (;;) {
      int filler = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
      if (connect(filler, (struct sockaddr *)&address, sizeof address) != 0) break;
    }
  }
  if (rename(address.sun_path, path) != 0) die("rename");
  if (full) pause();
  if (strcmp(behaviour, "refuse") == 0) {
    close(listener);
    pause();
  }

  for (unsigned connections = 0;; connections++) {
    int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (client < 0) continue;
    if (strcmp(behaviour, "close-at-once") == 0) {
      close(client);
      continue;
    }
    unsigned char asked[8192];
    ssize_t size = recv(client, asked, sizeof asked, 0);
    if (strcmp(behaviour, "silent") == 0) continue;  // stays open, without an answer
    if (strcmp(behaviour, "close") == 0 || size <= 0) {
      close(client);
      continue;
    }
    if (strcmp(behaviour, "close-twice-then-allow") == 0) {
      if (connections < 2) {
        close(client);
        continue;
      }
      compose("allow", message);
    } else if (strcmp(behaviour, "restart-then-allow") == 0) {
      // Like a daemon that is killed in the middle of a question and restarted: for a while nobody
      // listens.
      close(client);
      close(listener);
      unlink(path);
      usleep(60 * 1000);
      execl(argv[0], argv[0], path, "allow", (char *)NULL);
      die("exec");
    } else if (strcmp(behaviour, "stop-then-allow") == 0) {
      // As if the asker got no processor time until its deadline of 50 ms was over.
      pid_t asker = stop_peer(client);
      compose("allow", message);
      send(client, frame, length, MSG_NOSIGNAL);
      usleep(100 * 1000);
      kill(asker, SIGCONT);
      close(client);
      continue;
    } else if (strncmp(behaviour, "code-", 5) == 0) {
      // A code is open, and then it is right, wrong, or there is no answer.
      bool tried = has_code(asked, size);
      if (tried && strcmp(behaviour, "code-lost") == 0) {
        close(client);
        continue;
      }
      if (!tried) answer(0, "code_open");
      else if (strcmp(behaviour, "code-right") == 0) answer(0, "authorized");
      else if (strcmp(behaviour, "code-over") == 0) answer(2, "no_code");
      else answer(1, "code_wrong");
    } else if (strcmp(behaviour, "allow-many") == 0) {
      compose("allow", message);
      send(client, frame, length, MSG_NOSIGNAL);
      close(client);
      continue;
    } else if (!compose(behaviour, message)) {
      fprintf(stderr, "daemon: there is no behaviour %s\n", behaviour);
      return 2;
    }
    if (!note(path, asked, size)) begin(1, 0);
    send(client, frame, length, MSG_NOSIGNAL);
    close(client);
  }
}
