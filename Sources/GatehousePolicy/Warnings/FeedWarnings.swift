// Warnings about networks that are got from elsewhere.

extension WarningFinder {
  /// `nothing_got_yet`: a network of which nothing is there.
  func emptyFeeds() -> [Diagnostic] {
    fetched.filter { $0.fetched.got == nil }.map { name, fetched, location in
      warning(
        .nothingGotYet, location,
        "`\(name)` holds nothing yet: nothing was got from \(shown(fetched.source))",
        remedy: "`gatehouse feeds refresh \(name)`, then `gatehouse feeds show \(name)`")
    }
  }

  /// `content_is_old`: a network whose content is past the half of its time.
  func oldFeeds() -> [Diagnostic] {
    fetched.compactMap { name, fetched, location in
      let source = fetched.source
      guard let got = fetched.got, source.isOld(contentGot: got, at: now) else { return nil }
      let end = source.lapse(ofContentGot: got)
      let lapse =
        now < end
        ? "it holds nothing from \(end) on"
        : "it holds nothing since \(end), but in block and except"
      return warning(
        .contentIsOld, location,
        "`\(name)` was got from \(shown(source)) at \(got), and not since; \(lapse)",
        remedy: "`gatehouse feeds show \(name)` says why")
    }
  }

  /// `feed_in_everyone` and `feed_in_break_glass`: who answers for a name or an address of the web says
  /// who may come in.
  func trustedFeeds() -> [Diagnostic] {
    let everyone = rules.everyone.lists.map { ($0, WarningName.feedInEveryone) }
    let breakGlass = (rules.breakGlass?.lists).map { lists in
      lists.map { ($0, WarningName.feedInBreakGlass) }
    }
    return (everyone + (breakGlass ?? [])).flatMap { list, warningName in
      list.entries.compactMap { entry in
        guard entry.isActive, case .network(let name) = entry.content,
          let (inner, source) = remoteSource(of: name)
        else { return nil }
        let way = inner == name ? "" : " (through `\(inner)`)"
        return warning(
          warningName, entry.location,
          "`\(name)`\(way) in \(list.path): whoever controls \(shown(source)) says from where "
            + "\(list.effect == .breakGlass ? "break_glass users" : "everybody") may come",
          remedy: "list the network for the users, groups or roles that need it")
      }
    }
  }

  /// `anybody_can_rent`: a network of a provider at which everybody can have an address, where it lets
  /// somebody in or spares a second factor.
  func rentableFeeds() -> [Diagnostic] {
    let used = rules.lists.filter {
      $0.effect.admits || $0.effect == .breakGlass || $0.effect == .sparesFactor
    }
    .flatMap(\.entries)
    var named = Set<Name>()
    var pending = used.compactMap(\.networkName)
    while let name = pending.popLast() {
      guard named.insert(name).inserted else { continue }
      pending += rules.networks[name]?.entries.compactMap(\.networkName) ?? []
    }
    return fetched.compactMap { name, fetched, location in
      guard named.contains(name), let provider = fetched.source.provider else { return nil }
      return warning(
        .anybodyCanRent, location,
        "`\(name)`: anybody can have an address of \(provider), so it keeps few attackers out",
        remedy: "use it beside something else, such as keys alone for the users it serves")
    }
  }

  /// Every network that has a source, sorted by its place.
  private var fetched: [(name: Name, fetched: Fetched, location: SourceLocation)] {
    rules.networks.compactMap { name, network in
      guard let entry = network.fetchedEntry, let fetched = entry.fetched else { return nil }
      return (name, fetched, entry.location)
    }.sorted { $0.location < $1.location }
  }

  /// The first network among one and those that it names that is got by a name or from the web.
  private func remoteSource(of first: Name) -> (Name, NetworkSource)? {
    var seen: Set<Name> = []
    var pending = [first]
    while !pending.isEmpty {
      let name = pending.removeFirst()
      guard seen.insert(name).inserted, let network = rules.networks[name] else { continue }
      if let source = network.fetchedEntry?.fetched?.source, source.isRemote {
        return (name, source)
      }
      pending += network.entries.compactMap(\.networkName)
    }
    return nil
  }

  private func shown(_ source: NetworkSource) -> String { displayText(of: source.shownText) }
}

extension ListEntry {
  /// The network that it stands for; nil if it is none.
  fileprivate var networkName: Name? {
    if isActive, case .network(let name) = content { name } else { nil }
  }
}

extension NetworkSource {
  /// Whether somebody else than root of this machine says what it holds.
  fileprivate var isRemote: Bool {
    switch origin {
    case .names, .url: true
    case .countries, .systems: false
    }
  }

  /// Who lets addresses of it to everybody, if it is known.
  fileprivate var provider: String? {
    switch origin {
    case .names, .countries: nil
    case .url(let download):
      Self.providersOfLists.first { download.url.hasPrefix("https://\($0.key)") }?.value
    case .systems(let systems, _): systems.lazy.compactMap { Self.providersOfSystems[$0] }.first
    }
  }

  /// By the beginning of the addresses where they publish their lists.
  private static let providersOfLists = [
    "ip-ranges.amazonaws.com/": "AWS",
    "api.github.com/meta": "GitHub's runners",
    "www.gstatic.com/ipranges/": "Google Cloud",
    "download.microsoft.com/": "Azure",
    "docs.oracle.com/": "Oracle Cloud",
    "digitalocean.com/geo/": "DigitalOcean",
    "geoip.linode.com/": "Linode",
    "geofeed.constant.com/": "Vultr",
  ]

  /// By the numbers of their autonomous systems, as the registries have them.
  private static let providersOfSystems: [UInt32: String] = [
    14618: "AWS", 16509: "AWS", 8075: "Azure", 396_982: "Google Cloud", 31898: "Oracle Cloud",
    14061: "DigitalOcean", 63949: "Linode", 20473: "Vultr", 24940: "Hetzner", 16276: "OVH",
    12876: "Scaleway", 51167: "Contabo", 45102: "Alibaba Cloud", 132_203: "Tencent Cloud",
  ]
}
