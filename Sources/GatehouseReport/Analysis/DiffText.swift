import GatehousePolicy

extension DiffReport {
  /// The text for people: subjects with the same differences are listed together.
  public func text(coloured: Bool) -> [UInt8] {
    var page = TextPage(coloured: coloured)
    page.line(headline)
    page.line()
    page.rows([
      ["old", StyledText(old.path), old.source.text],
      ["new", StyledText(new.path), new.source.text],
      ["from", StyledText(time.roundedToSeconds.description)],
    ])
    blocks(on: &page)
    return page.bytes
  }

  /// Adds the differences, each under a heading that names its subjects.
  func blocks(on page: inout TextPage) {
    for block in blocks {
      page.heading(block.title)
      page.rows(DiffRow.rows(of: block.part.differences).map(\.cells))
    }
  }

  private var headline: StyledText {
    let all = counted(results.count, "user or scope", plural: "users and scopes")
    guard status == .no else {
      return StyledText("SAME", .good, then: "no decision differs, for \(all)")
    }
    return StyledText("DIFFERENT", .doubtful, then: "for \(differing.count) of \(all)")
  }

  private struct Block {
    let part: SubjectDifference.Part
    var subjects: [String]

    /// How many subjects are named.
    private static let mostSubjects = 20

    var title: String {
      let left = subjects.count - Self.mostSubjects
      let more = left > 0 ? " and \(left) more (--json has all)" : ""
      return subjects.prefix(Self.mostSubjects).joined(separator: ", ") + more
        + part.services.remark
    }
  }

  private var blocks: [Block] {
    var blocks: [Block] = []
    var numbers: [SubjectDifference.Part: Int] = [:]
    for result in differing {
      for part in result.difference.parts {
        if let number = numbers[part] {
          blocks[number].subjects.append(result.title)
        } else {
          numbers[part] = blocks.count
          blocks.append(Block(part: part, subjects: [result.title]))
        }
      }
    }
    return blocks
  }
}

extension DiffReport.SubjectResult {
  /// How many of a scope's users are named.
  private static let mostUsers = 3

  /// The subject's name.
  fileprivate var title: String {
    switch difference.subject {
    case .user(let name, _):
      return name.description
    case .members(let groups):
      if groups.isEmpty { return "everyone else" }
      let together = groups.count > 1 ? " together" : ""
      let shown = Array(users.prefix(Self.mostUsers)).joined
      let more = users.count > Self.mostUsers ? " and \(users.count - Self.mostUsers) more" : ""
      return "members of " + groups.sorted().map(\.description).joined(separator: " and ")
        + together + (users.isEmpty ? "" : " (\(shown)\(more))")
    }
  }
}

extension ServiceScope {
  /// The services, unless it is all of them.
  fileprivate var remark: String {
    guard includesOthers else {
      return "  (\(named.count == 1 ? "service" : "services") \(named.joined))"
    }
    return excluded.isEmpty ? "" : "  (every service except \(excluded.joined))"
  }
}
