/// What becomes of a yes of a line of ours that judges no login, such as `factor`: what it jumps over, and
/// what is left.
public struct StackJump: Hashable, Sendable {
  /// What is wrong with it.
  public enum Problem: Hashable, Sendable {
    /// A yes does not change what comes next.
    case nobodyIsSpared
    /// Without a yes the stack fails.
    case othersFail
    /// There are fewer lines to jump over, which libpam takes for a failure.
    case beyondEnd(lines: Int)
    /// No line that is jumped over asks for anything.
    case skipsNoFactor
    /// This line asks for a second factor, and is not jumped over.
    case leavesFactor(Int)
    /// This line asks for a first factor, and is jumped over beside a second one.
    case skipsFirstFactor(Int)
    /// After a yes no line reports a success, so the stack refuses.
    case nobodyGetsIn
  }

  /// The lines that are jumped over after a yes.
  public let skipped: Range<Int>
  /// What is wrong, the first thing; nil if nothing is.
  public let problem: Problem?
  /// Whether a line before the jump, or after its landing, asks for something that proves who somebody
  /// is; if not, a yes is all that is asked for.
  public let leavesProof: Bool

  /// The verdict about a line of a stack.
  ///
  /// - Parameters:
  ///   - stack: The stack of the stage auth.
  ///   - index: The index of the line in it.
  public init(of stack: PAMStack, at index: Int) {
    let control = stack.lines[index].control
    let success = control[.success]
    let (last, missing): (Int, Int) =
      switch success {
      case .done: (stack.lastBeside(index), 0)
      case _ where success.rawValue > 0: stack.jump(from: index, over: Int(success.rawValue))
      default: (index, 0)
      }
    let skipped = index + 1..<last + 1
    self.skipped = skipped
    let others = stack.lines.indices.filter { $0 != index && !skipped.contains($0) }
    leavesProof = others.contains { stack.lines[$0].isProof }
    problem =
      if success.rawValue <= 0, success != .done {
        .nobodyIsSpared
      } else if control[.authenticationError] != .ignore {
        .othersFail
      } else if missing > 0 {
        .beyondEnd(lines: skipped.count)
      } else if !skipped.contains(where: { stack.lines[$0].isProof }) {
        .skipsNoFactor
      } else if let left = others.first(where: { stack.lines[$0].factor == .second && $0 > index })
      {
        .leavesFactor(left)
      } else if skipped.contains(where: {
        stack.lines[$0].factor != .first && stack.lines[$0].isProof
      }),
        let first = skipped.first(where: { stack.lines[$0].factor == .first })
      {
        .skipsFirstFactor(first)
      } else if !stack.run({ stack.lines[$0].isRefusal ? .authenticationError : .success }).code
        .letsIn
      {
        .nobodyGetsIn
      } else {
        nil
      }
  }
}

/// What a module asks for in the stage auth.
enum AuthenticationFactor: Hashable {
  /// What somebody has to prove first: a password, a ticket.
  case first
  /// What they have to prove besides.
  case second
  /// Something that is not known here; it may be either.
  case unknown
  /// Nothing.
  case nothing

  var isProof: Bool { self != .nothing }

  /// By the modules' names, without `pam_` and `.so`.
  fileprivate static func of(_ module: String) -> AuthenticationFactor {
    guard module.hasPrefix("pam_"), module.hasSuffix(".so") else { return .unknown }
    let name = String(module.dropFirst(4).dropLast(3))
    if seconds.contains(name) { return .second }
    if firsts.contains(name) { return .first }
    return others.contains(name) ? .nothing : .unknown
  }

  private static let firsts: Set<String> = [
    "unix", "sss", "ldap", "winbind", "krb5", "pwdfile", "userdb", "extrausers", "heimdal",
    "himmelblau",
  ]

  private static let seconds: Set<String> = [
    "google_authenticator", "oath", "u2f", "duo", "yubico", "otpw", "linotp", "securid", "totp",
  ]

  /// Those of Linux-PAM and of Debian that ask for nothing, or refuse only.
  private static let others: Set<String> = [
    "permit", "deny", "warn", "env", "nologin", "securetty", "faillock", "faildelay", "cap",
    "group",
    "access", "time", "shells", "succeed_if", "listfile", "wheel", "issue", "echo", "keyinit",
    "gatehouse", "gnome_keyring", "kwallet5", "ecryptfs", "mount", "localuser", "usertype",
    "setquota",
    "selinux", "sepermit", "debug", "tally2", "mail", "motd", "loginuid", "systemd", "limits",
    "umask",
  ]
}

extension StackLine {
  /// What its module asks for, whether libpam can load it or not; nil if the line has none.
  var factor: AuthenticationFactor? {
    guard let name = moduleName, !seemsOurs else { return nil }
    return .of(name)
  }

  /// Whether it asks for something that proves who somebody is.
  var isProof: Bool { factor?.isProof ?? false }

  /// Whether its module always refuses.
  var isRefusal: Bool { moduleName == "pam_deny.so" }
}

extension StackJump.Problem {
  /// What is wrong, in words, and what to do about it.
  public func sentences(of stack: PAMStack) -> (message: String, remedy: String) {
    func name(_ index: Int) -> String {
      let line = stack.lines[index]
      return "\(line.moduleName ?? "a line") (\(line.location))"
    }
    let usual = "write `[success=1 default=ignore]`, where 1 is the number of lines to jump over"
    return switch self {
    case .nobodyIsSpared: ("a yes of this line changes nothing", usual)
    case .othersFail: ("without a yes of this line nobody gets in", usual)
    case .beyondEnd(let lines):
      (
        "it jumps too far: \(lines == 1 ? "one line is" : "\(lines) lines are") left, and libpam "
          + "takes that for a failure",
        "correct the number, and end with `auth required pam_permit.so`"
      )
    case .skipsNoFactor:
      (
        "it jumps over no line that asks for a factor",
        "put it right before the line of the second factor"
      )
    case .leavesFactor(let index):
      (
        "it jumps too short: \(name(index)) still asks for a second factor",
        "raise the number, so that it jumps over that line too"
      )
    case .skipsFirstFactor(let index):
      (
        "it jumps too far: over \(name(index)) too, which asks for the first factor",
        "put it after that line, or lower the number"
      )
    case .nobodyGetsIn:
      (
        "after a yes of it no line reports a success, so libpam refuses",
        "write `auth required pam_permit.so` where the jump lands"
      )
    }
  }
}
