import ArgumentParser
import CPAMHost
import GatehouseControl
import GatehouseDoors
import GatehouseIdentity
import GatehousePAM
import GatehousePlatform
import GatehousePolicy
import GatehouseReport

/// `gatehouse pam test`: runs the account stack of a service for real.
struct PAMTest: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test",
    abstract: "Run the account stack of a service for real, as if somebody came from an address.",
    discussion: """
      The stack runs in a process of its own, with the modules and files of this machine, and with \
      what the service's program would tell PAM. It is no login: nothing is counted or recorded. \
      It says what libpam returned, whether the daemon was asked and what it answered, which line \
      decided if that can be known, and what the user would read.

      Exit status: 0 if the user would get in, 1 if not, or if a module crashes or hangs; 3 if the \
      stack could not be run.
      """)

  @Argument(help: ArgumentHelp("The user.", valueName: "user"), completion: .user)
  var user: String

  @Option(
    help: ArgumentHelp("The address, or local, or self.", valueName: "address"),
    completion: .list(["self", "local"]))
  var from: String

  @Option(
    help: ArgumentHelp("The PAM service (default: sshd).", valueName: "service"),
    completion: .service)
  var service = "sshd"

  @OptionGroup var daemon: DaemonOptions

  @OptionGroup var output: AnswerOptions

  /// How long the modules may take: more than any deadline of ours.
  private static let patience = Duration.seconds(15)

  func validate() throws {
    try validateNames([user, service])
    if case .unknown = Origin(written: from) {
      throw ValidationError("--from \(from): not an IP address, and neither local nor self")
    }
  }

  func run() throws {
    guard CurrentProcess.isRoot else {
      throw CommandFailure.unreachable(
        "only root can run a stack as its program would", remedy: "run this as root")
    }
    let machine = ThisMachine()
    let policy = MachineDoors.policy()
    NamesHere(policy).hint((.user, user), (.service, service))
    let doors = Doors(of: machine, policy: policy)
    let door = doors[service: service]
    let given = GivenItems(
      to: door?.program ?? .behind(service, version: machine.version), service: service, from: from)
    let questions = TestQuestions(RunningDaemon(daemon))
    let result: ProgramResult
    do throws(SystemError) {
      result = try Programs.result(
        of: "/proc/self/exe", ["gatehouse", "pam", "run-stack", service, user] + given.arguments,
        within: Self.patience, takesErrors: false
      ) { questions.begin(for: $0) }
    } catch {
      throw CommandFailure.cannotRun("the stack", error)
    }
    try output.print(
      PAMTestReport(
        user: Name(user), service: Name(service), from: from, given: given.remoteHost,
        ending: result.ending, output: result.output, answers: questions.end(), door: door,
        isUnknownUser: (try? ThisDirectory.reading(of: Name(user), among: []))?.isKnown == false))
  }
}

/// What a program tells PAM beside the user.
struct GivenItems {
  /// PAM_RHOST; nil if the program does not set it.
  let remoteHost: String?
  private let terminal: String?
  private let remoteUser: String?
  private let sshConnection: String?

  /// What the program behind a service would tell of somebody who comes from there.
  init(to program: KnownProgram, service: String, from: String) {
    let address = from == "self" ? "127.0.0.1" : from
    let isSSH = program == KnownProgram.behind("sshd")
    switch program.gives {
    case _ where from == "local": remoteHost = nil
    case .address, .unknown: remoteHost = address
    case .hostName: remoteHost = Machine.hostName
    case .nothing, .local: remoteHost = nil
    }
    terminal = isSSH ? "ssh" : program.gives == .local ? "tty1" : nil
    remoteUser = ["su", "su-l", "sudo", "sudo-i"].contains(service) ? "root" : nil
    sshConnection =
      isSSH && from != "local" ? "\(address) 50000 \(Self.ownAddress(for: address)) 22" : nil
  }

  /// An address of this machine to which somebody from there would connect.
  private static func ownAddress(for address: String) -> String {
    let isV6 = address.contains(":")
    if from(address) == .machine { return address }
    let own = Machine.ownAddresses().first { !$0.isLoopback && $0.text.contains(":") == isV6 }
    return own?.text ?? (isV6 ? "::1" : "127.0.0.1")
  }

  private static func from(_ address: String) -> Origin { Origin(remoteHost: address) }

  /// For the child: one argument each, `-` for what is not set and `=` before what is.
  var arguments: [String] {
    [remoteHost, terminal, remoteUser, sshConnection].map { text in text.map { "=\($0)" } ?? "-" }
  }
}

/// The child of `gatehouse pam test`.
struct PAMRunStack: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run-stack",
    abstract: "Run the account stack of a service; for gatehouse pam test alone.",
    shouldDisplay: false)

  @Argument(parsing: .allUnrecognized) var words: [String]

  func run() throws {
    guard CurrentProcess.isRoot, words.count == 6 else {
      throw CommandFailure.misuse("gatehouse pam test runs this")
    }
    // The end of standard input says that the daemon knows of this process.
    _ = try StandardStream.input(atMost: 1)
    let items = words[2...].map { $0.hasPrefix("=") ? String($0.dropFirst()) : nil }
    // SAFETY: the texts are C strings for the length of the call.
    unsafe gh_pam_account(words[0], words[1], items[0], items[1], items[2], items[3])
    CurrentProcess.endNow(0)
  }
}

/// Has the daemon take the questions of a process as tests.
private final class TestQuestions: @unchecked Sendable {
  private let daemon: RunningDaemon
  private let sent = Semaphore()
  private var thread: Thread?
  // Written by the thread, read after it has ended.
  private var result: Result<PAMTestResult, CommandFailure>?

  init(_ daemon: RunningDaemon) { self.daemon = daemon }

  /// Tells the daemon of the process, which waits until this has returned.
  func begin(for process: Int32) {
    var request = PAMTestRequest()
    request.process = Int64(process)
    request.started =
      (try? ProcessDescriptor.start(of: process)).flatMap(\.self).map { Int64(clamping: $0) } ?? 0
    let asked = request
    thread = try? Thread("pam-test") { [self] in
      defer { sent.wake() }
      do throws(CommandFailure) {
        result = .success(
          try daemon.ask(asked, patience: .seconds(90)) { [self] in sent.wake() })
      } catch {
        result = .failure(error)
      }
    }
    guard thread != nil else { return }
    sent.wait()
    // It reads what comes first first: with an answer to this, it has read that request, too.
    _ = try? daemon.status()
  }

  /// What was answered, once the process has ended.
  func end() -> PAMTestReport.Questions {
    thread?.join()
    switch result {
    case .success(let result): return .answered(result)
    case .failure(let failure): return .notAsked(failure.problem)
    case nil: return .notAsked("no thread could be started")
    }
  }
}
