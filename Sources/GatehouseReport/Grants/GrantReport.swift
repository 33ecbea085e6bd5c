public import GatehousePolicy

/// What came of `gatehouse grant`, `approve` and `revoke`.
public struct GrantReport: Report, Sendable {
  /// What came of it.
  public enum Outcome: Sendable {
    /// The grant counts from now on, and is on the disk.
    case given(Grant)
    /// The grant counts no more.
    case revoked(Grant)
    /// The denial can be turned into a grant, which was not asked for.
    case approvable
    /// Nothing was done: why, and what would be right.
    case refused(String, remedy: String?)
  }

  /// What came of it.
  public var outcome: Outcome
  /// The denial that was asked about, where one was and it is known.
  public var denial: Denial?
  /// The time of this report.
  public var now: Instant

  /// A report of what came of it.
  public init(_ outcome: Outcome, denial: Denial? = nil, now: Instant = .now()) {
    self.outcome = outcome
    self.denial = denial
    self.now = now
  }

  /// No, where nothing was done.
  public var status: ReportStatus {
    if case .refused = outcome { .no } else { .yes }
  }

  /// The finished report in UTF-8, ended by a newline.
  public func render(as format: ReportFormat) -> [UInt8] {
    format.render(text: text, json: json)
  }

  private func text(coloured: Bool) -> [UInt8] {
    var page = TextPage(coloured: coloured)
    switch outcome {
    case .given(let grant):
      page.line(
        StyledText("granted", .good, then: "\(grant.id), until \(grant.until.roundedToSeconds)"))
    case .revoked(let grant):
      page.line(StyledText("revoked", .good, then: grant.id))
    case .approvable:
      page.line(StyledText("denied", .bad, then: "and nobody is let in by looking"))
    case .refused(let problem, _):
      page.line(StyledText("refused", .bad, then: problem))
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
    case .refused(_, let remedy?):
      page.line()
      page.line(StyledText(remedy))
    default: break
    }
    return page.bytes
  }

  private func rows(of grant: Grant) -> [[StyledText]] {
    [
      ["user", StyledText(grant.user.description)],
      ["from", StyledText(grant.address.description)],
      ["service", StyledText(grant.service?.description ?? "every one")],
      ["role", grant.role.map { StyledText($0.description) } ?? "none beside those by the rules"],
      ["by", StyledText(grant.author)],
      ["why", StyledText(grant.why)],
    ]
  }

  private func rows(of denial: Denial) -> [[StyledText]] {
    var rows: [[StyledText]] = [
      ["id", StyledText(denial.id)],
      ["user", StyledText(denial.user.description)],
      ["from", StyledText(denial.address?.description ?? "unknown")],
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
      // sshd tells PAM of the factors before the last one alone.
      rows.append([
        "proved by",
        "not told by sshd; its own log has the key, with LogLevel VERBOSE",
      ])
    }
    return rows
  }

  private func json() -> [UInt8] {
    JSONWriter.line {
      $0.member("outcome", outcome.word)
      $0.member("grant", outcome.grant)
      $0.member("denial", denial)
      if case .refused(let problem, let remedy) = outcome {
        $0.member("problem", problem)
        $0.member("remedy", remedy)
      }
    }
  }
}

extension GrantReport.Outcome {
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
      $0.member("address", address?.description)
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
