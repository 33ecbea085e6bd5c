import TestKit

/// Makes random policies and logins of the twin's small world.
struct TwinGenerator {
  static let users = ["u0", "u1", "u2", "root"]
  static let groups = ["g0", "g1", "g2"]
  static let roles = ["r0", "r1", "r2"]
  static let services = ["s0", "s1"]
  /// Whoever uses these sits at the machine, unlike the others, which serve it in other ways.
  static let consoles = ["login", "gdm-password", "swaylock"]
  static let servants = ["cron", "su"]
  static let networks = ["n0", "n1", "n2", "n3"]
  /// All of whose entries always count, so that an `except` may name them.
  static let permanentNetworks = ["n0", "n1"]

  var random: SeededRandom

  mutating func policy() -> TwinPolicy {
    var policy = TwinPolicy()
    policy.mode = random.once(in: 8) ? "monitor" : random.once(in: 30) ? "off" : "enforce"
    // A network names only those before it, so that there is no cycle.
    for (index, name) in Self.networks.enumerated() {
      let isPermanent = Self.permanentNetworks.contains(name)
      policy.networks[name] = list(
        networks: Array(Self.networks[..<index]), isPermanent: isPermanent)
      if random.once(in: 3) {
        policy.networkExceptions[name] = exceptions(from: Array(Self.networks[..<index]))
      }
      if random.once(in: 3) {
        policy.sources[name] = source()
        if random.once(in: 2) { policy.networks[name] = [] }
      }
    }
    policy.everyone.from = optionalList(oneIn: 2)
    policy.requiresRole = random.once(in: 6)
    for name in random.some(of: Self.roles, oneIn: 2) {
      var role = TwinScope()
      role.from = optionalList(oneIn: 2)
      role.onlyFrom = optionalList(oneIn: 5)
      role.services = serviceLists { generator, lists in
        lists.from = generator.optionalList(oneIn: 2)
        lists.onlyFrom = lists.from == nil ? generator.list() : generator.optionalList(oneIn: 4)
      }
      role.requiresUserList = random.once(in: 12)
      role.users = random.some(of: Self.users, oneIn: 3)
      role.groups = random.some(of: Self.groups, oneIn: 3)
      if role.users.isEmpty && role.groups.isEmpty { role.users = [random.pick(Self.users)] }
      policy.roles[name] = role
    }
    for name in random.some(of: Self.groups, oneIn: 3) {
      var group = TwinScope()
      group.alsoFrom = optionalList(oneIn: 2)
      group.onlyFrom = optionalList(oneIn: 4)
      group.requiresUserList = random.once(in: 10)
      if group.alsoFrom == nil && group.onlyFrom == nil { group.alsoFrom = list() }
      group.services = personalServiceLists()
      policy.groups[name] = group
    }
    for name in random.some(of: Self.users, oneIn: 2) {
      var user = TwinScope()
      user.alsoFrom = optionalList(oneIn: 2)
      user.onlyFrom = optionalList(oneIn: 3)
      if user.alsoFrom == nil && user.onlyFrom == nil { user.onlyFrom = list() }
      user.services = personalServiceLists()
      policy.users[name] = user
    }
    for name in random.some(
      of: Self.services + Self.consoles + Self.servants, oneIn: 3)
    {
      var service = TwinScope()
      service.from = optionalList(oneIn: 2)
      service.onlyFrom = optionalList(oneIn: 3)
      service.check = !random.once(in: 6)
      service.local = random.once(in: 4) ? people() : nil
      if Self.services.contains(name) {
        service.isLocalWithoutAddress = random.once(in: 3)
        service.hasVirtualAccounts = random.once(in: 4)
      }
      if service.from == nil && service.onlyFrom == nil { service.from = list() }
      policy.services[name] = service
    }
    policy.block = optionalList(oneIn: 5)
    if random.once(in: 3) {
      var scope = TwinScope()
      scope.users = random.some(of: Self.users, oneIn: 4)
      scope.groups = random.some(of: Self.groups, oneIn: 4)
      scope.from = optionalList(oneIn: 2)
      if scope.users.isEmpty && scope.groups.isEmpty { scope.users = [random.pick(Self.users)] }
      policy.breakGlass = scope
    }
    policy.local = random.once(in: 2) ? people() : nil
    return policy
  }

  private mutating func source() -> TwinSource {
    let content = random.once(in: 6) ? nil : (0..<random.number(1...3)).map { _ in addresses() }
    return TwinSource(
      content: content, got: random.number(TwinTime.hours), maxAge: random.number(1...6))
  }

  /// Lists for some services alone.
  private mutating func serviceLists(_ fill: (inout TwinGenerator, inout TwinScope) -> Void)
    -> [String: TwinScope]
  {
    var services: [String: TwinScope] = [:]
    for name in random.some(of: Self.services + ["login"], oneIn: 5) {
      var lists = TwinScope()
      fill(&self, &lists)
      services[name] = lists
    }
    return services
  }

  private mutating func personalServiceLists() -> [String: TwinScope] {
    serviceLists { generator, lists in
      lists.alsoFrom = generator.optionalList(oneIn: 2)
      lists.onlyFrom =
        lists.alsoFrom == nil ? generator.list() : generator.optionalList(oneIn: 3)
    }
  }

  private mutating func people() -> TwinPeople {
    var people = TwinPeople(
      users: random.some(of: Self.users, oneIn: 4), groups: random.some(of: Self.groups, oneIn: 4))
    if people.users.isEmpty && people.groups.isEmpty { people.users = [random.pick(Self.users)] }
    return people
  }

