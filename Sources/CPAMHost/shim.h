#ifndef GATEHOUSE_CPAMHOST_SHIM_H
#define GATEHOUSE_CPAMHOST_SHIM_H
// A program that asks PAM, for `gatehouse pam test`: the account stage alone. Here in C, since Swift
// cannot write the conversation's array of pointers without as much unsafe code.

#include <fcntl.h>
#include <security/pam_appl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/// Writes each message as `message STYLE LENGTH`, a newline, the text, a newline; answers nothing.
static inline int gh_pam_converse(
    int count, const struct pam_message **messages, struct pam_response **responses, void *data) {
  int outcome = PAM_SUCCESS;
  for (int index = 0; index < count; index++) {
    const char *text = messages[index]->msg ? messages[index]->msg : "";
    dprintf(*(int *)data, "message %d %zu\n%s\n", messages[index]->msg_style, strlen(text), text);
    // Nobody is there to answer, as with sshd in this stage.
    if (messages[index]->msg_style == PAM_PROMPT_ECHO_OFF ||
        messages[index]->msg_style == PAM_PROMPT_ECHO_ON)
      outcome = PAM_CONV_ERR;
  }
  if (outcome != PAM_SUCCESS) return outcome;
  *responses = (struct pam_response *)calloc((size_t)count, sizeof **responses);
  return *responses ? PAM_SUCCESS : PAM_BUF_ERR;
}

/// Runs the account stage of a service and writes to standard output what came of it: the messages, then
/// `start CODE` if there was no stack to run, or `account CODE`, and `roles LENGTH` with the roles that
/// were put into PAM's environment. A text that is NULL is not set.
static inline void gh_pam_account(
    const char *service, const char *user, const char *remote_host, const char *terminal,
    const char *remote_user, const char *ssh_connection) {
  // Modules and what they start may write to standard output, too: that goes nowhere.
  int fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3), nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (fd < 0 || nowhere < 0 || dup2(nowhere, STDOUT_FILENO) < 0) return;
  const struct pam_conv conversation = {gh_pam_converse, &fd};
  pam_handle_t *handle = NULL;
  int result = pam_start(service, user, &conversation, &handle);
  if (result != PAM_SUCCESS) {
    dprintf(fd, "start %d\n", result);
    return;
  }
  if (remote_host) (void)pam_set_item(handle, PAM_RHOST, remote_host);
  if (terminal) (void)pam_set_item(handle, PAM_TTY, terminal);
  if (remote_user) (void)pam_set_item(handle, PAM_RUSER, remote_user);
  if (ssh_connection) {
    char variable[512];
    snprintf(variable, sizeof variable, "SSH_CONNECTION=%s", ssh_connection);
    (void)pam_putenv(handle, variable);
  }
  result = pam_acct_mgmt(handle, 0);
  dprintf(fd, "account %d\n", result);
  const char *roles = pam_getenv(handle, "GATEHOUSE_ROLES");
  if (roles) dprintf(fd, "roles %zu\n%s\n", strlen(roles), roles);
  (void)pam_end(handle, result);
}

#endif
