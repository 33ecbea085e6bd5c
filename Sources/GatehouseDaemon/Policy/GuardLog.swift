import GatehouseControl
import GatehouseJournal
import GatehousePolicy
import GatehouseState

// What the guard found, for the log.

extension Log {
  /// The most losses that are logged one by one.
  private static let lossLimit = 20

  /// Who would be shut out by a policy, and who could not be judged.
  func post(_ verdict: GuardVerdict, of place: String) {
    let obstacles = sentences(of: verdict.losses.filter(\.isObstacle))
    for sentence in obstacles.prefix(Self.lossLimit) {
      post(.error, .policyFinding, "the policy in \(place) is refused: \(sentence)")
    }
    if obstacles.count > Self.lossLimit {
      post(.error, .policyFinding, "\(obstacles.count - Self.lossLimit) more losses like these")
    }
    for person in verdict.unjudged.filter(\.matters).prefix(Self.lossLimit) {
      post(.warning, .policyFinding, "by the policy in \(place), \(person.sentence)")
    }
  }

  /// What is lost, each once: several sessions of one user from one address lose the same.
  private func sentences(of losses: [Lockout]) -> [String] {
    var said: Set<String> = []
    return losses.map(\.sentence).filter { said.insert($0).inserted }
  }

  /// How a policy came to be accepted, if that was not by the guard's word alone.
  func post(_ admitted: AdmittedPolicy, in folder: String, as generation: Generation) {
    let acceptance = admitted.entry.acceptance
    let which = "generation \(generation.shortLabel)"
    if let verdict = admitted.verdict, acceptance.means == .overridden {
      let author = acceptance.author ?? "root"
      post(.warning, .policyOverride, "\(which) was accepted with --allow-lockout, by \(author)")
      let allowed = sentences(of: verdict.losses.filter { $0.excuse == .allowed })
      for sentence in allowed.prefix(Self.lossLimit) {
        post(.warning, .policyOverride, "allowed: \(sentence)")
      }
    }
    if admitted.verdict != nil, acceptance.means == .nobodyCame {
      post(
        .warning, .policyOverride,
        "\(which) was not judged: nobody has come to this machine yet whom it could shut out")
    }
    if let problem = admitted.problem {
      post(
        .error, .stateNotKept,
        "the policy could not be kept for the next start (\(problem)); it serves, but a restart "
          + "would judge it again, or serve the one before")
    }
  }
}

extension Lockout {
  /// What is lost, as a clause.
  fileprivate var sentence: String {
    let who = names.map(\.description).joined(separator: ", ")
    let start = at.map { " from \($0) on" } ?? ""
    let place = origin.map { " from \($0)" } ?? ""
    var sentence =
      switch kind {
      case .login: "\(who) could not log in again\(place)\(start)"
      case .role:
        "\(who) could not use the role \(role.map(\.description) ?? "") any more\(place)\(start)"
      case .lastPlace: "\(who) would have no place left to log in from, last\(place)\(start)"
      case .breakGlass: "break-glass would be lost for \(who)\(start)"
      case .console: "\(who) could not log in at the console any more\(start)"
      }
    if let decision {
      sentence += " (\(decision.reason.rawValue)\(decision.rule.map { ", \($0)" } ?? ""))"
    }
    return sentence
  }
}

extension UnjudgedPerson {
  /// Who could not be judged and why, as a clause.
  fileprivate var sentence: String {
    let who = user.map(\.description) ?? session.map { "session \($0)" } ?? "nobody"
    let cause =
      switch why {
      case .directory: "the directory does not answer"
      case .session: "the session does not tell where it came from"
      case .scene: "sessions, PAM files or the login record cannot be read"
      }
    return "\(who) could not be judged: \(cause)" + (problem.map { " (\($0))" } ?? "")
  }
}
