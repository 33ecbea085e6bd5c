// Asks the real libpam what the account stacks of a folder come to.
//
// usage: stack-host
//   For each line of standard input, a service: the number that pam_acct_mgmt returns, "start N" if
//   pam_start fails with N, or "signal N" if it ended the process, one a line.
// usage: stack-host PAM.D VENDOR.D [ROOT]
//   The same in a mount namespace of its own, in which the two folders stand for /etc/pam.d and
//   /usr/lib/pam.d. With ROOT, this program's copy ROOT/stack-host does it there, with the libpam
//   of that system.

#define _GNU_SOURCE
#include <sched.h>
#include <security/pam_appl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static int silent(int count, const struct pam_message **messages, struct pam_response **responses,
                  void *data) {
  (void)messages, (void)data;
  *responses = calloc((size_t)count, sizeof **responses);
  return *responses ? PAM_SUCCESS : PAM_BUF_ERR;
}

// Never returns: ends with the code, or with 100 more if pam_start failed with it.
static void ask(const char *service) {
  const struct pam_conv conversation = {silent, NULL};
  const struct rlimit none = {0, 0}, many = {65536, 65536};
  pam_handle_t *handle = NULL;
  // What crashes does so at once and leaves no core file; what hangs is ended. A libpam that includes
  // a file without end runs out of its stack, not of open files.
  signal(SIGSEGV, SIG_DFL);
  setrlimit(RLIMIT_CORE, &none);
  setrlimit(RLIMIT_NOFILE, &many);
  alarm(2);
  int result = pam_start(service, "root", &conversation, &handle);
  if (result != PAM_SUCCESS) _exit(100 + result);
  _exit(pam_acct_mgmt(handle, PAM_SILENT));
}

static int answer(void) {
  char service[256];
  while (fgets(service, sizeof service, stdin)) {
    service[strcspn(service, "\n")] = 0;
    fflush(stdout);
    const pid_t child = fork();
    if (child == 0) ask(service);
    int status;
    if (child < 0 || waitpid(child, &status, 0) != child) return 5;
    if (WIFSIGNALED(status))
      printf("signal %d\n", WTERMSIG(status));
    else if (WEXITSTATUS(status) >= 100)
      printf("start %d\n", WEXITSTATUS(status) - 100);
    else
      printf("%d\n", WEXITSTATUS(status));
  }
  return fflush(stdout) == 0 ? 0 : 6;
}

static int stand_for(const char *folder, const char *root, const char *place) {
  char path[4096];
  snprintf(path, sizeof path, "%s%s", root, place);
  // Not every machine has a /usr/lib/pam.d.
  return access(path, F_OK) == 0 ? mount(folder, path, NULL, MS_BIND, NULL) : 0;
}

int main(int count, char **arguments) {
  if (count == 1) return answer();
  if (count != 3 && count != 4) return 2;
  const char *root = count == 4 ? arguments[3] : "";
  if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
      stand_for(arguments[1], root, "/etc/pam.d") ||
      stand_for(arguments[2], root, "/usr/lib/pam.d")) {
    perror("stack-host");
    return 3;
  }
  if (count == 3) return answer();
  if (chroot(root) || chdir("/")) return 4;
  execl("/stack-host", "stack-host", (char *)NULL);
  return 4;
}
