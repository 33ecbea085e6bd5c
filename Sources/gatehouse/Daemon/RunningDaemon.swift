import FoundationEssentials
import GatehouseChange
import GatehouseClient
import GatehouseControl
import GatehousePlatform
import GatehousePolicy
import GatehouseRecord
import GatehouseReport
import GatehouseState
import GatehouseSystem
import GatehouseWire
import SystemPackage

/// The client of the daemon: sends it a request, and turns a failure into an error message.
struct RunningDaemon {
  /// How long to wait for an answer; the daemon may have to wait for a directory server.
  static let patience = Duration.seconds(30)
  /// How long to wait if the daemon has to load a policy and run its tests.
  static let loadingPatience = Duration.seconds(300)

  private let path: String
  private let socket: SocketPath

  /// - Parameter options: Validated options.
  init(_ options: DaemonOptions) {
    path = options.path
    socket = SocketPath(Array(path.utf8).span) ?? .standard
  }

  // MARK: Requests

  /// Asks for the daemon's state.
  func status() throws(CommandFailure) -> DaemonStatus { try ask(StatusRequest()) }

  /// Asks what the login record has of each service.
  func services() throws(CommandFailure) -> ServiceUses { try ask(ServicesRequest()) }

  /// Asks what the login record has of the places from which users came: one user, or all.
  func places(
    of user: Name? = nil, patience: Duration = Self.patience
  ) throws(CommandFailure) -> PlaceList {
    var request = PlacesRequest()
    request.user = user
    return try ask(request, patience: patience)
  }

  /// Gives the login record what the journal knows of the time before it.
  func take(history: LoginRecord) throws(CommandFailure) -> HistoryVerdict {
    let bytes: [UInt8]
    do throws(StateProblem) {
      bytes = Array(try LoginRecord.kind.pieces(history).joined())
    } catch { throw .unreachable("the history cannot be sent to the daemon: \(error)") }
    let file = try sealed(bytes, "the history", atMost: ControlLimit.record)
    return try ask(HistoryRequest(), with: file)
  }

  /// Asks it to read its policy again.
  ///
  /// - Parameters:
  ///   - digest: The SHA-256 of the policy that is meant; nil for whatever is in the folder.
  ///   - allowance: What may be lost.
  /// - Returns: What became of it.
  /// - Throws: If it does not answer.
  func reload(
    _ digest: String?, allowing allowance: LockoutAllowance
  ) throws(CommandFailure) -> ReloadVerdict {
    let asker = Self.asker()
    var request = ReloadRequest()
    request.asker = asker.user
    request.askerHost = asker.host
    request.allow = allowance.request
    request.digest = digest
    return try ask(request, patience: Self.loadingPatience)
  }

  /// Has it end the trial, and load the policy in its folder.
  func endTrial() throws(CommandFailure) -> TrialVerdict {
    try ask(ofSelf: EndTrialRequest(), patience: Self.loadingPatience)
  }

  /// Asks about a login.
  ///
  /// - Throws: A `CommandFailure`, or an `UnaskableQuestion` if no frame can hold the question.
  func explain(_ question: ExplainQuestion) throws -> ExplainReply {
    var request = ExplainRequest()
    request.service = question.service
    request.user = question.user
    request.origin = question.named?.rawValue
    request.remoteHost = question.named == nil ? question.from.map { Name($0) } : nil
    request.role = question.role
    request.groups = question.groups?.sorted()
    request.time = question.time
    let frame: [UInt8]
    do throws(RequestProblem) {
      frame = try request.frame()
    } catch { throw UnaskableQuestion(error, question) }
    return try ask(request, as: frame)
  }

  /// Sends a request that is recorded with the user and address of this login session.
  func ask<Asked: AttributedRequest>(
    ofSelf request: Asked, attaching candidate: SnapshotArchive? = nil,
    patience: Duration = Self.patience
  ) throws(CommandFailure) -> Asked.Reply {
    let asker = Self.asker()
    var request = request
    request.asker = asker.user
    request.askerHost = asker.host
    return try ask(request, attaching: candidate, patience: patience)
  }

