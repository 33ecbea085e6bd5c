// Runs a program and kills it at one of its system calls that change files; with --every, at one of all
// its system calls. Those of its first thread count.
//
//   kill-host [--every] STEP PROGRAM [ARGUMENT...]
//
// Steps count from 1: the moment before the first such call, the one after it, the moment before
// the second, and so on. Exit status: 0 if the program was killed at that step; 1 if it ended
// before; 2 for misuse or if the program cannot be traced. With STEP 0 the program runs to its end,
// the exit status is 0, and standard output says how many steps there are.

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// Whether a call changes the file system.
static bool changes_files(const struct __ptrace_syscall_info *info) {
  switch (info->entry.nr) {
    case SYS_openat:
      return info->entry.args[2] & O_CREAT;
    case SYS_write:
      // Writing to standard output and standard error does not count.
      return info->entry.args[0] > 2;
#ifdef SYS_rename
    case SYS_rename: case SYS_link: case SYS_unlink: case SYS_mkdir: case SYS_rmdir: case SYS_chmod:
#endif
    case SYS_renameat: case SYS_renameat2: case SYS_linkat: case SYS_unlinkat: case SYS_mkdirat:
    case SYS_fchmod: case SYS_fchmodat: case SYS_fchown: case SYS_ftruncate: case SYS_fsync:
      return true;
    default:
      return false;
  }
}

int main(int argc, char **argv) {
  bool every = argc > 1 && strcmp(argv[1], "--every") == 0;
  argv += every, argc -= every;
  if (argc < 3) return 2;
  long step = strtol(argv[1], NULL, 10), passed = 0;
  pid_t child = fork();
  if (child < 0) return 2;
  if (child == 0) {
    if (ptrace(PTRACE_TRACEME, 0, 0, 0) < 0) _exit(125);
    raise(SIGSTOP);
    execv(argv[2], argv + 2);
    _exit(126);
  }
  int status = 0;
  if (waitpid(child, &status, 0) < 0 || !WIFSTOPPED(status)) return 2;
  // It must not outlive this program.
  if (ptrace(PTRACE_SETOPTIONS, child, 0, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL) < 0) return 2;
  bool counts = false;
  int signal = 0;
  for (;;) {
    if (ptrace(PTRACE_SYSCALL, child, 0, signal) < 0) return 2;
    signal = 0;
    if (waitpid(child, &status, 0) < 0) return 2;
    if (WIFEXITED(status) || WIFSIGNALED(status)) {
      if (step == 0) printf("%ld\n", passed);
      return step == 0 ? 0 : 1;
    }
    if (WSTOPSIG(status) != (SIGTRAP | 0x80)) {
      if (WSTOPSIG(status) != SIGTRAP) signal = WSTOPSIG(status);
      continue;
    }
    struct __ptrace_syscall_info info;
    if (ptrace(PTRACE_GET_SYSCALL_INFO, child, sizeof info, &info) < 0) return 2;
    if (info.op == PTRACE_SYSCALL_INFO_ENTRY) counts = every || changes_files(&info);
    if (!counts || ++passed != step) continue;
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    return 0;
  }
}
