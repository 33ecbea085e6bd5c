public import GatehousePolicy

/// What `gatehouse grants` says: every grant that counts now.
public struct GrantsReport: Report, Sendable {
  /// The grants, in any order.
  public var grants: [Grant]
  /// The time of this report.
  public var now: Instant

  /// A report of the grants that there are.
  public init(grants: [Grant], now: Instant = .now()) {
    self.grants = grants
    self.now = now
  }

  /// Yes, also where there is none.
  public var status: ReportStatus { .yes }

  /// The finished report in UTF-8, ended by a newline.
  public func render(as format: ReportFormat) -> [UInt8] {
    format.render(text: text, json: json)
  }

  /// The one that ends first, first.
  private var sorted: [Grant] { grants.sorted().reversed() }

  private func text(coloured: Bool) -> [UInt8] {
    var page = TextPage(coloured: coloured)
    page.line(StyledText(grants.isEmpty ? "no grants" : counted(grants.count, "grant"), .strong))
    guard !grants.isEmpty else { return page.bytes }
    page.line()
    page.rows(
      sorted.map { grant in
        [
          StyledText(grant.id, .strong),
          StyledText(grant.user.description),
          StyledText("from \(grant.address)"),
          StyledText(grant.service.map { "for \($0)" } ?? ""),
          StyledText(grant.role.map { "role \($0)" } ?? ""),
          StyledText("until \(grant.until.roundedToSeconds)"),
          StyledText("by \(grant.author): \(grant.why)", .faint),
        ]
      })
    return page.bytes
  }

  private func json() -> [UInt8] {
    JSONWriter.line {
      $0.member("now", now)
      $0.member("grants", sorted)
    }
  }
}

extension Grant: JSONWritable {
  /// Writes an object.
  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("id", id)
      $0.member("user", user)
      $0.member("address", address.description)
      $0.member("service", service)
      $0.member("role", role)
      $0.member("since", since)
      $0.member("until", until)
      $0.member("author", author)
      $0.member("why", why)
    }
  }
}
