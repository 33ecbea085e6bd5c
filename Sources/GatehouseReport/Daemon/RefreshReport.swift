public import GatehouseControl
import GatehousePolicy

extension RefreshReply: Report {
  /// Yes if what the directory says now was read.
  public var status: ReportStatus {
    switch self {
    case .user(let user): user.isRead ? .yes : .no
    case .all: .yes
    case .noPolicy: .unreachable
    }
  }

  /// The text for people.
  public func text(coloured: Bool) -> [UInt8] {
    var page = TextPage(coloured: coloured)
    switch self {
    case .user(let user): user.lines(on: &page)
    case .all(let users):
      page.line(
        StyledText(
          "done", .good, then: "\(counted(users, "user")) will be read anew at the next login"))
    case .noPolicy(let folder):
      page.line(StyledText("refused", .bad, then: Self.problem(folder)))
    }
    return page.bytes
  }

  private static func problem(_ folder: String) -> String {
    "the daemon has no policy in \(folder)"
  }

  /// That there is no policy.
  public var failure: ReportFailure? {
    guard case .noPolicy(let folder) = self else { return nil }
    return ReportFailure(Self.problem(folder), remedy: "`gatehouse check` shows what is wrong")
  }

  /// Writes everything that is known.
  public func writeMembers(to writer: inout JSONWriter) {
    switch self {
    case .user(let user):
      writer.member("user", user.name)
      writer.member("uid", user.number.map(Int.init))
      writer.member("groups", user.groups)
      writer.member("unknown_groups", user.unknownGroups)
      writer.member("problem", user.problem)
    case .all(let users):
      writer.member("users", users)
    case .noPolicy: break
    }
  }

  /// `read`, `unknown`, `stale` or `no_policy`.
  public var outcomeWord: String {
    switch self {
    case .user(let user): user.isRead ? "read" : "unknown"
    case .all: "stale"
    case .noPolicy: "no_policy"
    }
  }
}

extension RefreshedUser {
  fileprivate func lines(on page: inout TextPage) {
    if isAbsent {
      page.line(StyledText("absent", .doubtful, then: "there is no user \(name) on this machine"))
    } else if number == nil {
      page.line(StyledText("unknown", .bad, then: "the directory did not say who \(name) is"))
    } else {
      let known = StyledText(isRead ? "read" : "unknown", isRead ? .good : .bad, then: "\(name)")
      page.line(known)
      page.rows([["  groups", groups.text]])
      if !unknownGroups.isEmpty {
        page.rows([["  unknown", unknownGroups.text]])
      }
    }
    if let problem { page.line(StyledText("  \(problem)")) }
    if !isRead {
      page.line(
        StyledText(
          "  what was known before is used, for as long as identity.max_age allows", .faint))
    }
  }
}
