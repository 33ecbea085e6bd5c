// A very simple program that logs users in: it runs one PAM stack from a private folder and prints
// the result. It defines syslog(3) itself, so it gets what libpam would write to the system's log.
// No log daemon is needed, and none is disturbed.
//
//   host login CONFDIR SERVICE USER [name=value...]      one call; prints lines of name=value
//   host endure CONFDIR SERVICE USER ROUNDS QUESTIONS    load, ask, fork and ask, unload, again

#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <security/pam_appl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static void die(const char *what) {
  fprintf(stderr, "host: %s: %s\n", what, strerror(errno));
  exit(2);
}

// --- Output -------------------------------------------------------------------------------------

static bool telling;

static void tell(const char *name, const char *text) {
  if (!telling) return;
  printf("%s=", name);
  for (const unsigned char *byte = (const unsigned char *)text; *byte != 0; byte++) {
    if (*byte < 0x20 || *byte == 0x7f || *byte == '\\') {
      printf("\\x%02x", *byte);
    } else {
      putchar(*byte);
    }
  }
  putchar('\n');
}

static void record(int priority, const char *format, va_list arguments) {
  static const char *names[] = {"emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"};
  char text[4096];
  char name[32];
  vsnprintf(text, sizeof text, format, arguments);
  snprintf(name, sizeof name, "log.%s", names[LOG_PRI(priority)]);
  tell(name, text);
}

// libpam finds these before the C library's.
void vsyslog(int priority, const char *format, va_list arguments) {
  record(priority, format, arguments);
}
void syslog(int priority, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  record(priority, format, arguments);
  va_end(arguments);
}
void __vsyslog_chk(int priority, int flag, const char *format, va_list arguments);
void __vsyslog_chk(int priority, int flag, const char *format, va_list arguments) {
  (void)flag;
  record(priority, format, arguments);
}
void __syslog_chk(int priority, int flag, const char *format, ...);
void __syslog_chk(int priority, int flag, const char *format, ...) {
  (void)flag;
  va_list arguments;
  va_start(arguments, format);
  record(priority, format, arguments);
  va_end(arguments);
}

/// What the user types when they are asked; NULL for nothing.
static const char *typed;

static int converse(
    int count, const struct pam_message **messages, struct pam_response **responses, void *data) {
  (void)data;
  struct pam_response *given = calloc((size_t)count, sizeof *given);
  if (given == NULL) return PAM_BUF_ERR;
  for (int each = 0; each < count; each++) {
    switch (messages[each]->msg_style) {
      case PAM_ERROR_MSG: tell("shown.error", messages[each]->msg); break;
      case PAM_TEXT_INFO: tell("shown.info", messages[each]->msg); break;
      default:
        tell(messages[each]->msg_style == PAM_PROMPT_ECHO_OFF ? "asked" : "asked.shown", messages[each]->msg);
        if (typed != NULL) given[each].resp = strdup(typed);
    }
  }
  *responses = given;
  return PAM_SUCCESS;
}

static int converse_badly(
    int count, const struct pam_message **messages, struct pam_response **responses, void *data) {
  (void)count, (void)messages, (void)responses, (void)data;
  return PAM_CONV_ERR;
}

// --- One login ----------------------------------------------------------------------------------

