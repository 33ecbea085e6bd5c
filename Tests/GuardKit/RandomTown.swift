import GatehouseGuard
package import GatehousePolicy
import TestKit

/// A machine of 200 users who have come from somewhere, and random policies for it.
package struct RandomTown {
  /// Somebody, as the test knows them.
  package struct Inhabitant {
    package let name: Name
    package let id: UInt32
    package let groups: Set<Name>
    /// From where they came, by what, and how many days ago.
    package var places: [(origin: String, service: Name, daysAgo: Int)] = []
  }

  package private(set) var people: [Inhabitant] = []
  /// The same as the guard sees it.
  package private(set) var village: Village
  private var random: SeededRandom
  /// Every time that a policy of this town has named.
  package private(set) var times: Set<Instant> = []

  /// The first three numbers of the two IPv4 networks from which people come.
  package let networks: [String]
  /// The time at which the town is looked at.
  private let now: Instant
  private let addresses: [String]
  private let ranges: [String]

  /// A town.
  ///
  /// - Parameters:
  ///   - seed: The same one gives the same town.
  ///   - now: The time at which it is looked at.
  ///   - networks: The first three numbers of two IPv4 networks.
  package init(
    seed: UInt64, now: Instant = present, networks: [String] = ["192.0.2", "198.51.100"]
  ) {
    random = SeededRandom(seed: seed)
    village = Village(now: now)
    self.now = now
    self.networks = networks
    addresses =
      networks.flatMap { network in (1...6).map { "\(network).\($0)" } }
      + (1...3).map { "2001:db8::\($0)" }
    ranges = [
      "\(networks[0]).0/24", "\(networks[0]).0/30", "\(networks[1]).0/24", "\"2001:db8::/64\"",
      "self", "anywhere", "nowhere", "desks", "vpn",
    ]
    let groups: [Name] = ["staff", "field", "contractors"]
    for number in 0..<200 {
      let isRoot = number == 0
      let repairs: [Name] = number < 9 ? [random.pick(["sudo", "wheel", "admin"])] : []
      var person = Inhabitant(
        name: isRoot ? "root" : Name("u\(number)"), id: isRoot ? 0 : UInt32(1000 + number),
        groups: Set(random.some(of: groups, oneIn: 3) + (isRoot ? [] : repairs)))
      for _ in 0..<random.number(number < 12 ? 1...4 : 0...2) {
        person.places.append(
          (
            random.once(in: 9) ? "self" : random.pick(addresses),
            random.pick(["sshd", "sshd", "sshd", "cockpit", "dovecot"]),
            random.once(in: 5) ? 40 : random.number(0...29)
          ))
      }
      if number > 8 && number < 12 { person.places.append(("\(networks[0]).1", "sudo", 200)) }
      people.append(person)
    }
    village.absent("ghost")
    for person in people {
      village.person(person.name, id: person.id, in: person.groups)
      for place in person.places {
        village.came(person.name, from: place.origin, by: place.service, daysAgo: place.daysAgo)
      }
    }
    if random.once(in: 2) {
      village.opens("u1", from: random.pick(addresses), id: "1", isOwn: true)
    }
    for number in [2, 3, 50] where random.once(in: 2) {
      village.opens(Name("u\(number)"), from: random.pick(addresses), id: "\(number)")
    }
  }

  // MARK: Policies

  /// The sections of a policy, each of which a change may replace.
  private static let sections = [
    "everyone", "users", "groups", "block", "break_glass", "local", "services", "networks",
  ]

  /// A policy, and one that somebody might put in its place.
  package mutating func change() -> (old: String, new: String) {
    var old: [String: String] = [:]
    for section in Self.sections { old[section] = self.section(section) }
    var new = old
    for section in random.some(of: Self.sections, oneIn: 5) + [random.pick(Self.sections)] {
      new[section] = self.section(section)
    }
    return (text(old), text(new))
  }

  private mutating func text(_ sections: [String: String]) -> String {
    let mode = random.once(in: 30) ? "mode: \(random.pick(["monitor", "off"]))\n" : ""
    return mode + Self.sections.compactMap { sections[$0] }.joined(separator: "\n")
  }

  private mutating func section(_ name: String) -> String {
    switch name {
    case "everyone":
      return random.once(in: 3) ? "everyone: {from: [anywhere]}" : "everyone: {from: \(list())}"
    case "users":
      let users = (0..<4).map { _ in "u\(random.number(1...14))" } + ["root"]
      return map(
        "users", Set(random.some(of: users, oneIn: 3)).sorted(), ["also_from", "only_from"])
    case "groups":
      let groups = random.some(of: ["contractors", "staff", "sudo", "wheel"], oneIn: 6)
      return map("groups", groups, ["only_from", "also_from", "also_from"])
    case "block": return random.once(in: 3) ? "block: \(list())" : "block: [233.252.0.9]"
    case "break_glass":
      guard !random.once(in: 4) else { return "" }
      let users = random.pick(["u190", "u1", "ghost, u5"])
      return "break_glass: {users: [\(users)]\(random.once(in: 3) ? "" : ", from: \(list())")}"
    case "local":
      return random.once(in: 3) ? "local: {groups: [sudo, \(random.pick(["wheel", "staff"]))]}" : ""
    case "services":
      guard random.once(in: 3) else { return "" }
      return map("services", [random.pick(["sshd", "cockpit"])], ["from", "only_from"])
    default:
      return "networks: {desks: [\(networks[0]).1, \(networks[0]).2], vpn: \(list(named: false))}"
    }
  }

  private mutating func map(_ key: String, _ names: [String], _ lists: [String]) -> String {
    guard !names.isEmpty else { return "" }
    return "\(key): {"
      + names.map { name in "\(name): {\(random.pick(lists)): \(list())}" }.joined(separator: ", ")
      + "}"
  }

  private mutating func list(named: Bool = true) -> String {
    var entries: [String] = []
    for _ in 0..<random.number(1...4) {
      let ranges = named ? ranges : ranges.dropLast(4)
      let entry =
        random.once(in: 2)
        ? "\"\(random.pick(addresses))\"" : random.pick(Array(ranges))
      let isTimed = random.once(in: 4) && !["anywhere", "nowhere", "self"].contains(entry)
      entries.append(isTimed ? "{address: \(entry), \(time())}" : entry)
    }
    let isPlain = entries.contains("anywhere") || entries.contains("nowhere")
    return "[\(isPlain ? random.pick(["anywhere", "nowhere"]) : entries.joined(separator: ", "))]"
  }

  private mutating func time() -> String {
    let time = now + .seconds(random.number(-2...20) * 86_400 + random.number(0...3) * 3600)
    times.insert(time)
    return "\(random.once(in: 2) ? "since" : "until"): \"\(time)\""
  }

  /// Times to look at: now, every one that a policy names, and some others, within 14 days.
  package mutating func looks() -> [Instant] {
    let end = now + .seconds(14 * 86_400)
    let some = (0..<4).map { _ in now + .seconds(random.number(0...(14 * 86_400))) }
    let all = Set(times.filter { now <= $0 && $0 <= end } + some + [now])
    times = []
    return all.sorted()
  }
}
