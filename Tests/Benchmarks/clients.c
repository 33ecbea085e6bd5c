// Many clients at once; each asks as fast as it is answered.
//
//   clients load CLIENTS SLICES MS SOCKET-A SOCKET-B     two daemons, in turn, slice by slice
//   clients reload CLIENTS ROUNDS MS SOCKET              one daemon, at rest and during a reload
//
// `load` prints for each daemon: questions a second, p50, p99, p99.9 in microseconds, and failures.
// Then it prints the median of the slices' ratios A/B, of questions a second and of p99. `reload`
// prints p99 at rest, p99 during a reload, the longest during one, the median of the rounds'
// ratios, failures, and the median duration of a reload in milliseconds. With 0 clients only the
// last figure means anything.

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

static double reload_took;

static void reload(const void *path) {
  struct frame frame;
  uint8_t reply[frame_limit];
  // Requests are at version 2. The verdict comes beside the reply, and is not looked at.
  static const uint8_t done[] = {'G', 'H', 2, kind_reply};
  frame_begin(&frame, kind_reload);
  frame.bytes[2] = 2;
  double began = microseconds();
  ssize_t length = exchange(path, &frame, reply);
  reload_took = (microseconds() - began) / 1e3;
  if (length != sizeof done || memcmp(reply, done, sizeof done) != 0) die("the reload failed");
}

static void reloads(int clients, int rounds, int milliseconds, const char *path) {
  struct sample resting = {0}, loading = {0}, one = {0};
  size_t failures = 0;
  static double ratios[most_slices], durations[most_slices];
  for (int round = 0; round < rounds; round++) {
    one.count = 0;
    slice(clients, path, wait_milliseconds, &milliseconds, &one, &failures);
    for (size_t at = 0; at < one.count; at++) add(&resting, one.values[at]);
    double rest = quantile(one.values, one.count, 0.99);
    one.count = 0;
    slice(clients, path, reload, path, &one, &failures);
    for (size_t at = 0; at < one.count; at++) add(&loading, one.values[at]);
    ratios[round] = quantile(one.values, one.count, 0.99) / rest;
    durations[round] = reload_took;
  }
  printf(
      "%.1f %.1f %.1f %.3f %zu %.1f\n", quantile(resting.values, resting.count, 0.99),
      quantile(loading.values, loading.count, 0.99), quantile(loading.values, loading.count, 1),
      median(ratios, (size_t)rounds), failures, median(durations, (size_t)rounds));
}

int main(int argc, char **argv) {
  if (argc < 6) die("usage: load CLIENTS SLICES MS A B | reload CLIENTS ROUNDS MS SOCKET");
  int clients = atoi(argv[2]), slices = atoi(argv[3]), milliseconds = atoi(argv[4]);
  if (clients < 0 || clients > most_clients || slices < 1 || slices > most_slices) die("too many");
  frame_question(&question, "nobody", "benchmark", "203.0.113.9");
  if (argc == 7 && strcmp(argv[1], "load") == 0) {
    load(clients, slices, milliseconds, argv + 5);
  } else if (strcmp(argv[1], "reload") == 0) {
    reloads(clients, slices, milliseconds, argv[5]);
  } else {
    die("there is no such measurement");
  }
  return 0;
}
