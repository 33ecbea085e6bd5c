// Many clients at once; each asks as fast as it is answered.
//
//   clients load CLIENTS SLICES MS SOCKET-A SOCKET-B     two daemons, in turn, slice by slice
//   clients reload CLIENTS ROUNDS MS SOCKET              one daemon, at rest and during a reload
//   clients explain CLIENTS ROUNDS MS SOCKET             the same, at rest and beside explanations
//   clients run CLIENTS ROUNDS MS SOCKET COMMAND         the same, at rest and beside a command
//
// `load` prints for each daemon: questions a second, p50, p99, p99.9 in microseconds, and failures.
// Then it prints the median of the slices' ratios A/B, of questions a second and of p99. `reload`
// prints p99 at rest, p99 during a reload, the longest during one, the median of the rounds'
// ratios, failures, and the median duration of a reload in milliseconds. With 0 clients only the
// last figure means anything. `explain` prints the same, and how many explanations there were a second
// in place of the duration. `run` prints the duration of the command, which is one for a shell.

#define _GNU_SOURCE
#include "ask.h"
#include "numbers.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

enum { most_clients = 256, most_slices = 200 };

static void die(const char *what) {
  fprintf(stderr, "clients: %s\n", what);
  exit(1);
}

/// Latencies in microseconds; grows.
struct sample {
  double *values;
  size_t count, room;
};

static void add(struct sample *sample, double value) {
  if (sample->count == sample->room) {
    sample->room = sample->room ? sample->room * 2 : 4096;
    sample->values = realloc(sample->values, sample->room * sizeof *sample->values);
    if (!sample->values) die("no memory");
  }
  sample->values[sample->count++] = value;
}

struct client {
  pthread_t thread;
  const char *path;
  struct sample sample;
  size_t failures;
};

static atomic_int stopped;
static struct frame question;

static void *ask(void *argument) {
  struct client *client = argument;
  uint8_t answer[frame_limit];
  while (!atomic_load_explicit(&stopped, memory_order_relaxed)) {
    double began = microseconds();
    ssize_t length = exchange(client->path, &question, answer);
    if (frame_allows(answer, length)) {
      add(&client->sample, microseconds() - began);
    } else {
      client->failures++;
    }
  }
  return NULL;
}

static void wait_milliseconds(const void *milliseconds) {
  usleep((useconds_t)(*(const int *)milliseconds * 1000));
}

/// Makes clients ask while `meanwhile` runs. Adds their latencies to `all`, counts failures, and
/// returns the seconds that it took.
static double slice(
    int clients, const char *path, void (*meanwhile)(const void *), const void *argument,
    struct sample *all, size_t *failures) {
  static struct client each[most_clients];
  atomic_store(&stopped, 0);
  double began = microseconds();
  for (int number = 0; number < clients; number++) {
    each[number].path = path;
    each[number].sample.count = 0;
    each[number].failures = 0;
    if (pthread_create(&each[number].thread, NULL, ask, &each[number]) != 0) die("no thread");
  }
  meanwhile(argument);
  atomic_store(&stopped, 1);
  for (int number = 0; number < clients; number++) pthread_join(each[number].thread, NULL);
  double took = (microseconds() - began) / 1e6;
  for (int number = 0; number < clients; number++) {
    for (size_t at = 0; at < each[number].sample.count; at++) add(all, each[number].sample.values[at]);
    *failures += each[number].failures;
  }
  return took;
}

static void load(int clients, int slices, int milliseconds, char **paths) {
  struct sample all[2] = {0}, one = {0};
  size_t failures[2] = {0};
  static double rate[2][most_slices], p99[2][most_slices], ratios[most_slices];
  for (int turn = 0; turn < slices; turn++) {
    for (int step = 0; step < 2; step++) {
      int which = (step + turn) % 2;
      one.count = 0;
      double took =
          slice(clients, paths[which], wait_milliseconds, &milliseconds, &one, &failures[which]);
      rate[which][turn] = (double)one.count / took;
      for (size_t at = 0; at < one.count; at++) add(&all[which], one.values[at]);
      p99[which][turn] = quantile(one.values, one.count, 0.99);
    }
  }
  for (int turn = 0; turn < slices; turn++) ratios[turn] = rate[0][turn] / rate[1][turn];
  double rates = median(ratios, (size_t)slices);
  for (int turn = 0; turn < slices; turn++) ratios[turn] = p99[0][turn] / p99[1][turn];
  double tails = median(ratios, (size_t)slices);
  for (int which = 0; which < 2; which++) {
    struct sample *sample = &all[which];
    printf(
        "%.0f %.1f %.1f %.1f %zu ", median(rate[which], (size_t)slices),
        median(sample->values, sample->count), quantile(sample->values, sample->count, 0.99),
        quantile(sample->values, sample->count, 0.999), failures[which]);
  }
  printf("%.3f %.3f\n", rates, tails);
}