  /// Who asks, and from which address; the daemon looks at logind first.
  private static func asker() -> (user: Name, host: Name?) {
    let author = ChangeRecord.Author.own()
    let address = author?.address ?? OwnSession.current()?.address
    return (author?.user ?? "root", address.map { Name($0.description) })
  }

  /// Sends a request that is recorded with its author.
  func ask<Asked: SignedRequest>(signed request: Asked) throws(CommandFailure) -> Asked.Reply {
    var request = request
    request.author = ChangeRecord.Author.own()?.description ?? "somebody unknown"
    return try ask(request)
  }

  /// Sends a request, with a candidate policy if there is one, and returns the reply; calls
  /// `whenSent` once it is on its way.
  func ask<Asked: Request>(
    _ request: Asked, attaching candidate: SnapshotArchive? = nil,
    patience: Duration = Self.patience, whenSent: () -> Void = {}
  ) throws(CommandFailure) -> Asked.Reply {
    try ask(
      request, with: try candidate.map(sealed), patience: patience, whenSent: whenSent)
  }

  // MARK: The exchange

  private func ask<Asked: Request>(
    _ request: Asked, with file: SealedMemoryFile?, patience: Duration = Self.patience,
    whenSent: () -> Void = {}
  ) throws(CommandFailure) -> Asked.Reply {
    let frame: [UInt8]
    do throws(RequestProblem) {
      frame = try request.frame()
    } catch {
      throw .misuse("the daemon cannot be asked this: \(error.clause)")
    }
    return try ask(
      request, as: frame, attaching: file, patience: patience, whenSent: whenSent)
  }

  private func ask<Asked: Request>(
    _: Asked, as frame: [UInt8], attaching file: SealedMemoryFile? = nil,
    patience: Duration = Self.patience, whenSent: () -> Void = {}
  ) throws(CommandFailure) -> Asked.Reply {
    let value = try content(
      of:
        exchange(frame, attaching: file, patience: patience, whenSent: whenSent))
    do {
      return try JSONDecoder().decode(Asked.Reply.self, from: Data(value))
    } catch {
      let problem = (error as? DecodingError)?.problem ?? "\(error)"
      throw unusable("it is not what was asked for: \(problem)")
    }
  }

  /// Sends a frame and takes the file that comes with the reply.
  private func exchange(
    _ frame: [UInt8], attaching file: SealedMemoryFile?, patience: Duration,
    whenSent: () -> Void
  ) throws(CommandFailure) -> OwnedDescriptor {
    let deadline = Deadline(milliseconds: UInt32(clamping: patience.wholeMicroseconds / 1000))
    let end = Uptime.now + patience
    var reply: AttachedMessage
    do throws(NoAnswer) {
      reply = try Daemon.exchange(at: socket, deadline: deadline) {
        (connection: borrowing Connection) throws(SocketError) in
        let socket = SeqpacketExchange(over: connection.descriptor.rawValue, until: end)
        do throws(SystemError) {
          try socket.send(frame, attaching: file)
          whenSent()
          return try socket.receive(atMost: WireLimit.frame)
        } catch { throw SocketError(error) }
      }
    } catch { throw failure(error) }
    do throws(WireError) {
      guard reply.length <= WireLimit.frame else { throw .tooLong }
      try ReplyFrame.check(reply.bytes.span)
    } catch { throw failure(.senseless(error)) }
    guard let descriptor = reply.takeDescriptor() else {
      throw .unreachable(
        "the daemon at \(path) could not send its answer: no file came with it",
        remedy: "`journalctl -u gatehoused` shows why")
    }
    return descriptor
  }

