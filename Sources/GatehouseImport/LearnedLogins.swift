public import GatehousePolicy

/// From which networks each user logged in, and the first policy that this makes.
public struct LearnedLogins {
  /// The prefix lengths of the networks to which addresses are rounded.
  public struct PrefixLengths: Sendable {
    /// 1 to 32.
    public var ipv4: Int
    /// 1 to 128.
    public var ipv6: Int

    /// The lengths for both families.
    public init(ipv4: Int = 24, ipv6: Int = 64) {
      self.ipv4 = ipv4
      self.ipv6 = ipv6
    }
  }

  /// How often somebody logged in, and when last.
  struct Usage {
    var logins = 0
    var last: Instant

    mutating func add(_ other: Usage) {
      logins += other.logins
      last = max(last, other.last)
    }
  }

  private let lengths: PrefixLengths
  /// The users who logged in from each network.
  private(set) var networks: [AddressPrefix: [Name: Usage]] = [:]
  /// How many networks users came from.
  public var networkCount: Int { networks.count }
  /// How many users came from an address.
  public var userCount: Int { Set(networks.values.flatMap(\.keys)).count }
  /// The number of logins that it has learned from.
  public private(set) var logins = 0
  /// The number of logins it could not learn from, because the remote host is not an IP address.
  public private(set) var withoutAddress = 0

  /// Starts without any logins.
  public init(_ lengths: PrefixLengths = PrefixLengths()) { self.lengths = lengths }

  /// Learns from logins that were allowed; local ones are ignored.
  ///
  /// - Parameters:
  ///   - user: Who logged in.
  ///   - origin: Where from.
  ///   - isNetwork: Whether the IPv6 address stands for its whole /64.
  ///   - count: How many logins there were.
  ///   - time: When the last one was.
  public mutating func add(
    _ user: Name, from origin: Origin, isNetwork: Bool = false, count: Int = 1, at time: Instant
  ) {
    guard case .address(let address) = origin else {
      if origin.kind == .unknown { withoutAddress += count }
      return
    }
    let length = address.family == .ipv4 ? lengths.ipv4 : lengths.ipv6
    let prefix = AddressPrefix(of: address, length: isNetwork ? min(64, length) : length)
    networks[prefix, default: [:]][user, default: Usage(last: time)]
      .add(Usage(logins: count, last: time))
    logins += count
  }

  /// Has the policy allow a place that a user certainly comes from, whether or not a login shows it.
  ///
  /// It widens nobody else's list.
  ///
  /// - Parameters:
  ///   - user: The user.
  ///   - address: Where the user comes from.
  ///   - time: When that was so.
  public mutating func include(_ user: Name, from address: IPAddress, at time: Instant) {
    let length = address.family == .ipv4 ? lengths.ipv4 : lengths.ipv6
    let prefix = AddressPrefix(of: address, length: length)
    let users = networks[prefix] ?? [:]
    guard users[user] == nil else { return }
    let isShared = users.count > 1
    let whole = address.family == .ipv4 ? 32 : 128
    networks[isShared ? prefix : AddressPrefix(of: address, length: whole), default: [:]][user] =
      Usage(logins: 0, last: time)
  }

  /// What a first policy has beside the networks.
  public struct Frame: Sendable {
    /// The command that writes it, as its first line names it.
    public var command = "gatehouse learn"
    /// Its mode.
    public var mode = Mode.monitor
    /// The user who gets in whatever the lists say, and the address, prefix or range from which, or
    /// `anywhere`; nil for a comment in its place.
    public var breakGlass: (user: Name, from: String)?
    /// A login that becomes a test of the policy; nil for a comment in its place.
    public var login: (user: Name, address: IPAddress)?

    /// Monitor mode, without break-glass and tests.
    public init() {}
  }

  /// A policy that allows every login it was learned from, with comments that say what to do with it.
  ///
  /// - Parameters:
  ///   - since: The beginning of the record.
  ///   - now: The date that the policy gives as its own.
  ///   - frame: What it has beside the networks.
  /// - Returns: The policy as PolicyYAML.
  public func policy(since: Instant, now: Instant, in frame: Frame = Frame()) -> String {
    LearnedPolicy(self, frame).text(since: since, now: now)
  }
}

/// Writes what was learned as a policy.
///
/// Networks used by several users go to `everyone.from`. A network used by one user goes to that
/// user's list: `only_from` if the user never used one of everyone's networks, else `also_from`.
private struct LearnedPolicy {
  private typealias UsedNetwork = (prefix: AddressPrefix, users: Int, usage: LearnedLogins.Usage)

  private let frame: LearnedLogins.Frame
  private let logins: Int
  private let withoutAddress: Int
  private let sharedNetworks: [UsedNetwork]
  private let ownNetworks: [Name: [UsedNetwork]]
  /// The users who used a shared network.
  private let sharingUsers: Set<Name>

