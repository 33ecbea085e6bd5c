import GatehouseDaemon
import Glibc

switch Options.parse(Array(CommandLine.arguments.dropFirst())) {
case .serve(let options):
  // Not `exit`: a thread may still be waiting in a library of NSS, which must not be torn down
  // under it.
  _exit(Daemon.run(options))
case .print(let text):
  write(text, to: STDOUT_FILENO)
case .misuse(let problem):
  write("gatehoused: \(problem); see gatehoused --help\n", to: STDERR_FILENO)
  exit(2)
}
