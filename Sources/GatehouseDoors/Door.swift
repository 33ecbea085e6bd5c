internal import GatehouseClient
public import GatehousePAM

/// A way in or up that PAM judges: a service with its stack.
public struct Door: Sendable {
  /// What the stack does with our answer.
  public enum Standing: String, Hashable, Sendable {
    /// Everybody who gets in was asked about, and every denial counts.
    case asked
    /// No line asks.
    case unasked
    /// Somebody gets in without a question.
    case bypassed
    /// A denial does not count.
    case overruled
    /// Nobody gets in, whatever the policy says.
    case closed
    /// Nobody can say.
    case unknown
  }

  /// What becomes of those who come from elsewhere.
  public enum RemoteLogins: String, Hashable, Sendable {
    /// They are judged by their address.
    case judged
    /// They are refused, for the program gives no address.
    case refused
    /// They get in without being judged.
    case unjudged
    /// There are none: the service serves who is in the machine already.
    case none
    /// They are judged by the address of the session.
    case session
    /// Nobody gets in.
    case nobody
    /// Nobody can say.
    case unknown
  }

  /// What becomes of those who are in the machine already, or sit at it.
  public enum LocalLogins: String, Hashable, Sendable {
    /// They get in without being judged.
    case unasked
    /// They are judged as local.
    case asked
    /// They are refused.
    case refused
  }

  /// The PAM service.
  public var service: String
  /// What libpam makes of its files.
  public var reading: ServiceReading
  /// The verdict about its account stack; nil if there is no stack.
  public var verdict: StackVerdict?
  /// The lines of ours that its stacks have, in the order of the stages and the lines.
  public var lines: [ModuleLine]
  /// What becomes of a yes of each line in the stage auth that judges no login.
  public var jumps: [(location: PAMLocation, jump: StackJump)]
  /// What becomes of each line in the stage auth that asks for a code.
  public var codes: [(location: PAMLocation, code: StackCode)]
  /// What is known of the program.
  public var program: KnownProgram
  /// The files that were read for it, in order.
  public var files: [String]
  /// What is there and could not be read, with the reason.
  public var unreadable: [String]
  /// Why its program does not ask PAM at all; nil if it does, as far as is known.
  public var passedOver: String?
  /// Whether the policy counts its logins as local if no address comes (`without_address: local`).
  public var isLocalByPolicy: Bool

  /// The account stack; nil if there is none.
  public var stack: PAMStack? { stack(of: .account) }

  /// The stack of a stage; nil if there is none.
  func stack(of stage: PAMStage) -> PAMStack? {
    guard case .stacks(let stacks) = reading else { return nil }
    return stacks[stage]
  }

  /// The lines of ours that ask the policy.
  public var asking: [ModuleLine] { lines.filter(\.isOurs) }

  /// What the stack does with our answer.
  public var standing: Standing {
    if passedOver != nil { return .unasked }
    guard unreadable.isEmpty else { return .unknown }
    switch reading {
    case .refused: return .closed
    case .unpredictable: return .unknown
    case .stacks: break
    }
    guard let verdict else { return .unknown }
    if !verdict.canLetIn { return .closed }
    if verdict.ours.isEmpty { return .unasked }
    if !verdict.unasked.isEmpty { return .bypassed }
    if !verdict.overruled.isEmpty { return .overruled }
    if verdict.allowed.letsIn == nil || asking.contains(where: \.refusesEverybody) {
      return .closed
    }
    return .asked
  }

  /// Whether a line of ours is asked about anybody who gets in.
  public var asksSometimes: Bool { passedOver == nil && verdict?.ours.isEmpty == false }

  /// Whether it serves only who is in the machine already, or sits at it.
  public var servesOnlyLocals: Bool { program.gives == .local || isLocalByPolicy }

  /// What becomes of those who come from elsewhere.
  public var remoteLogins: RemoteLogins {
    let standing = standing
    switch standing {
    case .closed: return .nobody
    case .unknown: return .unknown
    case .unasked, .bypassed, .overruled: return servesOnlyLocals ? .none : .unjudged
    case .asked: break
    }
    if asking.contains(where: \.usesSession) { return .session }
    if servesOnlyLocals { return .none }
    switch program.gives {
    case .address: return .judged
    case .nothing, .hostName: return .refused
    case .local: return .none
    case .unknown: return .unknown
    }
  }

  /// What becomes of those who are in the machine already, or sit at it.
  public var localLogins: LocalLogins {
    guard standing != .closed else { return .refused }
    guard standing == .asked else { return .unasked }
    if asking.contains(where: { $0.local == .deny }) || verdict?.ignored.letsIn == nil {
      return .refused
    }
    return asking.contains { $0.local == .ask } ? .asked : .unasked
  }

  /// Why the standing is what it is, in words; nil if there is nothing to add.
  public var reason: String? {
    if let passedOver { return passedOver }
    if let first = unreadable.first { return first }
    switch reading {
    case .refused(let flaw), .unpredictable(let flaw): return flaw.sentence
    case .stacks: break
    }
    guard let stack, let verdict else { return nil }
    switch standing {
    case .bypassed: return verdict.unasked.first?.sentence(about: stack, verdict)
    case .overruled: return verdict.overruled.first?.sentence(about: stack, verdict)
    case .unasked:
      guard let line = lines.first(where: { $0.stage == .account && !$0.isOurs }) else {
        return "no line of the stack asks Gatehouse"
      }
      return line.judgesNoLogin
        ? "\(line.location) asks about a network, a second factor or a code, and judges no login"
        : "\(line.location) names no module that libpam can load"
    case .closed: return closedReason(stack, verdict)
    case .asked where verdict.ignored.letsIn == nil:
      return "local logins are refused: no other line of the stack lets them in"
    case .asked, .unknown: return nil
    }
  }

  private func closedReason(_ stack: PAMStack, _ verdict: StackVerdict) -> String {
    if let line = asking.first(where: \.refusesEverybody) {
      let why =
        line.problems.first.map { "`\($0.argument)`: \($0.phrase)" }
        ?? "the policy has no role `\(line.role ?? "")`"
      return "\(line.location) refuses everybody: \(why)"
    }
    if let line = lines.first(where: { $0.stage == .account && !$0.isLoadable }) {
      return "\(line.location) refuses everybody: libpam cannot load \(line.module)"
    }
    if let broken = stack.lines.first(where: \.isBroken) {
      return "\(broken.location) cannot be used by libpam"
    }
    return stack.lines.isEmpty ? "there is no account line" : "the stack lets nobody in"
  }
}

extension StackLine {
  fileprivate var isBroken: Bool {
    if case .broken = kind { return true }
    return false
  }
}

extension PAMFlaw {
  /// What is wrong, and where, in words.
  public var sentence: String {
    let what =
      switch problem {
      case .nothingToRead: "there is no file of the service, and none of `other`"
      case .unknownStage(let word): "`\(word)` is not one of account, auth, password, session"
      case .noControl: "the line ends before its control"
      case .noModule: "the line ends before its module"
      case .unusableName(let name): "`\(name)` cannot be a module's name"
      case .unreadable(let path): "\(path) cannot be opened"
      case .includeWithoutName: "the include names no file; libpam crashes"
      case .tooDeep(let path): "\(path) is included too deep for libpam"
      case .endlessInclude(let path): "\(path) includes itself"
      case .brokenLine: "the file ends within a line that was to go on"
      case .endlessLine: "libpam never comes to the end of this line"
      case .tooMuch: "there are too many lines"
      case .strayControl: "an include that cannot be opened makes libpam use a stray control"
      }
    return location.map { "\($0): \(what)" } ?? what
  }
}
