public import GatehouseControl
import GatehousePolicy

extension GrantVerdict: Report {
  /// No if the request was refused.
  public var status: ReportStatus {
    if case .refused = outcome { .no } else { .yes }
  }

  /// The text for people.
  public func text(coloured: Bool) -> [UInt8] {
    var page = TextPage(coloured: coloured)
    switch outcome {
    case .given(let grant):
      page.line(
        StyledText("granted", .good, then: "\(grant.id), until \(grant.until.roundedToSeconds)"))
    case .revoked(let grant):
      page.line(StyledText("revoked", .good, then: grant.id))
    case .approvable:
      page.line(StyledText("denied", .bad, then: "(nothing was changed)"))
    case .refused(let refusal):
      page.line(StyledText("refused", .bad, then: refusal.problem))
    }
    if let grant = outcome.grant {
      page.line()
      page.fields(rows(of: grant))
    }
    if let denial {
      page.heading("What was denied")
      page.fields(rows(of: denial))
    }
    switch outcome {
    case .approvable:
      page.line()
      page.line(StyledText("To let this in:  gatehouse approve \(denial?.id ?? "") --for 1h"))
    case .refused(let refusal):
      if let remedy = refusal.remedy {
        page.line()
        page.line(StyledText(remedy))
      }
    case .given, .revoked: break
    }
    return page.bytes
  }

  private func rows(of grant: Grant) -> [[StyledText]] {
    [
      ["user", StyledText(grant.user.description)],
      ["from", StyledText(grant.place.description)],
      ["service", StyledText(grant.service?.description ?? "any")],
      ["role", grant.role.map { StyledText($0.description) } ?? "as the policy says"],
      ["by", StyledText(grant.author)],
      ["why", StyledText(grant.why)],
    ]
  }

  private func rows(of denial: Denial) -> [[StyledText]] {
    var rows: [[StyledText]] = [
      ["id", StyledText(denial.id)],
      ["user", StyledText(denial.user.description)],
      ["from", StyledText(denial.origin?.description ?? "unknown")],
      ["service", StyledText(denial.service.description)],
    ]
    if let role = denial.role { rows.append(["role", StyledText(role.description)]) }
    rows.append(["reason", StyledText(denial.reason.rawValue)])
    rows.append(["time", StyledText(denial.time.ago(from: now))])
    let methods = denial.methods.map { StyledText($0.text) }
    if let first = methods.first {
      rows.append(["proved by", first])
      rows += methods.dropFirst().map { ["", $0] }
    } else if denial.service == "sshd" {
      // sshd tells PAM only the methods before the last one.
      rows.append([
        "proved by",
        "sshd did not say; with LogLevel VERBOSE, its log has the key",
      ])
    }
    return rows
  }

  /// The grant that was given or ended; nil if there is none.
  var grant: Grant? { outcome.grant }

  /// Why it was refused.
  public var failure: ReportFailure? {
    guard case .refused(let refusal) = outcome else { return nil }
    return ReportFailure(refusal.problem, remedy: refusal.remedy)
  }

  /// `granted`, `revoked` and their like.
  public var outcomeWord: String { outcome.word }

  /// Writes everything that is known.
  public func writeMembers(to writer: inout JSONWriter) {
    writer.member("grant", grant)
    writer.member("denial", denial)
  }
}

extension GrantVerdict.Outcome {
  fileprivate var grant: Grant? {
    switch self {
    case .given(let grant), .revoked(let grant): grant
    case .approvable, .refused: nil
    }
  }

  fileprivate var word: String {
    switch self {
    case .given: "granted"
    case .revoked: "revoked"
    case .approvable: "approvable"
    case .refused: "refused"
    }
  }
}

extension GrantRefusal {
  /// What is wrong, as a clause.
  var problem: String {
    func by(_ rule: SourceLocation?) -> String { rule.map { " (\($0.fileAndLine))" } ?? "" }
    func name(_ role: Name?) -> String { role?.description ?? "" }
    return switch self {
    case .notAnAddress(let text): "`\(text)` is neither an IP address, a network nor `self`"
    case .unknownDenial(let id, _): "no denial \(id) is remembered"
    case .originNotAnAddress:
      "the login did not come from an address, and a grant is for an address or `self`"
    case .unknownGrant(let id): "there is no grant \(id)"
    case .endNotKept(let id, let cause):
      "\(id) is over, but that could not be saved: \(cause)"
    case .noPolicy: "there is no policy"
    case .unknownUser(let user): "there is no user \(user)"
    case .tooLong(let longest): "a grant lasts at most \(durationText(longest))"
    case .tooWide(let place, let widest):
      "\(place) is too wide: a grant is for a /\(widest) at most"
    case .tooMany(let limit): "there are \(limit) grants already, and the policy allows no more"
    case .blocked(let place, let rule):
      "\(place) is in block\(by(rule)), and a grant does not allow what the policy blocks"
    case .notMember(let user, let role):
      "\(user) is not a member of the role \(name(role)), and a grant does not change that"
    case .membershipUnknown(let user, let role):
      "whether \(user) is a member of the role \(name(role)) cannot be found out now"
    case .ineffective(let reason, let rule):
      "it would let nobody in: \(reason.rawValue)\(by(rule))"
    case .notKept(let cause): "it cannot be saved: \(cause)"
    }
  }

  /// What to do about it; nil if there is no advice.
  var remedy: String? {
    switch self {
    case .notAnAddress, .originNotAnAddress, .endNotKept, .blocked, .ineffective, .notKept: nil
    case .unknownDenial(_, let remembered):
      "Denials are remembered for a day, the last \(remembered) of each user. "
        + "Without one: `gatehouse grant USER --from ADDRESS`"
    case .unknownGrant: "`gatehouse grants` lists them"
    case .noPolicy: "`gatehouse status` says why"
    case .unknownUser: "`getent passwd` lists the users"
    case .tooLong: "raise grants.longest in the policy to allow more"
    case .tooWide(.network(let network), _) where network.address.family == .ipv4:
      "lower grants.widest.ipv4 in the policy to allow more"
    case .tooWide: "lower grants.widest.ipv6 in the policy to allow more"
    case .tooMany: "end one with `gatehouse revoke`, or raise grants.most in the policy"
    case .notMember: "the policy names the members of each role"
    case .membershipUnknown: "check that the directory answers (getent group)"
    }
  }
}

extension Denial {
  fileprivate var methods: [ProvenMethod] { authentication.map { ProvenMethod.all(in: $0) } ?? [] }
}

extension Denial: JSONWritable {
  /// Writes an object.
  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("id", id)
      $0.member("time", time)
      $0.member("user", user)
      $0.member("service", service)
      $0.member("origin", origin)
      $0.member("role", role)
      $0.member("reason", reason.rawValue)
      $0.member("proved_by", methods)
    }
  }
}

extension ProvenMethod: JSONWritable {
  /// Writes an object.
  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("method", method)
      $0.member("key_type", keyType)
      $0.member("fingerprint", fingerprint)
    }
  }
}
