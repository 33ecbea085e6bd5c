import GatehouseControl
import GatehouseDoors
import GatehousePolicy

/// Something that needs attention now: `gatehouse status` begins with it, and exits 1.
public struct Attention: Hashable, Sendable {
  /// What it is about.
  public enum Name: String, CaseIterable, Sendable {
    case noPolicy = "no_policy"
    case unknownPolicy = "unknown_policy"
    case refusedPolicy = "refused_policy"
    case differingPolicy = "differing_policy"
    case onTrial = "on_trial"
    case modeOff = "mode_off"
    case noLoginAsks = "no_login_asks"
    case pam
    case door
    case refusedSession = "refused_session"
    case unjudgedSession = "unjudged_session"
    case failingDirectory = "failing_directory"
    case endingLogin = "ending_login"
    case unknownOrigins = "unknown_origins"
    case lostEntries = "lost_entries"
    case notTold = "not_told"
    case feed
  }

  /// What it is about.
  public var name: Name
  /// What is the matter, in a sentence.
  public var text: String
  /// What to do about it.
  public var remedy: String?

  /// Something that needs attention.
  public init(_ name: Name, _ text: String, remedy: String?) {
    self.name = name
    self.text = text
    self.remedy = remedy
  }
}

extension Attention: JSONWritable {
  /// Writes an object of `name`, `text` and `remedy`.
  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("name", name.rawValue)
      $0.member("message", text)
      $0.member("remedy", remedy)
    }
  }
}

extension [Attention] {
  /// The most of a kind that are told one by one.
  private static let most = 10

  /// The first ones, and one more that says how many there are besides.
  func told(_ name: Attention.Name, _ more: String) -> [Attention] {
    guard count > Self.most else { return self }
    return prefix(Self.most) + [
      Attention(name, "\(count - Self.most) \(more)", remedy: "`gatehouse status --json` has all")
    ]
  }
}

extension TextPage {
  /// Adds what needs attention, each with what to do; nothing if nothing does.
  mutating func attention(_ attention: [Attention]) {
    guard !attention.isEmpty else { return }
    heading("Needs attention")
    for item in attention {
      line(StyledText("  - ") + StyledText(item.text, .bad))
      if let remedy = item.remedy { line(StyledText("    \(remedy)")) }
    }
  }
}

extension DaemonStatus {
  /// What needs attention, as far as the daemon knows, the gravest first.
  var attention: [Attention] {
    [
      missingPolicy, refusedPolicy, differingPolicy, trialAttention, modeOff, failingDirectory,
      unknownOrigins,
      lostLogEntries,
    ]
    .compactMap(\.self) + endingLogins
  }

  private var endingLogins: [Attention] {
    endings.map { ending in
      let rule = ending.rule.map { " (\($0.fileAndLine))" } ?? ""
      return Attention(
        .endingLogin,
        "\(ending.user) from \(ending.origin) by \(ending.service) will be refused from "
          + "\(ending.at) on\(rule)",
        remedy: "if it is still needed, give the entry a later `until`")
    }
    .told(.endingLogin, "more logins will be refused within two weeks")
  }

  private var missingPolicy: Attention? {
    guard serving == nil else { return nil }
    return Attention(
      .noPolicy, "there is no policy: every question is answered no_policy",
      remedy: "`gatehouse check` says what is wrong with \(folder); then `gatehouse reload`")
  }

