// Logs in again and again through libpam, to several services in turn, and prints how long each
// login took.
//
//   login CONFDIR USER RHOST ROUNDS IDLE-MS SECONDS here|forked SERVICE... -- A/B...
//
// A round asks every service once. The order is random and changes each round, because a service
// that always came after the same one would find what that one left in the caches. Before each
// login it sleeps for IDLE-MS. With 0 it spins for a fifth of a millisecond, so that the next login
// does not pay for what a daemon does after its answer. A service that has taken SECONDS in all is
// left out of later rounds, but not of the first three. With `forked` each login has a process of
// its own, which loads the modules again. It prints medians, in microseconds:
//
//   service NAME ROUNDS ACCT WHOLE       pam_acct_mgmt; pam_start to pam_end
//   ratio A/B ACCT WHOLE                 the median of the ratios of each round that has both

#define _GNU_SOURCE
#include "numbers.h"

#include <math.h>
#include <security/pam_appl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { most_services = 32 };

struct times {
  double account, whole;
};

struct service {
  const char *name;
  struct times *rounds;
  double spent;
};

static void die(const char *what, const char *name) {
  fprintf(stderr, "login: %s: %s\n", name, what);
  exit(1);
}

static int silent(
    int count, const struct pam_message **messages, struct pam_response **responses, void *data) {
  (void)count, (void)messages, (void)responses, (void)data;
  return PAM_CONV_ERR;
}

static struct times login(const char *folder, const char *name, const char *user, const char *from) {
  struct pam_conv conversation = {silent, NULL};
  pam_handle_t *handle = NULL;
  double began = microseconds();
  if (pam_start_confdir(name, user, &conversation, folder, &handle) != PAM_SUCCESS) {
    die("pam_start_confdir failed", name);
  }
  pam_set_item(handle, PAM_RHOST, from);
  double asked = microseconds();
  int result = pam_acct_mgmt(handle, PAM_SILENT);
  double answered = microseconds();
  pam_end(handle, result);
  double ended = microseconds();
  // A figure for a wrong answer would mean nothing.
  if (result != PAM_SUCCESS) die(pam_strerror(NULL, result), name);
  return (struct times){answered - asked, ended - began};
}

static struct times login_forked(
    struct times *shared, const char *folder, const char *name, const char *user, const char *from) {
  pid_t child = fork();
  if (child == 0) {
    *shared = login(folder, name, user, from);
    _exit(0);
  }
  int status = 1;
  if (child < 0 || waitpid(child, &status, 0) != child || status != 0) die("the child failed", name);
  return *shared;
}

static struct service *find(struct service *services, int count, const char *name, size_t length) {
  for (int each = 0; each < count; each++) {
    if (strlen(services[each].name) == length && memcmp(services[each].name, name, length) == 0) {
      return &services[each];
    }
  }
  die("there is no such service", name);
  return NULL;
}

/// Puts the services into a random order; each run has the same orders.
static void shuffle(int *order, int count) {
  static uint32_t state = 1;
  for (int last = count - 1; last > 0; last--) {
    state = state * 1664525 + 1013904223;
    int other = (int)((state >> 8) % (uint32_t)(last + 1)), kept = order[last];
    order[last] = order[other];
    order[other] = kept;
  }
}

/// The median over the measured rounds, of one service or of its ratio to another.
static double median_of(
    int rounds, const struct times *left, const struct times *right, int whole, double *scratch) {
  size_t count = 0;
  for (int round = 0; round < rounds; round++) {
    double value = whole ? left[round].whole : left[round].account;
    if (right) value /= whole ? right[round].whole : right[round].account;
    if (!isnan(value)) scratch[count++] = value;
  }
  return median(scratch, count);
}

int main(int argc, char **argv) {
  if (argc < 9) {
    die("CONFDIR USER RHOST ROUNDS IDLE-MS SECONDS here|forked SERVICE... -- A/B...", "usage");
  }
  const char *folder = argv[1], *user = argv[2], *from = argv[3];
  int rounds = atoi(argv[4]), forked = strcmp(argv[7], "forked") == 0, count = 0, next = 8;
  useconds_t idle = (useconds_t)atoi(argv[5]) * 1000;
  double limit = atof(argv[6]) * 1e6;
  if (rounds < 1) die("no rounds", "login");

  struct service services[most_services];
  for (; next < argc && strcmp(argv[next], "--") != 0; next++) {
    if (count == most_services) die("too many services", argv[next]);
    struct times *times = calloc((size_t)rounds, sizeof *times);
    if (!times) die("no memory", argv[next]);
    services[count++] = (struct service){argv[next], times, 0};
  }
  struct times *shared =
      mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  double *scratch = calloc((size_t)rounds, sizeof *scratch);
  if (shared == MAP_FAILED || !scratch) die("no memory", "login");

  int order[most_services];
  for (int each = 0; each < count; each++) order[each] = each;
  // One round before the first one warms up and does not count.
  for (int round = -1; round < rounds; round++) {
    shuffle(order, count);
    for (int turn = 0; turn < count; turn++) {
      struct service *service = &services[order[turn]];
      struct times times = {NAN, NAN};
      if (round < 3 || service->spent < limit) {
        if (idle) usleep(idle);
        for (double until = microseconds() + 200; !idle && microseconds() < until;) continue;
        times = forked ? login_forked(shared, folder, service->name, user, from)
                       : login(folder, service->name, user, from);
      }
      if (round < 0) continue;
      service->rounds[round] = times;
      if (!isnan(times.whole)) service->spent += times.whole;
    }
  }

  for (int each = 0; each < count; each++) {
    int measured = 0;
    for (int round = 0; round < rounds; round++) measured += !isnan(services[each].rounds[round].whole);
    printf(
        "service %s %d %.1f %.1f\n", services[each].name, measured,
        median_of(rounds, services[each].rounds, NULL, 0, scratch),
        median_of(rounds, services[each].rounds, NULL, 1, scratch));
  }
  for (next++; next < argc; next++) {
    const char *slash = strchr(argv[next], '/');
    if (!slash) die("is no pair", argv[next]);
    struct service *left = find(services, count, argv[next], (size_t)(slash - argv[next]));
    struct service *right = find(services, count, slash + 1, strlen(slash + 1));
    printf(
        "ratio %s %.3f %.3f\n", argv[next],
        median_of(rounds, left->rounds, right->rounds, 0, scratch),
        median_of(rounds, left->rounds, right->rounds, 1, scratch));
  }
  return 0;
}
