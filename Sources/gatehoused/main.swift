import GatehouseDaemon
import GatehousePlatform

switch Options.parse(Array(CommandLine.arguments.dropFirst())) {
case .serve(let options):
  // Not `exit`: a thread may still be waiting in a library of NSS, which must not be torn down
  // under it.
  CurrentProcess.endNow(DaemonProcess.run(options))
case .print(let text):
  StandardStream.output.say(text)
case .misuse(let problem):
  StandardStream.error.say("gatehoused: \(problem); see gatehoused --help\n")
  CurrentProcess.end(2)
}