  mutating func login() -> TwinLogin {
    let groups = random.once(in: 12) ? nil : random.some(of: Self.groups, oneIn: 2)
    let others = Self.groups.filter { groups?.contains($0) == false }
    return TwinLogin(
      user: random.pick(Self.users), groups: groups,
      unsure: random.once(in: 3) ? random.some(of: others, oneIn: 2) : [],
      isRoot: random.once(in: 3) ? nil : random.once(in: 6), exists: !random.once(in: 15),
      service: random.pick(
        random.once(in: 4) ? Self.consoles + Self.servants : Self.services + ["s9"]),
      origin: origin(), hour: random.number(TwinTime.hours),
      role: random.once(in: 3) ? random.pick(Self.roles) : nil)
  }

  mutating func origin() -> TwinOrigin {
    switch random.number(0...19) {
    case 0, 1, 2: .local
    case 3, 4: .machine
    case 5: .noAddress
    case 6: random.once(in: 2) ? .notAnAddress : .unclearSession
    default: .address(random.pick(TwinAddress.all))
    }
  }

  /// Grants of few users at few addresses, so that some of them meet a login.
  mutating func grants(near login: TwinLogin) -> [TwinGrant] {
    (0..<random.number(0...4)).map { number in
      let since = random.number(TwinTime.hours)
      return TwinGrant(
        id: "g\(number)", user: random.once(in: 4) ? random.pick(Self.users) : login.user,
        origin: login.origin.isListed && !random.once(in: 4)
          ? login.origin : random.once(in: 5) ? .machine : .address(random.pick(TwinAddress.all)),
        hostBits: random.once(in: 2) ? random.number(1...4) : 0,
        service: random.once(in: 3) ? random.pick(Self.services) : nil,
        role: random.once(in: 2) ? random.pick(Self.roles) : nil,
        since: since, until: random.number(since...(TwinTime.hours.upperBound + 1)))
    }
  }

  private mutating func optionalList(oneIn count: Int) -> TwinList? {
    random.once(in: count) ? list() : nil
  }

  mutating func list(networks: [String] = networks, isPermanent: Bool = false) -> TwinList {
    (0..<random.number(1...3)).map { _ in
      var entry = isPermanent ? entry(networks: networks) : passingEntry(networks: networks)
      if random.once(in: 5) { entry.except = exceptions(from: networks) }
      return entry
    }
  }

  /// What an `except` takes away; it names those of the networks that always count.
  private mutating func exceptions(from networks: [String]) -> TwinList {
    let permanent = networks.filter(Self.permanentNetworks.contains)
    return (0..<random.number(1...2)).map { _ in entry(networks: permanent) }
  }

  private mutating func passingEntry(networks: [String]) -> TwinEntry {
    var entry = entry(networks: networks)
    entry.isActive = !random.once(in: 12)
    if random.once(in: 5) { entry.since = random.number(TwinTime.hours) }
    if random.once(in: 5) {
      entry.until = random.number(
        (entry.since.map { $0 + 1 } ?? 0)...(TwinTime.hours.upperBound + 1))
    }
    return entry
  }

  private mutating func entry(networks: [String]) -> TwinEntry {
    var entry = addresses()
    if !networks.isEmpty && random.once(in: 3) {
      let name = random.pick(networks)
      entry = TwinEntry(meaning: .network(name), text: name)
    }
    if random.once(in: 30) { entry = TwinEntry(meaning: .anywhere, text: "anywhere") }
    if random.once(in: 30) { entry = TwinEntry(meaning: .nowhere, text: "nowhere") }
    if random.once(in: 20) { entry = TwinEntry(meaning: .machine, text: "self") }
    if random.once(in: 20) {
      entry = TwinEntry(
        meaning: .loopback,
        text: random.pick([
          "127.0.0.1", "127.0.0.0/8", "127.0.0.9-127.1.0.0", "127.*.*.*", "::1", "::1/128",
          "::ffff:127.0.0.1", "::ffff:127.0.0.0/104",
        ]))
    }
    if random.once(in: 30) {
      entry = TwinEntry(
        meaning: .family(isIPv6: false),
        text: random.pick(["0.0.0.0/0", "*.*.*.*", "0.0.0.0/1", "10.0.0.0-127.0.0.1"]))
    }
    if random.once(in: 30) {
      entry = TwinEntry(
        meaning: .family(isIPv6: true), text: random.pick(["::/0", "::/1", "::1-2001:db8::ff"]))
    }
    return entry
  }

  /// One of the forms in which addresses can be written.
  private mutating func addresses() -> TwinEntry {
    let isIPv6 = random.once(in: 3)
    func text(_ number: Int) -> String { TwinAddress(isIPv6: isIPv6, number: number).text }
    switch random.number(0...5) {
    case 0, 1:
      let number = random.number(0...15)
      let written = !isIPv6 && random.once(in: 4) ? "::ffff:10.0.0.\(number)" : text(number)
      return TwinEntry(meaning: .range(isIPv6: isIPv6, number...number), text: written)
    case 2:
      let first = random.number(0...15)
      let last = random.number(first...15)
      return TwinEntry(
        meaning: .range(isIPv6: isIPv6, first...last), text: "\(text(first))-\(text(last))")
    case 3 where !isIPv6:
      return TwinEntry(meaning: .range(isIPv6: false, 0...15), text: "10.0.0.*")
    default:
      let hostBits = random.number(0...4)
      let first = random.number(0...((16 >> hostBits) - 1)) << hostBits
      let last = first + (1 << hostBits) - 1
      let length = (isIPv6 ? 128 : 32) - hostBits
      let masked = !isIPv6 && random.once(in: 4)
      let suffix = masked ? "255.255.255.\(256 - (1 << hostBits))" : "\(length)"
      return TwinEntry(
        meaning: .range(isIPv6: isIPv6, first...last), text: "\(text(first))/\(suffix)")
    }
  }
}
