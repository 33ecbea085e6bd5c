import ArgumentParser
import GatehouseControl
import GatehousePlatform
import GatehouseReport
import SystemPackage

/// `gatehouse metrics`: the state of the daemon and the doors, for a monitoring system.
struct MetricsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "metrics",
    abstract: "Print metrics for Prometheus.",
    discussion: """
      Decisions by service, decision, reason and mode, how long answers took, the policy, refused \
      policies, the directory, trial, grants and codes, entries that end, doors, lost log entries. In \
      OpenMetrics; with --textfile into a file, in the format that node_exporter reads there.

      Exit status: 0; 3 if the daemon cannot be asked (gatehouse_up is 0 then), or the file cannot \
      be written.
      """)

  @Option(
    help: ArgumentHelp(
      "Put them into this file in place of what is there, for node_exporter's textfile collector.",
      valueName: "path"), completion: .file())
  var textfile: String?

  @OptionGroup var daemon: DaemonOptions

  func run() throws {
    let status: DaemonStatus?
    let failure: CommandFailure?
    do throws(CommandFailure) {
      (status, failure) = (try RunningDaemon(daemon).status(), nil)
    } catch { (status, failure) = (nil, error) }
    let memory = ProgramMemory()
    let report = MetricsReport(
      status, doors: MachineDoors.now(for: MachineDoors.policy(), memory: memory))
    memory.save()
    if let textfile {
      do throws(SystemError) {
        try Files.replace(
          textfile, with: [report.text(.prometheus)], .init(mode: 0o644), durably: false)
      } catch { throw CommandFailure.unreachable("\(textfile) cannot be written: \(error.reason)") }
    } else {
      try Terminal.print(report.text(.openMetrics))
    }
    if let failure { throw failure }
  }
}
