import GatehousePolicy
import TestKit

/// A policy of the twin's written out, and which key stands where.
struct TwinText {
  private(set) var files: [String: [String]] = [:]
  /// The path of the key in each line, by `file:line`.
  private(set) var paths: [String: String] = [:]
  /// What was got for networks, by the names of its files.
  private let contents: [String: [UInt8]]

  /// Writes a policy into one file or several, with keys and items in random order.
  init(_ policy: TwinPolicy, random: inout SeededRandom) {
    contents = policy.sources.reduce(into: [:]) { contents, source in
      contents[FeedContent.fileName(of: Name(source.key))] = Self.content(
        of: source.value, source.key)
    }
    let names =
      random.once(in: 2) ? ["policy.yaml"] : ["policy.yaml", "policy.d/a.yaml", "policy.d/b.yaml"]
    for name in names { files[name] = ["version: 1"] }
    let single = random.pick(names)
    line("mode: \(policy.mode)", "mode", in: single)
    for key in ["networks", "roles", "groups", "users", "services"].shuffled(using: &random) {
      switch key {
      case "networks":
        section(key, policy.networks.keys, names, &random) { text, name, random in
          let addresses = policy.networks[name] ?? []
          if !addresses.isEmpty { text.list(addresses, "addresses", "", &random) }
          if let source = policy.sources[name] {
            text.line("    name: \(Self.host(name))", nil, in: text.file)
            text.line("    max_age: \(source.maxAge)h", nil, in: text.file)
          }
          if let exceptions = policy.networkExceptions[name] {
            text.list(exceptions, "except", "", &random)
          }
        }
      case "roles":
        section(key, policy.roles.keys, names, &random) { text, name, random in
          text.scope(policy.roles[name] ?? TwinScope(), "roles.\(name)", &random)
        }
      case "groups":
        section(key, policy.groups.keys, names, &random) { text, name, random in
          text.scope(policy.groups[name] ?? TwinScope(), "groups.\(name)", &random)
        }
      case "users":
        section(key, policy.users.keys, names, &random) { text, name, random in
          text.scope(policy.users[name] ?? TwinScope(), "users.\(name)", &random)
        }
      default:
        section(key, policy.services.keys, names, &random) { text, name, random in
          text.scope(policy.services[name] ?? TwinScope(), "services.\(name)", &random)
        }
      }
    }
    if policy.everyone.from != nil || policy.requiresRole {
      file = random.pick(names)
      line("everyone:", "everyone", in: file)
      if let from = policy.everyone.from {
        list(from, "from", "everyone", indent: "  ", &random)
      }
      if policy.requiresRole {
        line("  requires_role: true", "everyone.requires_role", in: file)
      }
    }
    if let block = policy.block {
      // A list in two files is one list.
      let parts =
        names.count > 1 && block.count > 1
        ? [Array(block.prefix(1)), Array(block.dropFirst())] : [block]
      for (name, part) in zip(names.shuffled(using: &random), parts) {
        file = name
        list(part, "block", "", indent: "", &random)
      }
    }
    if let breakGlass = policy.breakGlass {
      file = random.pick(names)
      line("break_glass:", "break_glass", in: file)
      if let from = breakGlass.from { list(from, "from", "break_glass", indent: "  ", &random) }
      if !breakGlass.users.isEmpty { line("  users: \(breakGlass.users)", nil, in: file) }
      if !breakGlass.groups.isEmpty { line("  groups: \(breakGlass.groups)", nil, in: file) }
    }
    if let factor = policy.factor {
      file = random.pick(names)
      line("second_factor:", "second_factor", in: file)
      if let list = factor.notFrom {
        self.list(list, "not_from", "second_factor", indent: "  ", &random)
      }
      if factor.newPlaces { line("  new_places: always", "second_factor.new_places", in: file) }
      for (kind, rules) in factor.rules.sorted(by: { $0.key < $1.key }) where !rules.isEmpty {
        line("  \(kind):", nil, in: file)
        for (name, rule) in rules.sorted(by: { $0.key < $1.key }) {
          let path = "second_factor.\(kind).\(name)"
          switch rule {
          case .always: line("    \(name): always", path, in: file)
          case .never: line("    \(name): never", path, in: file)
          case .notFrom(let list):
            line("    \(name):", nil, in: file)
            self.list(list, "not_from", path, indent: "      ", &random)
          }
        }
      }
    }
    if let local = policy.local {
      line("local: \(Self.text(local))", "local", in: random.pick(names))
    }
  }

  var snapshot: PolicySnapshot {
    PolicySnapshot(
      policyFiles: files.map { name, lines in
        .init(name: name, content: .bytes(Array(lines.joined(separator: "\n").utf8)))
      },
      listFiles: contents.mapValues { .bytes($0) })
  }

  var text: String {
    let policyFiles = files.mapValues { $0.joined(separator: "\n") }
    return policyFiles.merging(contents.mapValues { String(decoding: $0, as: UTF8.self) }) { $1 }
      .map { "# \($0.key)\n\($0.value)" }.joined(separator: "\n")
  }

