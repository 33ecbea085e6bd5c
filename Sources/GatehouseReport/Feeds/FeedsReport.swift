public import GatehousePolicy

/// A network that is got from elsewhere, as `gatehouse feeds` shows it.
public struct FeedRow: Sendable {
  /// Its name.
  public var network: Name
  /// Where it is got from.
  public var source: NetworkSource
  /// Where that stands in the policy.
  public var rule: SourceLocation
  /// When what serves was got last; nil if nothing serves yet.
  public var got: Instant?
  /// When its addresses changed last.
  public var changed: Instant?
  /// When it was asked for last; nil if that is not known.
  public var asked: Instant?
  /// When it is to be asked for next; nil if that is not known.
  public var next: Instant?
  /// What it holds.
  public var addresses: AddressSet
  /// Why the last answer could not be used; nil if it could.
  public var problem: String?
  /// What was got and refused; nil if nothing is.
  public var refused: Refusal?

  /// Content that was refused.
  public struct Refusal: Sendable {
    /// Why.
    public var reason: String
    /// When it was refused first.
    public var since: Instant

    /// Content that was refused since a time.
    public init(reason: String, since: Instant) {
      self.reason = reason
      self.since = since
    }
  }

  /// A network of the policy, of which nothing else is known yet.
  public init(_ network: FetchedNetwork) {
    self.network = network.name
    source = network.source
    rule = network.location
    got = network.got
    changed = network.changed
    addresses = network.addresses
  }

  /// When what serves lapses; nil if nothing serves.
  var until: Instant? { got.map(source.lapse(ofContentGot:)) }

  /// The kind of its source, as the policy's key says it.
  var kind: String {
    switch source.origin {
    case .names: "name"
    case .url: "url"
    case .countries: "country"
    case .systems: "asn"
    }
  }

  /// What is wrong, or nothing.
  func state(at now: Instant) -> StyledText {
    if let refused { return StyledText("refused: \(refused.reason)", .bad) }
    guard let until else { return StyledText(problem ?? "nothing was got yet", .bad) }
    if until <= now { return StyledText("lapsed" + (problem.map { ": \($0)" } ?? ""), .bad) }
    return problem.map { StyledText($0, .doubtful) } ?? ""
  }
}

/// The report of `gatehouse feeds`, and of `gatehouse feeds show` for one network.
public struct FeedsReport: Report {
  /// The networks, by name.
  public var rows: [FeedRow]
  /// The time that ages are counted from.
  public var now: Instant
  /// Whether it is about one network alone, which is shown with all its addresses.
  public var isWhole: Bool

  /// A report of networks.
  public init(rows: [FeedRow], now: Instant, isWhole: Bool = false) {
    self.rows = rows
    self.now = now
    self.isWhole = isWhole
  }

  /// Yes if each serves and nothing was refused.
  public var status: ReportStatus {
    let isSound = rows.allSatisfy { row in
      row.refused == nil && row.problem == nil && (row.until.map { $0 > now } ?? false)
    }
    return isSound ? .yes : .no
  }

  /// The text for people.
  public func text(coloured: Bool) -> [UInt8] {
    var page = TextPage(coloured: coloured)
    guard !rows.isEmpty else {
      page.line("no network of the policy is got from elsewhere")
      return page.bytes
    }
    guard isWhole else {
      page.rows(
        [["network", "source", "got", "next", "holds", ""].map { StyledText($0, .faint) }]
          + rows.map { row in
            [
              StyledText("\(row.network)"), StyledText(row.source.shownText),
              StyledText(row.got.map(age) ?? "never"), StyledText(row.next.map(wait) ?? ""),
              StyledText(counted(row.addresses.prefixes.count, "prefix", plural: "prefixes")),
              row.state(at: now),
            ]
          })
      return page.bytes
    }
    for row in rows { whole(row, on: &page) }
    return page.bytes
  }