/// Sends an administrator's request; the value that comes back must hold the word.
static void administer(const char *path, const struct frame *frame, const char *word) {
  static const uint8_t expected[] = {'G', 'H', 2, kind_reply};
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  uint8_t reply[frame_limit];
  union {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(int))];
  } control;
  struct iovec part = {reply, sizeof reply};
  struct msghdr message = {
      .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
  if (strlen(path) >= sizeof address.sun_path) die("the socket's path is too long");
  strcpy(address.sun_path, path);
  int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
  if (connect(fd, (const struct sockaddr *)&address, sizeof address) != 0 ||
      send(fd, frame->bytes, frame->length, MSG_NOSIGNAL) != (ssize_t)frame->length ||
      recvmsg(fd, &message, MSG_CMSG_CLOEXEC) != sizeof expected ||
      memcmp(reply, expected, sizeof expected) != 0 || !CMSG_FIRSTHDR(&message))
    die("a request was not answered");
  int value;
  memcpy(&value, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof value);
  static char text[1 << 16];
  ssize_t length = pread(value, text, sizeof text, 0);
  if (length < 0 || !memmem(text, (size_t)length, word, strlen(word))) die("another reply came");
  close(value);
  close(fd);
}

/// How long the last of what is beside the questions took, in milliseconds.
static double took;

static void reload(const void *path) {
  struct frame frame;
  frame_request(&frame, kind_reload);
  double began = microseconds();
  administer(path, &frame, "\"loaded\"");
  took = (microseconds() - began) / 1e3;
}

/// How long explanations are asked for, and how many there were.
static int explain_milliseconds, explained;

static void explain(const void *path) {
  struct frame frame;
  frame_request(&frame, kind_explain);
  frame_field(&frame, field_service, "sshd", 4);
  frame_field(&frame, field_user, "nobody", 6);
  frame_field(&frame, field_remote_host, "192.0.2.9", 9);
  double end = microseconds() + explain_milliseconds * 1e3;
  for (explained = 0; microseconds() < end; explained++) administer(path, &frame, "\"deny\"");
}

/// Measures at rest and while something goes on, in turn. `count` says what to print of the latter.
static void besides(
    int clients, int rounds, int milliseconds, const char *path, void (*meanwhile)(const void *),
    double (*count)(void)) {
  struct sample resting = {0}, loading = {0}, one = {0};
  size_t failures = 0;
  static double ratios[most_slices], counts[most_slices];
  for (int round = 0; round < rounds; round++) {
    one.count = 0;
    slice(clients, path, wait_milliseconds, &milliseconds, &one, &failures);
    for (size_t at = 0; at < one.count; at++) add(&resting, one.values[at]);
    double rest = quantile(one.values, one.count, 0.99);
    one.count = 0;
    slice(clients, path, meanwhile, path, &one, &failures);
    for (size_t at = 0; at < one.count; at++) add(&loading, one.values[at]);
    ratios[round] = quantile(one.values, one.count, 0.99) / rest;
    counts[round] = count();
  }
  printf(
      "%.1f %.1f %.1f %.3f %zu %.1f\n", quantile(resting.values, resting.count, 0.99),
      quantile(loading.values, loading.count, 0.99), quantile(loading.values, loading.count, 1),
      median(ratios, (size_t)rounds), failures, median(counts, (size_t)rounds));
}

static double duration(void) { return took; }

static const char *command;

static void run(const void *path) {
  (void)path;
  double began = microseconds();
  if (system(command) != 0) die("the command failed");
  took = (microseconds() - began) / 1e3;
}

static double explanations_a_second(void) { return explained * 1e3 / explain_milliseconds; }

int main(int argc, char **argv) {
  if (argc < 6)
    die("usage: load CLIENTS SLICES MS A B | (reload|explain) CLIENTS ROUNDS MS SOCKET | "
        "run CLIENTS ROUNDS MS SOCKET COMMAND");
  int clients = atoi(argv[2]), slices = atoi(argv[3]), milliseconds = atoi(argv[4]);
  if (clients < 0 || clients > most_clients || slices < 1 || slices > most_slices) die("too many");
  frame_question(&question, "nobody", "benchmark", "203.0.113.9");
  if (argc == 7 && strcmp(argv[1], "load") == 0) {
    load(clients, slices, milliseconds, argv + 5);
  } else if (strcmp(argv[1], "reload") == 0) {
    besides(clients, slices, milliseconds, argv[5], reload, duration);
  } else if (argc == 7 && strcmp(argv[1], "run") == 0) {
    command = argv[6];
    besides(clients, slices, milliseconds, argv[5], run, duration);
  } else if (strcmp(argv[1], "explain") == 0) {
    explain_milliseconds = milliseconds;
    besides(clients, slices, milliseconds, argv[5], explain, explanations_a_second);
  } else {
    die("there is no such measurement");
  }
  return 0;
}
