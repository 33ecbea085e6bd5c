// Asks the real pam_access.so.
//
// usage: access-host PASSWD GROUP NSSWITCH COMMAND...
//   Runs COMMAND in a mount namespace of its own, with these three files in place of those in /etc.
// usage: access-host ask CONFDIR
//   For each line "SERVICE USER RHOST" of standard input (separated by tabs), prints the number
//   that pam_acct_mgmt returns in the stack CONFDIR/SERVICE, one on each line. If RHOST begins with
//   a slash it is a terminal instead, and there is no remote host.
//
// Exit status: 0; 2 for misuse; 3 if PAM cannot start; 4 if the output cannot be written; 5 if the
// files cannot be mounted; 6 if COMMAND cannot be run.

#define _GNU_SOURCE
#include <sched.h>
#include <security/pam_appl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

static int silent(int count, const struct pam_message **messages, struct pam_response **responses,
                  void *data) {
  (void)count, (void)messages, (void)responses, (void)data;
  return PAM_CONV_ERR;
}

static int ask(const char *confdir) {
  const struct pam_conv conversation = {silent, NULL};
  pam_handle_t *handle = NULL;
  int result = PAM_SUCCESS;
  char login[4096] = "";
  char line[4096];
  while (fgets(line, sizeof line, stdin)) {
    line[strcspn(line, "\n")] = 0;
    char *host = strrchr(line, '\t');
    if (!host) return 2;
    *host++ = 0;
    // Consecutive questions about one user and one service share a handle.
    if (!handle || strcmp(line, login) != 0) {
      if (handle) pam_end(handle, result);
      handle = NULL;
      strcpy(login, line);
      char *user = strchr(line, '\t');
      if (!user) return 2;
      *user++ = 0;
      result = pam_start_confdir(line, user, &conversation, confdir, &handle);
      if (result != PAM_SUCCESS) return 3;
    }
    const int is_local = host[0] == '/';
    result = pam_set_item(handle, PAM_RHOST, is_local ? NULL : host);
    if (result == PAM_SUCCESS) result = pam_set_item(handle, PAM_TTY, is_local ? host : "ssh");
    if (result == PAM_SUCCESS) result = pam_acct_mgmt(handle, PAM_SILENT);
    printf("%d\n", result);
  }
  if (handle) pam_end(handle, result);
  return fflush(stdout) == 0 ? 0 : 4;
}

// Mounts the files in place of those in /etc; returns -1 on error.
static int mount_files(char **files) {
  static const char *const targets[] = {"/etc/passwd", "/etc/group", "/etc/nsswitch.conf"};
  if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL)) return -1;
  for (int i = 0; i < 3; i++)
    if (mount(files[i], targets[i], NULL, MS_BIND, NULL)) return -1;
  return 0;
}

int main(int count, char **arguments) {
  if (count == 3 && strcmp(arguments[1], "ask") == 0) return ask(arguments[2]);
  if (count < 5) return 2;
  if (mount_files(arguments + 1)) {
    perror("access-host");
    return 5;
  }
  execvp(arguments[4], arguments + 4);
  perror(arguments[4]);
  return 6;
}