  private func whole(_ row: FeedRow, on page: inout TextPage) {
    page.line(StyledText("\(row.network)", .strong))
    var fields: [[StyledText]] = [
      [StyledText(row.kind), StyledText(row.source.shownText)],
      ["rule", StyledText(row.rule.fileAndLine)],
      ["got", StyledText(row.got.map { "\($0.roundedToSeconds), \(age($0))" } ?? "never")],
    ]
    if let changed = row.changed {
      fields.append(["changed", StyledText("\(changed.roundedToSeconds)")])
    }
    if let until = row.until {
      fields.append(["serves until", StyledText("\(until.roundedToSeconds)")])
    }
    if let asked = row.asked {
      fields.append(["asked", StyledText("\(asked.roundedToSeconds), \(age(asked))")])
    }
    if let next = row.next { fields.append(["next", StyledText(wait(next))]) }
    if let problem = row.problem { fields.append(["problem", StyledText(problem, .doubtful)]) }
    if let refused = row.refused {
      fields.append([
        "refused",
        StyledText("since \(refused.since.roundedToSeconds): \(refused.reason)", .bad),
      ])
      fields.append([
        "", StyledText("`gatehouse feeds accept \(row.network)` takes it all the same"),
      ])
    }
    page.fields(fields)
    let prefixes = row.addresses.prefixes
    page.heading(counted(prefixes.count, "prefix", plural: "prefixes"))
    for prefix in prefixes { page.line(StyledText("  \(prefix)")) }
  }

  private func age(_ time: Instant) -> String {
    time > now ? "in the future" : "\(durationInWords(now - time)) ago"
  }

  private func wait(_ time: Instant) -> String {
    time <= now ? "due" : "in \(durationInWords(time - now))"
  }

  /// Writes everything that is known.
  public func writeMembers(to writer: inout JSONWriter) {
    guard isWhole, let row = rows.first else { return writer.member("feeds", rows) }
    row.members(&writer)
    writer.member("addresses", row.addresses.prefixes.map(\.description))
  }
}

extension FeedRow: JSONWritable {
  /// Writes an object of the network.
  func write(to writer: inout JSONWriter) {
    writer.object { members(&$0) }
  }

  /// The members of that object.
  fileprivate func members(_ writer: inout JSONWriter) {
    writer.member("network", network)
    writer.member("kind", kind)
    writer.member("source", source.shownText)
    writer.member("rule", rule.fileAndLine)
    writer.member("got", got)
    writer.member("changed", changed)
    writer.member("until", until)
    writer.member("asked", asked)
    writer.member("next", next)
    writer.member("prefix_count", addresses.prefixes.count)
    writer.member("problem", problem)
    writer.member("refused_since", refused?.since)
    writer.member("refused", refused?.reason)
  }
}

extension FeedRow {
  /// What needs attention: an answer that could not be used is none of it until half of its time is
  /// over.
  func attention(at now: Instant) -> Attention? {
    let name = "`\(network)`"
    if let refused {
      return Attention(
        .feed,
        "what was got for \(name) is refused since \(refused.since.roundedToSeconds), and what "
          + "was got before serves on: \(refused.reason)",
        remedy:
          "look at `gatehouse feeds show \(network)`; `gatehouse feeds accept \(network)` takes it")
    }
    let why = problem.map { ": \($0)" } ?? ""
    let remedy = "see `gatehouse feeds show \(network)`, `journalctl -u gatehouse-feeds`"
    guard let got, let until else {
      return Attention(.feed, "\(name) holds nothing yet\(why)", remedy: remedy)
    }
    guard source.isOld(contentGot: got, at: now) else { return nil }
    return Attention(
      .feed,
      until <= now
        ? "\(name) holds nothing since \(until.roundedToSeconds)\(why)"
        : "\(name) was not got since \(got.roundedToSeconds), and lapses at "
          + "\(until.roundedToSeconds)\(why)",
      remedy: remedy)
  }
}