  init(_ learned: LearnedLogins, _ frame: LearnedLogins.Frame) {
    self.frame = frame
    var sharedNetworks: [UsedNetwork] = []
    var ownNetworks: [Name: [UsedNetwork]] = [:]
    var sharingUsers: Set<Name> = []
    let networks = learned.networks.sorted {
      ($0.key.address, $0.key.length) < ($1.key.address, $1.key.length)
    }
    for (prefix, users) in networks {
      if users.count == 1, let (user, usage) = users.first {
        ownNetworks[user, default: []].append((prefix, 1, usage))
      } else if var sum = users.first?.value {
        sum.logins = users.values.reduce(0) { $0 + $1.logins }
        sum.last = users.values.reduce(sum.last) { max($0, $1.last) }
        sharedNetworks.append((prefix, users.count, sum))
        sharingUsers.formUnion(users.keys)
      }
    }
    logins = learned.logins
    withoutAddress = learned.withoutAddress
    self.sharedNetworks = sharedNetworks
    self.ownNetworks = ownNetworks
    self.sharingUsers = sharingUsers
  }

  func text(since: Instant, now: Instant) -> String {
    head(since, now) + everyone() + users() + tail
  }

  private func head(_ since: Instant, _ now: Instant) -> String {
    var lines = [
      "Written by `\(frame.command)` on \(day(now)), from \(counted(logins)) since \(day(since)).",
      "It allows all of these logins. Review it before it enforces:",
      "- Remove the networks that nobody should log in from: a stolen key leaves",
      "  logins, too.",
      "- Name the networks that you know under networks:, and use the names instead.",
      "- After each change, `gatehouse replay --policy THIS` lists the logins that it",
      "  would refuse.",
      "gatehouse-policy(5) describes the format.",
    ]
    if withoutAddress > 0 {
      lines.append(
        "NOT included: \(counted(withoutAddress)) without an IP address; such logins are denied.")
    }
    let mode =
      frame.mode == .enforce
      ? "# Who comes from elsewhere is denied."
      : "# Nobody is denied yet; the log says who would be. Change this to enforce when\n"
        + "# it is right."
    return lines.map(PolicyYAML.comment).joined() + """
      version: 1

      \(mode)
      mode: \(frame.mode.rawValue)

      """
  }

  private func everyone() -> String {
    guard !sharedNetworks.isEmpty else {
      return """

        # No network was used by several users. (Without a list, everyone could come
        # from anywhere.)
        everyone:
          from: [nowhere]

        """
    }
    return "\n# Networks used by several users.\neveryone:\n"
      + list(ListKey.from.rawValue, sharedNetworks, indent: 2)
  }

  private func users() -> String {
    guard !ownNetworks.isEmpty else { return "" }
    var text = """

      # Networks used by one user only. also_from adds them to everyone's list.
      # only_from is for users who never came from everyone's networks: they may come
      # from these and nowhere else.
      users:

      """
    for (user, networks) in ownNetworks.sorted(by: { $0.key < $1.key }) {
      text += "  \(PolicyYAML.scalar(user)):\n"
      if sharingUsers.contains(user) {
        text += list(ListKey.alsoFrom.rawValue, networks, indent: 4)
      } else {
        text += list(ListKey.onlyFrom.rawValue, networks, indent: 4)
      }
    }
    return text
  }

  /// What a first policy should have but the record cannot tell.
  private var tail: String {
    let breakGlass = frame.breakGlass.map { user, from in
      "break_glass: {users: [\(PolicyYAML.scalar(user))], from: [\(PolicyYAML.entry(from))]}"
    }
    let test = frame.login.map { user, address in
      let from = PolicyYAML.entry(address.description)
      return "tests:\n  - {user: \(PolicyYAML.scalar(user)), from: \(from), expect: allow}"
    }
    return """

      # A way in if everything else is denied: a local user, whatever the lists say.
      \(breakGlass ?? "# break_glass: {users: [rescue], from: [anywhere]}")

      # Logins that must stay allowed or denied; a policy that fails its own tests is
      # rejected.
      \(test ?? "# tests:\n#   - {user: YOU, from: YOUR-ADDRESS, expect: allow}")

      """
  }

  private func list(_ key: String, _ networks: [UsedNetwork], indent: Int) -> String {
    let margin = String(repeating: " ", count: indent)
    let items = networks.map { network in
      let users = network.users > 1 ? " by \(network.users) users" : ""
      let entry = PolicyYAML.entry(network.prefix.description)
      let logins = network.usage.logins
      let comment =
        logins == 0
        ? "written in by `\(frame.command)`"
        : "\(counted(logins))\(users), last \(day(network.usage.last))"
      return "\(margin)  - \(entry)  # \(comment)\n"
    }
    return "\(margin)\(key):\n" + items.joined()
  }

  private func counted(_ logins: Int) -> String {
    switch logins {
    case 0: "no logins"
    case 1: "1 login"
    default: "\(logins) logins"
    }
  }

  /// A date such as `2026-11-21`, in UTC.
  private func day(_ time: Instant) -> String { String(time.description.prefix(10)) }
}
