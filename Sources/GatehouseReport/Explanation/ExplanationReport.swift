public import GatehouseControl
public import GatehousePolicy

extension ExplainedLogin: Report {
  /// Yes if the login is allowed or not checked; no if it is denied, or would be in enforce mode.
  public var status: ReportStatus {
    explanation.decision.isDenial ? .no : .yes
  }
}

extension ExplainReply: Report {
  /// The status of the explanation; unreachable if there is no policy.
  public var status: ReportStatus {
    switch self {
    case .explained(let login): login.status
    case .noPolicy, .busy: .unreachable
    }
  }

  /// The text for people.
  public func text(coloured: Bool) -> [UInt8] {
    switch self {
    case .explained(let login): return login.text(coloured: coloured)
    case .noPolicy(let folder):
      var page = TextPage(coloured: coloured)
      page.line(StyledText("NO POLICY", .bad) + "  " + StyledText("no_policy", .strong))
      page.line()
      page.rows([
        [StyledText(Self.problem(folder))],
        ["logins are denied, unless pam_gatehouse has the option onerr=succeed"],
        ["`gatehouse check` shows what is wrong"],
      ])
      return page.bytes
    case .busy:
      var page = TextPage(coloured: coloured)
      page.line(StyledText("BUSY", .bad) + "  " + StyledText(Self.busy))
      return page.bytes
    }
  }

  /// Writes everything that is known.
  public func writeMembers(to writer: inout JSONWriter) {
    if case .explained(let login) = self { login.writeMembers(to: &writer) }
  }

  /// That the daemon has no policy, or no time.
  public var failure: ReportFailure? {
    switch self {
    case .explained: nil
    case .noPolicy(let folder):
      ReportFailure(Self.problem(folder), remedy: "`gatehouse check` shows what is wrong")
    case .busy: ReportFailure(Self.busy)
    }
  }

  /// The line with which `gatehouse explain --batch` answers a question.
  public func batchLine() -> [UInt8] {
    var writer = JSONWriter()
    switch self {
    case .explained(let login): writer.batchLine(login.explanation.decision)
    case .noPolicy(let folder): writer.batchLine(error: Self.problem(folder))
    case .busy: writer.batchLine(error: Self.busy)
    }
    return writer.bytes
  }

  private static let busy =
    "too many explanations are waiting in the daemon; try again in a moment"

  private static func problem(_ folder: String) -> String {
    "the daemon has no policy: \(folder) does not load, and no last good policy is kept"
  }
}

extension JSONWriter {
  /// Writes the line with which `gatehouse explain --batch` answers a question.
  public mutating func batchLine(_ decision: Decision) {
    object { $0.members(of: decision) }
    newline()
  }

  /// Writes the line that replaces an answer.
  public mutating func batchLine(error: String) {
    object { $0.member("error", error) }
    newline()
  }

  /// The members that an answer has in every form.
  mutating func members(of decision: Decision) {
    member("decision", decision.verdict.rawValue)
    member("reason", decision.reason.rawValue)
    member("roles", decision.roles)
    member("rule", decision.rule?.fileAndLine)
    member("would_deny", decision.wouldDeny)
  }
}

extension ExplainedLogin {
  /// Everything that is known: the members of a batch's answer first.
  public func writeMembers(to writer: inout JSONWriter) {
    let login = explanation.login
    writer.members(of: explanation.decision)
    writer.member("notices", notices)
    writer.members(ofUser: login, groupsFrom: groupSource)
    writer.member("groups_service", groupService)
    writer.member("read_at", readAt)
    writer.member("origin", origin)
    writer.member("origins", explanation.origins)
    writer.member("service", login.service)
    writer.member("role", login.role)
    writer.member("grant", explanation.decision.grant)
    writer.member("time", login.time)
    writer.member("policy") { writer in
      writer.object {
        $0.member("generation", policy.generation)
        $0.member("sha256", policy.digest)
        $0.member("mode", policy.mode.rawValue)
      }
    }
    writer.member("steps", explanation.steps)
    writer.member("lists", explanation.lists)
    writer.member("remedies", explanation.remedies.map(\.text))
    writer.member("authorize", explanation.code)
  }

  /// The kind of the origin is a member of its own: no text can turn into it.
  func origin(_ writer: inout JSONWriter) {
    writer.object {
      let origin = explanation.login.origin
      $0.member("kind", origin.kind.rawValue)
      switch origin {
      case .address(let address): $0.member("address", address.description)
      case .local: break
      case .machine: if isOwnAddress { $0.member("remote_host", remoteHost) }
      case .unknown: $0.member("remote_host", remoteHost)
      }
    }
  }
}

extension Explanation.Step: JSONWritable {
  /// Writes an object of `number`, `condition`, `outcome` and `detail`.
  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("number", step.rawValue)
      $0.member("condition", step.condition)
      $0.member("outcome", outcome.rawValue)
      $0.member("detail", detail)
    }
  }
}

extension Explanation.AppliedList: JSONWritable {
  /// Writes an object of the list's scope, its location, and its effect.
  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("path", path)
      $0.member("scope", scope.kind.rawValue)
      $0.member("name", scope.name)
      $0.member("service", scope.service)
      $0.member("key", key.rawValue)
      $0.member("rule", location.fileAndLine)
      $0.member("holds_origin", holdsOrigin)
      $0.member("entry", matched)
      $0.member("note", note)
    }
  }
}

extension Explanation.AppliedList.Entry: JSONWritable {
  /// Writes an object of `text`, `rule`, `networks`, `description` and `got`.
  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("text", text)
      $0.member("rule", location.fileAndLine)
      $0.member("networks", networks)
      $0.member("description", comment)
      $0.member("got", got)
    }
  }
}

extension JSONWriter {
  /// Writes who a question was about: `user`, `groups`, `unknown_groups` and `groups_from`.
  mutating func members(ofUser login: Login, groupsFrom source: ExplainedLogin.GroupSource) {
    member("user", login.user)
    member("groups", login.groups?.sorted())
    member("unknown_groups", login.unsureGroups.sorted())
    member("groups_from", source.rawValue)
  }
}
