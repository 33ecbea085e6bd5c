public import GatehouseControl
import GatehousePolicy

extension ShadowState: Report {
  /// Yes if a policy is watched and no login was decided differently.
  public var status: ReportStatus {
    !watched.isEmpty && watched.allSatisfy(\.changes.isEmpty) ? .yes : .no
  }

  /// The text for people.
  public func text(coloured: Bool) -> [UInt8] {
    var page = TextPage(coloured: coloured)
    if watched.isEmpty {
      page.line(
        StyledText(
          "NONE", .doubtful,
          then: "there is no candidate; start one with `gatehouse shadow start FILE`"))
    }
    for (index, one) in watched.enumerated() {
      if index > 0 { page.line() }
      one.write(to: &page)
    }
    return page.bytes
  }

  /// Writes everything that is known.
  public func writeMembers(to writer: inout JSONWriter) { writer.member("watched", watched) }
}

extension WatchedPolicy: JSONWritable {
  /// Writes the counts without the details.
  func writeCounts(to writer: inout JSONWriter) {
    writer.object {
      $0.member("sha256", policy.digest)
      $0.member("since", since)
      $0.member("last", last)
      $0.member("judged", changes.judged)
      $0.member("unjudged", changes.unjudged)
      $0.member("differing", changes.differing)
    }
  }

  /// Writes an object of `kind`, `policy`, `since`, and what was decided differently.
  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("kind", kind.rawValue)
      $0.member("policy", policy)
      $0.member("since", since)
      $0.member("last", last)
      changes.write(to: &$0)
    }
  }

  /// Adds a headline, which policy it is, and what was decided differently.
  func write(to page: inout TextPage) {
    page.line(changes.headline(verb: "was"))
    page.line()
    var rows: [[StyledText]] = [
      [kind == .candidate ? "candidate" : "monitoring", policy.text],
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

extension ShadowVerdict: Report {
  /// Yes if it was done.
  public var status: ReportStatus {
    switch outcome {
    case .started, .stopped: .yes
    case .refused, .running, .none, .failed: .no
    }
  }

  /// The text for people.
  public func text(coloured: Bool) -> [UInt8] {
    var page = TextPage(coloured: coloured)
    page.diagnostics(diagnostics, in: "")
    switch outcome {
    case .started(let policy):
      page.line(StyledText("started", .good) + "  " + policy.text)
      page.line(
        "    Each login is also decided by the candidate, which refuses nobody.")
      page.line("    `gatehouse shadow` shows what was decided differently.")
    case .refused:
      page.line(
        StyledText("refused", .bad, then: "the candidate has errors; nothing has changed"))
    case .running(let watched):
      page.line(
        StyledText(
          "refused", .bad, then: Self.running(watched)))
      page.line("    `gatehouse shadow stop` stops it.")
    case .stopped(let watched):
      page.line(StyledText("stopped", .good))
      page.line()
      watched.write(to: &page)
    case .none:
      page.line(StyledText("NONE", .doubtful, then: "there is no candidate"))
    case .failed(let failure):
      page.line(StyledText("failed", .bad, then: failure.problem))
    }
    return page.bytes
  }

  /// Writes everything that is known.
  public func writeMembers(to writer: inout JSONWriter) {
    switch outcome {
    case .started(let policy): writer.member("policy", policy)
    case .running(let watched), .stopped(let watched): writer.member("watched", watched)
    case .refused, .none, .failed: break
    }
    writer.member("diagnostics", diagnostics)
  }

  /// That another candidate runs, or why it could not be done.
  public var failure: ReportFailure? {
    switch outcome {
    case .running(let watched):
      ReportFailure(Self.running(watched), remedy: "`gatehouse shadow stop` stops it")
    case .failed(let failure): ReportFailure(failure.problem)
    case .started, .refused, .stopped, .none: nil
    }
  }

  private static func running(_ watched: WatchedPolicy) -> String {
    "another candidate has been running since \(watched.since.roundedToSeconds)"
  }

  /// `started`, `refused`, `stopped`, `none` or `failed`.
  public var outcomeWord: String {
    switch outcome {
    case .started: "started"
    case .refused, .running: "refused"
    case .stopped: "stopped"
    case .none: "none"
    case .failed: "failed"
    }
  }
}
