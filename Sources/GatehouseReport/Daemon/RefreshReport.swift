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
      page.line(StyledText("refused", .bad, then: "the daemon has no policy in \(folder)"))
    }
    return page.bytes
  }

  /// One JSON document.
  public func json() -> [UInt8] {
    JSONWriter.line {
      switch self {
      case .user(let user):
        $0.member("outcome", user.isRead ? "read" : "unknown")
        $0.member("user", user.name)
        $0.member("uid", user.number.map(Int.init))
        $0.member("groups", user.groups)
        $0.member("unknown_groups", user.unknownGroups)
        $0.member("problem", user.problem)
      case .all(let users):
        $0.member("outcome", "stale")
        $0.member("users", users)
      case .noPolicy: $0.member("outcome", "no_policy")
      }
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
