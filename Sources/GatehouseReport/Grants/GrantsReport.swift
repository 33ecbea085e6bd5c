public import GatehouseControl
import GatehousePolicy

extension GrantList: Report {
  /// Always yes.
  public var status: ReportStatus { .yes }

  /// The grants, beginning with the one that ends first.
  private var sorted: [Grant] { grants.sorted().reversed() }

  /// The text for people.
  public func text(coloured: Bool) -> [UInt8] {
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

  /// One JSON document.
  public func json() -> [UInt8] {
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