  private var refusedPolicy: Attention? {
    guard serving.map({ $0.isKeptCopy || refusal != nil }) ?? false, trial == nil else {
      return nil
    }
    let stays = "an earlier policy stays in effect"
    return switch refusalCause {
    case .deadly:
      Attention(
        .refusedPolicy, "\(folder) is not loaded by itself: the daemon died while it loaded it",
        remedy: "`gatehouse check`; `gatehouse reload` loads it all the same")
    case .waiting:
      Attention(
        .refusedPolicy, "\(folder) waits for a directory that is away; \(stays)",
        remedy: "it is judged again when the directory answers: getent group")
    case .lockout:
      Attention(
        .refusedPolicy,
        "\(folder) was refused, since it would shut out who could repair the machine; \(stays)",
        remedy: "who that is stands below; change the policy, then `gatehouse reload`")
    case .nobodyJudged:
      Attention(
        .refusedPolicy,
        "\(folder) was refused, since nobody who could repair the machine could be judged; "
          + stays,
        remedy: "log in once, then `gatehouse reload`; or "
          + "`gatehouse reload --allow-lockout=unjudged`")
    case .earlier:
      Attention(
        .refusedPolicy, "\(folder) was refused before the daemon was started; \(stays)",
        remedy: "`gatehouse reload` says why")
    case .errors, nil:
      Attention(
        .refusedPolicy,
        "\(folder) was refused for "
          + "\(counted(refusal?.diagnostics.count { $0.severity == .error } ?? 0, "error")); \(stays)",
        remedy: "the errors are below; correct them, then `gatehouse reload`")
    }
  }

  private var differingPolicy: Attention? {
    guard isDiffering, trial == nil else { return nil }
    return Attention(
      .differingPolicy, "\(folder) is not what the daemon serves", remedy: "`gatehouse reload`")
  }

  private var trialAttention: Attention? {
    trial.map { trial in
      Attention(
        .onTrial,
        "a candidate of \(trial.author) is on trial, \(durationInWords(trial.timeLeft)) left",
        remedy: "`gatehouse confirm`, in a new session, keeps it; `gatehouse rollback` ends it")
    }
  }

  private var modeOff: Attention? {
    guard serving?.mode == .off else { return nil }
    return Attention(
      .modeOff, "the policy's mode is off: no login is checked",
      remedy: "write `mode: monitor`, or `mode: enforce`, then `gatehouse reload`")
  }

  private var failingDirectory: Attention? {
    identity.failing.map { failing in
      Attention(
        .failingDirectory,
        "users and groups cannot be read since \(failing.since.ago(from: now)): \(failing.problem)",
        remedy: "check that the directory answers: getent group")
    }
  }

  private var unknownOrigins: Attention? {
    originProblem.map { problem in
      Attention(
        .unknownOrigins, "it is not known where all logins come from: \(problem)",
        remedy: "journalctl -u gatehoused has more")
    }
  }

  private var lostLogEntries: Attention? {
    guard lostEntries > 0 else { return nil }
    return Attention(
      .lostEntries,
      "\(counted(lostEntries, "entry", plural: "entries")) of the log were lost, since the journal "
        + "did not take them in time",
      remedy: "systemctl status systemd-journald; it counts from the daemon's start")
  }
}

extension Doors {
  /// What needs attention: that no login asks, or what stands in the way of those that do.
  var attention: [Attention] {
    if isEmpty {
      return [
        Attention(
          .door, "it is not known whether logins ask: there is no PAM configuration to look at",
          remedy: "`gatehouse doors`, as root")
      ]
    }
    let unasked =
      areAsked
      ? []
      : [
        Attention(
          .noLoginAsks,
          "\(lines.isEmpty ? "no login" : "no remote login") asks the daemon, so nobody is checked",
          remedy: "`gatehouse pam enable` makes logins ask")
      ]
    // Without any line, it is the same of each door.
    guard !lines.isEmpty else { return unasked }
    let grave = findings.filter { $0.weight != .note }.map { finding in
      Attention(.door, "\(finding.subject): \(finding.message)", remedy: finding.remedy)
    }
    return unasked + grave.told(.door, "more doors need attention: `gatehouse doors`")
  }

  /// The first word about a machine by whose logins nobody is asked; nil if some ask.
  var headline: StyledText? {
    if isEmpty { return StyledText("unknown", .bad, then: "whether logins ask the daemon") }
    guard !areAsked else { return nil }
    return StyledText(
      lines.isEmpty ? "no login asks" : "no remote login asks", .bad,
      then: "whatever the policy says, nobody is checked")
  }
}
