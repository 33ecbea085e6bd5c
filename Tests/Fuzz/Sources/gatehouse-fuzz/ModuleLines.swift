import GatehouseClient
import GatehouseSystem
import GatehouseWire

@testable import GatehouseControl
@testable import PAMGatehouse

/// What the module reads inside sshd, su and whatever else loads it.
enum ModuleLines {
  /// Options with a NUL between them.
  @Sendable static func options(_ bytes: [UInt8]) {
    var options = ModuleOptions()
    var once = ModuleOptions()
    for option in bytes.parts(64) {
      var probe = options
      let isUnderstood = (try? options.take(option.span)) != nil
      // After a problem the others still count, and no option is understood twice.
      promise(
        ((try? probe.take(option.span)) != nil) == isUnderstood, "the same option, the same outcome"
      )
      promise((try? options.take(option.span)) == nil, "an option counts once")
      _ = try? once.take(option.span)
    }
    promise((50...30_000).contains(options.timeout), "a timeout is within its bounds")
    promise(options.socket.bytes.byte(at: 0) == 0x2F, "a socket's path is absolute")
    promise(
      options.timeout == once.timeout && options.onError == once.onError
        && options.local == once.local && options.role.bytes.hasSameBytes(as: once.role.bytes),
      "an option that stands twice changes nothing")
  }

  /// The options of a line, seven facts and the daemon's answer, with the byte 255 between them.
  @Sendable static func login(_ bytes: [UInt8]) {
    let parts = bytes.parts(9, separator: 0xFF)
    // All but the answer are C strings.
    let texts = parts.map { part in part.filter { $0 != 0 } }
    let facts = Facts(Array(texts.dropFirst()))
    let caller: UInt32 = bytes.count.isMultiple(of: 2) ? 0 : 1000
    var options = ModuleOptions()
    func stage() -> AccountStage<FuzzHost> {
      let host = FuzzHost(facts: facts, answer: parts.part(8) ?? [], caller: caller)
      return AccountStage(host: host, options: options, silence: .none)
    }
    var isUnderstood = true
    for option in texts[0].split(separator: 0x20).map({ Array($0) }) {
      do throws(OptionProblem) { try options.take(option.span) } catch {
        isUnderstood = false
        stage().report(error, in: option.span)
      }
    }
    // As the entry points of the module do.
    if !isUnderstood {
      _ = stage().judgeMisconfigured()
    } else if options.authorize {
      _ = stage().authorize()
    } else if options.judgesNoLogin {
      _ = stage().isYes()
    } else {
      _ = stage().judge()
    }
  }
}

/// The facts of a login, each in a place of its own, so that a span can borrow it; empty if it is not
/// set.
private struct Facts {
  let service, user, remoteHost, remoteUser, terminal, sshConnection, sshAuthInfo: [UInt8]

  init(_ parts: [[UInt8]]) {
    func part(_ index: Int) -> [UInt8] { parts.part(index) ?? [] }
    service = part(0)
    user = part(1)
    remoteHost = part(2)
    remoteUser = part(3)
    terminal = part(4)
    sshConnection = part(5)
    sshAuthInfo = part(6)
  }
}

/// PAM and the daemon; what the module tells them is checked.
private struct FuzzHost: LoginHost, ~Copyable {
  let facts: Facts
  let answer: [UInt8]
  let caller: UInt32

  @_lifetime(borrow self)
  borrowing func text(_ item: LoginItem) -> Span<UInt8>? {
    switch item {
    case .service: return facts.service.span
    case .user: return facts.user.span
    case .remoteHost: return facts.remoteHost.isEmpty ? nil : facts.remoteHost.span
    case .remoteUser: return facts.remoteUser.span
    case .terminal: return facts.terminal.span
    case .sshConnection: return facts.sshConnection.span
    case .sshAuthInfo: return facts.sshAuthInfo.span
    }
  }

  borrowing func isOwnHostName(_ text: Span<UInt8>) -> Bool { text.hasSameBytes(as: "box") }

  borrowing func callingUser() -> UInt32 { caller }

  borrowing func ask(
    _ question: inout Frame, at path: SocketPath, timeout: UInt32, into storage: inout FrameStorage
  ) throws(NoAnswer) -> Answer {
    question.setTimeLeft(milliseconds: timeout)
    promise(!question.overflowed, "a question fits into a frame")
    promise(
      (try? Question(decoding: question.bytes)) != nil, "the daemon understands every question")
    let length = min(answer.count, WireLimit.frame)
    for position in 0..<length { storage[position] = answer[position] }
    do throws(WireError) {
      return try Answer(decoding: storage.span.bytes(from: 0, count: length))
    } catch { throw .senseless(error) }
  }

  borrowing func log(_ severity: Severity, _ line: Span<UInt8>) {
    let line = line.array
    promise(line.count <= 1024, "a line of the log is bounded")
    promise(line.allSatisfy { (0x20...0x7E).contains($0) }, "a line of the log is printable ASCII")
  }

  borrowing func show(_ message: Span<UInt8>) {
    let isSafe = message.array.text.unicodeScalars.allSatisfy {
      $0 == "\n" || $0 == "\t" || $0.properties.generalCategory != .control
    }
    promise(isSafe, "no control character reaches the user's terminal")
  }

  /// The user types what stands in the terminal's name.
  borrowing func ask(_ prompt: Span<UInt8>, into answer: inout Secret) {
    answer.appendCode(facts.terminal.span)
  }

  borrowing func wipe(_ secret: inout Secret) { secret = Secret() }

  borrowing func wipe(_ frame: inout Frame) { frame.begin(.question) }

  borrowing func setRoles(_ roles: Span<UInt8>) -> Bool {
    promise(!roles.array.contains(0x3D), "roles are names")
    return true
  }
}