static double seconds(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static volatile sig_atomic_t signals;
static void count_signal(int number) {
  (void)number;
  signals++;
}

/// Sends SIGALRM at that interval in microseconds, without SA_RESTART: it interrupts system calls.
static void storm(long microseconds) {
  struct sigaction action = {.sa_handler = count_signal};
  struct itimerval timer = {{0, microseconds}, {0, microseconds}};
  if (sigaction(SIGALRM, &action, NULL) != 0 || setitimer(ITIMER_REAL, &timer, NULL) != 0) die("storm");
}

/// From now on this process cannot open a descriptor.
static void use_up_descriptors(void) {
  int next = dup(0);
  struct rlimit limit = {(rlim_t)next, (rlim_t)next};
  close(next);
  if (next < 0 || setrlimit(RLIMIT_NOFILE, &limit) != 0) die("nofile");
}

static const char *after(const char *text, const char *prefix) {
  size_t length = strlen(prefix);
  return strncmp(text, prefix, length) == 0 ? text + length : NULL;
}

static int call(pam_handle_t *handle, const char *what, int flags) {
  if (strcmp(what, "account") == 0) return pam_acct_mgmt(handle, flags);
  if (strcmp(what, "auth") == 0) return pam_authenticate(handle, flags);
  if (strcmp(what, "setcred") == 0) return pam_setcred(handle, flags | PAM_ESTABLISH_CRED);
  if (strcmp(what, "open") == 0) return pam_open_session(handle, flags);
  if (strcmp(what, "close") == 0) return pam_close_session(handle, flags);
  if (strcmp(what, "password") == 0) return pam_chauthtok(handle, flags);
  fprintf(stderr, "host: there is no call %s\n", what);
  exit(2);
}

static int login(char **argv) {
  struct pam_conv conversation = {converse, NULL};
  const char *what = "account";
  int flags = 0;
  pam_handle_t *handle = NULL;
  telling = true;
  if (pam_start_confdir(argv[3], argv[4], &conversation, argv[2], &handle) != PAM_SUCCESS) {
    errno = EINVAL;
    die("pam_start_confdir");
  }
  for (char **each = argv + 5; *each != NULL; each++) {
    const char *value;
    if ((value = after(*each, "rhost="))) pam_set_item(handle, PAM_RHOST, value);
    else if ((value = after(*each, "ruser="))) pam_set_item(handle, PAM_RUSER, value);
    else if ((value = after(*each, "tty="))) pam_set_item(handle, PAM_TTY, value);
    else if ((value = after(*each, "env="))) pam_putenv(handle, value);
    else if ((value = after(*each, "call="))) what = value;
    else if ((value = after(*each, "typed="))) typed = value;
    else if ((value = after(*each, "storm="))) storm(atol(value));
    else if (strcmp(*each, "silent") == 0) flags |= PAM_SILENT;
    else if (strcmp(*each, "nofile") == 0) use_up_descriptors();
    else if (strcmp(*each, "nouser") == 0) pam_set_item(handle, PAM_USER, NULL);
    else if (strcmp(*each, "badconv") == 0) {
      struct pam_conv bad = {converse_badly, NULL};
      pam_set_item(handle, PAM_CONV, &bad);
    } else {
      fprintf(stderr, "host: there is no setting %s\n", *each);
      return 2;
    }
  }
  double began = seconds(CLOCK_MONOTONIC), worked = seconds(CLOCK_PROCESS_CPUTIME_ID);
  int result = call(handle, what, flags);
  double lasted = seconds(CLOCK_MONOTONIC) - began;
  worked = seconds(CLOCK_PROCESS_CPUTIME_ID) - worked;
  storm(0);
  const char *roles = pam_getenv(handle, "GATEHOUSE_ROLES");
  if (roles != NULL) tell("roles", roles);
  printf("result=%d\nms=%.0f\ncpu=%.0f\nsignals=%d\n", result, lasted * 1e3, worked * 1e3, (int)signals);
  pam_end(handle, result);
  return 0;
}

// --- Many logins in one process -----------------------------------------------------------------

/// Describes, as a text to compare, everything that a module must leave unchanged.
static char *state_of_process(void) {
  char *text = NULL;
  size_t size = 0;
  FILE *out = open_memstream(&text, &size);
  if (out == NULL) die("open_memstream");
  static const char *folders[] = {"/proc/self/task", "/proc/self/fd"};
  for (int each = 0; each < 2; each++) {
    DIR *folder = opendir(folders[each]);
    if (folder == NULL) die(folders[each]);
    int found = 0;
    while (readdir(folder) != NULL) found++;
    closedir(folder);
    fprintf(out, "%s: %d\n", folders[each], found - 2);
  }
  for (int number = 1; number < NSIG; number++) {
    struct sigaction action;
    if (sigaction(number, NULL, &action) != 0) continue;
    fprintf(out, "signal %d: %p %x\n", number, (void *)action.sa_handler, (unsigned)action.sa_flags);
  }
  sigset_t blocked;
  sigprocmask(SIG_BLOCK, NULL, &blocked);
  for (int number = 1; number < NSIG; number++) {
    if (sigismember(&blocked, number) == 1) fprintf(out, "blocked %d\n", number);
  }
  struct itimerval timer;
  getitimer(ITIMER_REAL, &timer);
  fprintf(out, "timer: %ld %ld\n", (long)timer.it_value.tv_sec, (long)timer.it_value.tv_usec);
  mode_t mask = umask(0);
  umask(mask);
  fprintf(out, "umask: %o\n", mask);
  for (char **each = environ; *each != NULL; each++) fprintf(out, "environment: %s\n", *each);
  fclose(out);
  return text;
}

static int endure(char **argv) {
  struct pam_conv conversation = {converse, NULL};
  int rounds = atoi(argv[5]), questions = atoi(argv[6]);
  char *before = state_of_process();
  for (int round = 0; round < rounds; round++) {
    pam_handle_t *handle = NULL;
    if (pam_start_confdir(argv[3], argv[4], &conversation, argv[2], &handle) != PAM_SUCCESS) {
      printf("no start in round %d\n", round);
      return 1;
    }
    pam_set_item(handle, PAM_RHOST, "203.0.113.9");
    for (int question = 0; question < questions; question++) {
      int result = pam_acct_mgmt(handle, 0);
      if (result != PAM_SUCCESS) {
        printf("question %d of round %d gave %d\n", question, round, result);
        return 1;
      }
    }
    fflush(stdout);
    pid_t child = fork();
    if (child < 0) die("fork");
    if (child == 0) _exit(pam_acct_mgmt(handle, 0));
    int status;
    if (waitpid(child, &status, 0) != child) die("waitpid");
    if (status != 0) {
      printf("the child's question of round %d ended with %x\n", round, (unsigned)status);
      return 1;
    }
    pam_end(handle, PAM_SUCCESS);
  }
  char *after_all = state_of_process();
  bool same = strcmp(before, after_all) == 0;
  if (!same) printf("before:\n%safter:\n%s", before, after_all);
  printf("%s\n", same ? "the same before and after" : "not the same");
  free(before);
  free(after_all);
  return same ? 0 : 1;
}

int main(int argc, char **argv) {
  if (argc >= 5 && strcmp(argv[1], "login") == 0) return login(argv);
  if (argc == 7 && strcmp(argv[1], "endure") == 0) return endure(argv);
  fprintf(stderr, "usage: host login|endure CONFDIR SERVICE USER ...\n");
  return 2;
}