  /// The name for whose addresses a network stands.
  private static func host(_ network: String) -> String { "\(network).example.net" }

  private static func content(of source: TwinSource, _ network: String) -> [UInt8]? {
    guard let content = source.content else { return nil }
    let got = TwinTime.text(source.got)
    let head = [
      "gatehouse network, format 1", "source: name \(host(network))", "got: \(got)",
      "changed: \(got)", "",
    ]
    return Array((head + content.map(\.text) + [""]).joined(separator: "\n").utf8)
  }

  /// The path of the key at a place.
  func path(_ location: SourceLocation?) -> String? {
    location.map { paths[$0.fileAndLine] ?? "nothing at \($0)" }
  }

  /// The file that is being written.
  private var file = "policy.yaml"

  private mutating func line(_ text: String, _ path: String?, in file: String) {
    files[file, default: []].append(text)
    if let path { paths["\(file):\(files[file, default: []].count)"] = path }
  }

  private mutating func section(
    _ key: String, _ names: some Collection<String>, _ files: [String],
    _ random: inout SeededRandom,
    _ body: (inout TwinText, String, inout SeededRandom) -> Void
  ) {
    var parts: [String: [String]] = [:]
    for name in names.sorted().shuffled(using: &random) {
      parts[random.pick(files), default: []].append(name)
    }
    for (file, names) in parts.sorted(by: { $0.key < $1.key }) {
      self.file = file
      line("\(key):", nil, in: file)
      for name in names {
        line("  \(name):", nil, in: file)
        body(&self, name, &random)
      }
    }
  }

  private mutating func scope(
    _ scope: TwinScope, _ path: String, indent: String = "    ", _ random: inout SeededRandom
  ) {
    for key in [
      "from", "also_from", "only_from", "requires", "members", "check", "local", "without",
      "accounts", "services",
    ]
    .shuffled(using: &random) {
      switch key {
      case "from": if let from = scope.from { list(from, key, path, indent: indent, &random) }
      case "also_from":
        if let also = scope.alsoFrom { list(also, key, path, indent: indent, &random) }
      case "only_from":
        if let only = scope.onlyFrom { list(only, key, path, indent: indent, &random) }
      case "services" where !scope.services.isEmpty:
        line("\(indent)services:", nil, in: file)
        for (name, lists) in scope.services.sorted(by: { $0.key < $1.key }) {
          line("\(indent)  \(name):", nil, in: file)
          self.scope(lists, "\(path).services.\(name)", indent: indent + "    ", &random)
        }
      case "requires" where scope.requiresUserList:
        line("    requires_user_list: true", "\(path).requires_user_list", in: file)
      case "check" where !scope.check:
        line("    check: false", "\(path).check", in: file)
      case "local":
        guard let local = scope.local else { break }
        line("    local: \(Self.text(local))", "\(path).local", in: file)
      case "without" where scope.isLocalWithoutAddress:
        line("    without_address: local", nil, in: file)
      case "accounts" where scope.hasVirtualAccounts:
        line("    accounts: virtual", nil, in: file)
      case "members" where !scope.users.isEmpty || !scope.groups.isEmpty:
        let people = TwinPeople(
          users: scope.users.shuffled(using: &random),
          groups: scope.groups.shuffled(using: &random))
        line("    members: \(Self.text(people))", nil, in: file)
      default: break
      }
    }
  }

  private mutating func list(
    _ list: TwinList, _ key: String, _ path: String, indent: String = "    ",
    _ random: inout SeededRandom
  ) {
    let items = list.shuffled(using: &random).map { Self.text($0, &random) }
    line(
      "\(indent)\(key): [\(items.joined(separator: ", "))]", path.isEmpty ? key : "\(path).\(key)",
      in: file)
  }

  private static func text(_ people: TwinPeople) -> String {
    let users = people.users.isEmpty ? [] : ["users: \(people.users)"]
    let groups = people.groups.isEmpty ? [] : ["groups: \(people.groups)"]
    return "{\((users + groups).joined(separator: ", "))}"
  }

  private static func text(_ entry: TwinEntry, _ random: inout SeededRandom) -> String {
    if case .local = entry.meaning { return entry.text }
    var keys: [String] = []
    if !entry.isActive { keys.append("active: false") }
    if let since = entry.since { keys.append("since: \(TwinTime.text(since))") }
    if let until = entry.until { keys.append("until: \(TwinTime.text(until))") }
    if !entry.except.isEmpty {
      let items = entry.except.map { text($0, &random) }
      keys.append("except: [\(items.joined(separator: ", "))]")
    }
    if keys.isEmpty && !random.once(in: 4) { return "\"\(entry.text)\"" }
    keys.append("address: '\(entry.text)'")
    return "{\(keys.shuffled(using: &random).joined(separator: ", "))}"
  }
}
