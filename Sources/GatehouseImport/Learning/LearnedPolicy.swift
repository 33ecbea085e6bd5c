import GatehousePolicy

/// Writes what was learned as a policy.
///
/// A network from which several users came is everyone's; one that is a user's alone is that user's.
/// A user who never came from one of everyone's is confined to their own.
struct LearnedPolicy {
  private typealias Network = (prefix: AddressPrefix, users: Int, count: LearnedLogins.Count)

  private let logins: Int
  private let withoutAddress: Int
  private let everyones: [Network]
  private let own: [Name: [Network]]
  /// The users who came from a network of everyone's.
  private let sharing: Set<Name>

  init(_ learned: LearnedLogins) {
    var everyones: [Network] = []
    var own: [Name: [Network]] = [:]
    var sharing: Set<Name> = []
    let networks = learned.networks.sorted {
      ($0.key.address, $0.key.length) < ($1.key.address, $1.key.length)
    }
    for (prefix, users) in networks {
      if users.count == 1, let (user, count) = users.first {
        own[user, default: []].append((prefix, 1, count))
      } else if var sum = users.first?.value {
        sum.logins = users.values.reduce(0) { $0 + $1.logins }
        sum.last = users.values.reduce(sum.last) { max($0, $1.last) }
        everyones.append((prefix, users.count, sum))
        sharing.formUnion(users.keys)
      }
    }
    logins = learned.logins
    withoutAddress = learned.withoutAddress
    self.everyones = everyones
    self.own = own
    self.sharing = sharing
  }

  func text(since: Instant, now: Instant) -> String {
    head(since, now) + everyone() + users() + tail
  }

  private func head(_ since: Instant, _ now: Instant) -> String {
    var lines = [
      "Written by `gatehouse learn` on \(day(now)), from \(counted(logins)) since \(day(since)).",
      "It allows every one of them, and nobody has looked at it yet:",
      "- Take out what nobody should come from: a stolen key came from somewhere, too.",
      "- Give the networks that you know their names (networks:), and use those instead.",
      "- `gatehouse replay --policy THIS` says what it would have refused, after each change.",
      "gatehouse-policy(5) describes the language.",
    ]
    if withoutAddress > 0 {
      lines.append(
        "NOT in it: \(counted(withoutAddress)) from a host that is no address; such are refused.")
    }
    return lines.map(YAML.comment).joined() + """
      version: 1

      # Everybody gets in, and the log says who would not have; then: enforce
      mode: monitor

      """
  }

  private func everyone() -> String {
    guard !everyones.isEmpty else {
      return """

        # No network was used by more than one user. (Without a list: from anywhere.)
        everyone:
          from: [nowhere]

        """
    }
    return "\n# From here came more than one user.\neveryone:\n"
      + list("from", everyones, indent: 2)
  }

  private func users() -> String {
    guard !own.isEmpty else { return "" }
    var text = """

      # From here came one user alone. also_from adds to everyone's list; only_from is for who never
      # came from there: from these, and from nowhere else.
      users:

      """
    for (user, networks) in own.sorted(by: { $0.key < $1.key }) {
      text += "  \(YAML.scalar(user)):\n"
      if sharing.contains(user) {
        text += list("also_from", networks, indent: 4)
      } else {
        text += list("only_from", networks, indent: 4)
      }
    }
    return text
  }

  /// What a first policy should have, and no record can tell.
  private let tail = """

    # The way in when all else is shut: a local user, whatever the lists say.
    # break_glass: {users: [rescue], from: [anywhere]}

    # What has to stay true; a policy that fails its own tests is not taken.
    # tests:
    #   - {user: YOU, from: YOUR-ADDRESS, expect: allow}

    """

  private func list(_ key: String, _ networks: [Network], indent: Int) -> String {
    let margin = String(repeating: " ", count: indent)
    let items = networks.map { network in
      let users = network.users > 1 ? " of \(network.users) users" : ""
      let entry = YAML.entry(network.prefix.description)
      let logins = counted(network.count.logins)
      return "\(margin)  - \(entry)  # \(logins)\(users), last \(day(network.count.last))\n"
    }
    return "\(margin)\(key):\n" + items.joined()
  }

  private func counted(_ logins: Int) -> String {
    logins == 1 ? "1 login" : "\(logins) logins"
  }

  /// `2026-11-21`, in UTC.
  private func day(_ time: Instant) -> String { String(time.description.prefix(10)) }
}
