import ArgumentParser
import GatehouseClient
import GatehousePlatform
import GatehousePolicy
import GatehouseReport
import GatehouseSystem
import GatehouseWire
import SystemPackage

/// The daemon that is asked, and the sentences for when it cannot be.
struct RunningDaemon {
  /// What it answered: finished text, and what the command exits with.
  struct Answer {
    let text: [UInt8]
    let status: UInt8

    /// Prints the text and ends with the status.
    func print() throws -> Never {
      try Terminal.print(text)
      throw ExitCode(Int32(status))
    }
  }

  /// Milliseconds for an answer that may have to wait for a directory server.
  static let patience: UInt32 = 30_000
  /// Milliseconds for a reload, which reads lists of any length and runs the policy's tests.
  static let reloadPatience: UInt32 = 300_000

  private let path: String
  private let socket: SocketPath

  /// - Parameter options: Valid ones, as the parser leaves them.
  init(_ options: DaemonOptions) {
    path = options.path
    socket = SocketPath(Array(path.utf8).span) ?? .standard
  }

  /// Asks how the daemon is.
  func status(_ format: GatehouseReport.ReportFormat) throws(CommandFailure) -> Answer {
    try ask(.status(GatehouseWire.ReportFormat(format)))
  }

  /// Asks which policy it serves.
  func servingStatus() throws(CommandFailure) -> ServingStatus {
    let answer = try status(.json)
    do throws(JSONError) {
      return try ServingStatus(json: answer.text)
    } catch {
      throw .unreachable(
        "the daemon's status makes no sense: \(error)",
        remedy: "see that gatehouse and gatehoused are of one version")
    }
  }

  /// Asks it to read its policy again.
  func reload(_ format: GatehouseReport.ReportFormat) throws(CommandFailure) -> Answer {
    try ask(.reload(GatehouseWire.ReportFormat(format)), patience: Self.reloadPatience)
  }

  /// Asks about a login; throws a `CommandFailure`, or says that no frame can hold the question.
  func explain(
    _ question: ExplainQuestion, as format: GatehouseReport.ReportFormat
  ) throws -> Answer {
    try ask(Self.frame(question, format))
  }

  /// The question as it travels.
  ///
  /// What the daemon would close the connection on is not sent: it would look like a lost daemon.
  private static func frame(
    _ question: ExplainQuestion, _ format: GatehouseReport.ReportFormat
  ) throws(UnaskableQuestion) -> Frame {
    var flags = LoginFlags()
    flags.isLocal = question.from == "local"
    flags.givesGroups = question.groups != nil
    var frame = Frame(.explain)
    try frame.append(.service, question.service, atMost: WireLimit.service)
    try frame.append(.user, question.user, atMost: WireLimit.user)
    if !flags.isLocal {
      frame.append(.remoteHost, Array(question.from.utf8).span, cutAt: WireLimit.remoteHost)
    }
    frame.append(.flags, word: flags.word)
    if let role = question.role {
      guard role.bytes.allSatisfy(isOfDeclaredName) else {
        throw UnaskableQuestion(problem: "no role can be called `\(role)`")
      }
      try frame.append(.role, role, atMost: WireLimit.role)
    }
    for group in (question.groups ?? []).sorted() {
      try frame.append(.group, group, atMost: WireLimit.group)
    }
    if let time = question.time { frame.append(.time, number: time.microseconds) }
    frame.append(.format, byte: GatehouseWire.ReportFormat(format).rawValue)
    guard !frame.overflowed else {
      throw UnaskableQuestion(
        problem: "it is longer than the \(WireLimit.frame) bytes that the daemon takes")
    }
    return frame
  }

  /// Sends a request, with a candidate where it is about one, and takes the report.
  func ask(
    _ frame: consuming Frame, attaching candidate: SnapshotArchive? = nil,
    patience: UInt32 = Self.patience
  ) throws(CommandFailure) -> Answer {
    let file = try candidate.map(sealed)
    let report: ReceivedReport
    let deadline = Deadline(milliseconds: patience)
    do throws(NoAnswer) {
      if let file {
        report = try Daemon.report(on: frame, attaching: file, at: socket, deadline: deadline)
      } else {
        report = try Daemon.report(on: frame, at: socket, deadline: deadline)
      }
    } catch {
      throw failure(error)
    }
    do throws(SystemError) {
      let text = try remainder(of: report.text.rawValue, atMost: WireLimit.policy)
      return Answer(text: text, status: report.exitStatus)
    } catch {
      throw .unreadable("the daemon's answer", error)
    }
  }

  private func sealed(_ candidate: SnapshotArchive) throws(CommandFailure) -> SealedFile {
    do throws(SealedFile.Failure) {
      let bytes = candidate.bytes
      guard bytes.count <= WireLimit.policy else { throw .tooLong }
      return try SealedFile(bytes.span)
    } catch {
      throw .unreachable("the candidate cannot be sent to the daemon: \(error)")
    }
  }

  private func failure(_ error: NoAnswer) -> CommandFailure {
    var words = BoundedBytes<512>()
    error.describe(in: &words)
    let clause = String(decoding: (0..<words.bytes.count).map { words.bytes[$0] }, as: UTF8.self)
    let remedy =
      switch error {
      case .system(Errno.permissionDenied.rawValue) where !CurrentProcess.isRoot,
        .absent where !CurrentProcess.isRoot:
        "only root may ask the daemon: run this as root"
      case .untrusted: "find out who that is before you ask anything there"
      default: "systemctl status gatehoused says how it is, journalctl -u gatehoused why"
      }
    return .unreachable("gatehoused cannot be asked at \(path): \(clause)", remedy: remedy)
  }
}

/// A question that no frame can hold; a policy that is named by its path could be asked.
struct UnaskableQuestion: Error {
  /// What is wrong with it.
  let problem: String
}

extension Frame {
  /// Adds a name as a field.
  fileprivate mutating func append(
    _ tag: Tag, _ name: Name, atMost limit: Int
  ) throws(UnaskableQuestion) {
    guard name.bytes.count <= limit else {
      throw UnaskableQuestion(problem: "a \(tag) has at most \(limit) bytes")
    }
    append(tag, name.bytes)
  }
}

extension GatehouseWire.ReportFormat {
  /// The same format, as it is asked for over the socket.
  init(_ format: GatehouseReport.ReportFormat) {
    switch format {
    case .text: self = .text
    case .colouredText: self = .colouredText
    case .json: self = .json
    case .batchLine: self = .batchLine
    }
  }
}
