public import GatehousePolicy

/// What came out differently by a policy that decides nothing yet, as `gatehouse shadow` prints it.
public struct ShadowReport: Report, Sendable {
  /// A policy whose decisions are watched.
  public struct Watched: Sendable {
    /// Why it decides nothing yet.
    public enum Kind: String, Sendable {
      /// It was given by `gatehouse shadow start`.
      case candidate
      /// It serves, in monitor mode.
      case monitor
    }

    /// Why it decides nothing yet.
    public var kind: Kind
    /// Which policy it is.
    public var source: ExplanationReport.Source
    /// Since when logins are counted.
    public var since: Instant
    /// What came out differently.
    public var changes: LoginChanges

    /// A watched policy.
    public init(
      kind: Kind, source: ExplanationReport.Source, since: Instant, changes: LoginChanges
    ) {
      self.kind = kind
      self.source = source
      self.since = since
      self.changes = changes
    }

    /// When the last login came out differently; nil where none did.
    var last: Instant? { changes.last }

    /// The counts without the places.
    func writeCounts(to writer: inout JSONWriter) {
      writer.object {
        $0.member("sha256", source.digest)
        $0.member("since", since)
        $0.member("last", last)
        $0.member("judged", changes.judged)
        $0.member("not_judged", changes.unjudged)
        $0.member("differing", changes.differing)
      }
    }
  }

  /// What is watched: a candidate, and the serving policy where it only monitors.
  public var watched: [Watched]

  /// A report of what is watched.
  public init(watched: [Watched]) { self.watched = watched }

  /// Yes, where a policy is watched and no login came out differently.
  public var status: ReportStatus {
    !watched.isEmpty && watched.allSatisfy(\.changes.isEmpty) ? .yes : .no
  }

  /// The finished report in UTF-8, ended by a newline.
  public func render(as format: ReportFormat) -> [UInt8] {
    format.render(text: text, json: json)
  }

  private func text(coloured: Bool) -> [UInt8] {
    var page = TextPage(coloured: coloured)
    if watched.isEmpty {
      page.line(
        StyledText(
          "NONE", .doubtful,
          then: "no candidate is decided beside the policy; gatehouse shadow start FILE"))
    }
    for (index, one) in watched.enumerated() {
      if index > 0 { page.line() }
      one.write(to: &page)
    }
    return page.bytes
  }

  private func json() -> [UInt8] {
    JSONWriter.line { $0.member("watched", watched) }
  }
}

extension ShadowReport.Watched: JSONWritable {
  /// Writes an object of `kind`, `policy`, `since`, and what came out differently.
  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("kind", kind.rawValue)
      $0.member("policy", source)
      $0.member("since", since)
      $0.member("last", last)
      changes.write(to: &$0)
    }
  }

  /// Adds its headline, which policy it is, and its places.
  func write(to page: inout TextPage) {
    page.line(changes.headline(comes: "came"))
    page.line()
    var rows: [[StyledText]] = [
      [kind == .candidate ? "candidate" : "monitoring", source.text],
      ["since", StyledText(since.roundedToSeconds.description)],
    ]
    if let last { rows.append(["last", StyledText(last.roundedToSeconds.description)]) }
    if changes.unjudged > 0 {
      let problem = "\(changes.unjudged): the groups of their users could not be read"
      rows.append(["not judged", StyledText(problem, .doubtful)])
    }
    page.fields(rows)
    changes.write(to: &page)
  }
}