  /// Reads the file that the daemon sent: a sealed memory file of bounded length, so reading it
  /// cannot block.
  private func content(
    of file: consuming OwnedDescriptor
  ) throws(CommandFailure) -> [UInt8] {
    do throws(SystemError) {
      return try SealedMemoryFile(checking: file, atMost: ControlLimit.reply).bytes()
    } catch { throw unusable("\(error)") }
  }

  private func sealed(_ candidate: SnapshotArchive) throws(CommandFailure) -> SealedMemoryFile {
    try sealed(candidate.bytes, "the candidate", atMost: ControlLimit.policy)
  }

  private func sealed(
    _ bytes: [UInt8], _ what: String, atMost limit: Int
  ) throws(CommandFailure) -> SealedMemoryFile {
    guard bytes.count <= limit else {
      throw .unreachable(
        "\(what) cannot be sent to the daemon: it is longer than \(byteCountText(limit))")
    }
    do throws(SystemError) {
      return try SealedMemoryFile(bytes)
    } catch {
      throw .unreachable("\(what) cannot be sent to the daemon: \(error)")
    }
  }

  // MARK: Failures

  private func unusable(_ problem: String) -> CommandFailure {
    .unreachable(
      "the answer of the daemon at \(path) cannot be used: \(problem)",
      remedy: "make sure that gatehouse and gatehoused have the same version")
  }

  private func failure(_ error: NoAnswer) -> CommandFailure {
    var words = BoundedBytes<512>()
    error.describe(in: &words)
    let clause = String(decoding: words.bytes.array, as: UTF8.self)
    let remedy =
      switch error {
      case .system(Errno.permissionDenied.rawValue) where !CurrentProcess.isRoot,
        .absent where !CurrentProcess.isRoot:
        "only root can ask the daemon: run this as root"
      case .untrusted: "find out which process that is before you use that socket"
      default: "see systemctl status gatehoused, and journalctl -u gatehoused for the reason"
      }
    return .unreachable("gatehoused cannot be asked at \(path): \(clause)", remedy: remedy)
  }
}

extension DecodingError {
  /// Which field is wrong, and how, as a clause.
  fileprivate var problem: String {
    switch self {
    case .keyNotFound(let key, let context): "\(field(context.codingPath + [key])) is missing"
    case .valueNotFound(_, let context): "\(field(context.codingPath)) is null"
    case .typeMismatch(let type, let context): "\(field(context.codingPath)) is not a \(type)"
    case .dataCorrupted(let context): "\(field(context.codingPath)) is not valid"
    @unknown default: "a field cannot be read"
    }
  }

  /// `counts.allowed`, `grants[3].user`.
  private func field(_ path: [any CodingKey]) -> String {
    guard !path.isEmpty else { return "the whole" }
    return path.reduce("") { text, key in
      if let index = key.intValue { return "\(text)[\(index)]" }
      return text.isEmpty ? key.stringValue : "\(text).\(key.stringValue)"
    }
  }
}

/// A question that does not fit into a frame; `--policy` can answer it without the daemon.
struct UnaskableQuestion: Error {
  /// What is wrong with it.
  let problem: String

  init(_ error: RequestProblem, _ question: ExplainQuestion) {
    problem =
      switch error {
      case .badValue(.role): "no role can be called `\(question.role?.description ?? "")`"
      default: error.clause
      }
  }
}

extension RequestProblem {
  /// What is wrong, as a clause.
  var clause: String {
    switch self {
    case .fieldTooLong(let tag, let limit): "a \(tag) has at most \(limit) bytes"
    case .badValue(let tag): "the \(tag) cannot be that"
    case .tooLong: "it is longer than the \(WireLimit.frame) bytes that the daemon takes"
    }
  }
}

extension SocketError {
  fileprivate init(_ error: SystemError) {
    self =
      switch error.code {
      case .timedOut: .timedOut
      case .brokenPipe, .connectionReset: .ended
      default: .system(error.code.rawValue)
      }
  }
}
