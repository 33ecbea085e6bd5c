import TestKit
import Testing

@testable import GatehousePolicy

/// How many random edits are made.
private let edits = rounds("GATEHOUSE_EDITS", usually: 300)

@Suite("Random changes of single entries")
struct EntryEditPropertyTests {
  private static let editsPerPolicy = 10

  @Test("they keep every comment and change no decision but for the addresses that they name")
  func edits() throws {
    var generator = TwinGenerator(random: SeededRandom(seed: 16))
    var seen: [EntryEdit.Step.Kind: Int] = [:]
    for _ in 0..<max(1, GatehousePolicyTests.edits / Self.editsPerPolicy) {
      let text = TwinText(generator.policy(), random: &generator.random)
      var layout = RandomLayout()
      var snapshot = layout.snapshot(text.files, &generator.random)
      _ = try #require(Policy.load(snapshot).policy, "\(Self.text(snapshot))")
      for _ in 0..<Self.editsPerPolicy {
        let policy = try #require(Policy.load(snapshot).policy)
        let (list, entry, isAddition) = try Self.edit(of: policy, &generator)
        let edit: EntryEdit
        do {
          edit =
            isAddition
            ? try snapshot.adding([entry], to: list) : try snapshot.removing([entry], from: list)
        } catch {
          #expect(
            !error.message.contains("the way it is written"), "\(error)\n\(Self.text(snapshot))")
          continue
        }
        for step in edit.steps { seen[step.kind, default: 0] += 1 }
        let about =
          "\(list) \(entry.text) \(edit.steps.map(\.kind))\n\(Self.text(snapshot))\n=>\n\(Self.text(edit.snapshot))"
        #expect(Self.comments(edit.snapshot) == Self.comments(snapshot), "\(about)")
        guard let changed = Policy.load(edit.snapshot).policy else {
          // A network that would name itself, or end where an `except` names it: that is refused.
          guard case .network = list, isAddition else {
            Issue.record("\(about)")
            return
          }
          continue
        }
        for _ in 0..<20 {
          let login = generator.login().login
          if Self.concerns(list, entry, login, policy) { continue }
          let (before, after) = (policy.decide(login), changed.decide(login))
          #expect(
            before.verdict == after.verdict && before.roles == after.roles, "\(login)\n\(about)")
        }
        // What was added can be taken out, and then every byte is as it was.
        let isKnown = Self.entries(of: list, policy).contains { entry.isSubject(of: $0) }
        if isAddition, !isKnown, !Self.leavesNowhere(list, policy) {
          let back = try edit.snapshot.removing([entry], from: list)
          #expect(
            Self.text(back.snapshot) == Self.text(snapshot),
            "\(about)\n=>\n\(Self.text(back.snapshot))")
        }
        snapshot = edit.snapshot
      }
    }
    for kind: EntryEdit.Step.Kind in [
      .added, .addedWithList, .present, .removed, .removedWithList, .emptied,
    ] {
      #expect(seen[kind, default: 0] > 0, "\(kind)")
    }
  }

  /// A change that somebody might make, most often of what is there.
  private static func edit(
    of policy: Policy, _ generator: inout TwinGenerator
  ) throws -> (EditedList, TypedEntry, isAddition: Bool) {
    let list: EditedList =
      switch generator.random.number(0...2) {
      case 0: .block
      case 1: .network(Name(generator.random.pick(["n0", "n1", "n2", "n3", "fresh"])))
      default:
        .user(
          Name(generator.random.pick(["u0", "u1", "u2", "fresh"])),
          service: generator.random.once(in: 3) ? "s0" : nil)
      }
    let isAddition = generator.random.once(in: 2)
    let present = texts(of: list, policy).filter { $0 != "nowhere" }
    let origin = generator.random.pick([
      "10.0.0.1", "10.0.0.6", "10.0.0.0/30", "fd00::3", "n0", "self",
    ])
    let isFresh = present.isEmpty || generator.random.once(in: isAddition ? 2 : 8)
    var entry = try TypedEntry(isFresh ? origin : generator.random.pick(present))
    if isAddition {
      if generator.random.once(in: 4) { try entry.end("2099-01-01", now: .now()) }
      if generator.random.once(in: 4) { try entry.describe("a: \"b\" # no comment") }
      if generator.random.once(in: 6) { entry.deactivate() }
    }
    return (list, entry, isAddition)
  }

  private static func entries(of list: EditedList, _ policy: Policy) -> [ListEntry] {
    switch list {
    case .block: policy.rules.block.flatMap(\.entries)
    case .network(let name): policy.rules.networks[name]?.entries ?? []
    case .user(let name, let service):
      policy.rules.users[name]?[service].flatMap(\.entries) ?? []
    }
  }

  private static func texts(of list: EditedList, _ policy: Policy) -> [String] {
    entries(of: list, policy).filter { $0.fetched == nil }.map(\.text)
  }

  /// Whether `nowhere` stood in the list, or would be left in it: a network is not taken out whole.
  private static func leavesNowhere(_ list: EditedList, _ policy: Policy) -> Bool {
    let present = texts(of: list, policy)
    if case .network = list, present.isEmpty { return true }
    return present.contains("nowhere")
  }

  /// Whether a change may be seen by a login.
  private static func concerns(
    _ list: EditedList, _ entry: TypedEntry, _ login: Login, _ policy: Policy
  ) -> Bool {
    if case .user(let name, let service) = list {
      guard login.user == name, service == nil || login.service == service else { return false }
    }
    switch (entry.subject, login.origin) {
    case (.range(let range), .address(let address)): return range.contains(address)
    case (.range(let range), .machine): return range.isLoopback
    case (.name("anywhere"), _): return true
    case (.name(let name), _):
      return name == "self"
        ? login.origin == .machine
        : policy.rules.networks[name]?.timedSets.contains {
          $0.contains(login.origin, at: login.time)
        } ?? false
    default: return false
    }
  }

  private static func text(_ snapshot: PolicySnapshot) -> String {
    snapshot.policyFiles.map { file in
      if case .bytes(let bytes) = file.content {
        "\(file.name):\n\(String(decoding: bytes, as: UTF8.self))"
      } else {
        file.name
      }
    }.joined(separator: "\n")
  }

  /// Every comment of the layout, by its number.
  private static func comments(_ snapshot: PolicySnapshot) -> [Int] {
    text(snapshot).matches(of: /# note ([0-9]+)(?:\r?\n|$)/).compactMap { Int($0.output.1) }
      .sorted()
  }
}

/// Writes a policy's lines in one of many ways, with a comment wherever one may stand.
private struct RandomLayout {
  private var notes = 0

  mutating func snapshot(
    _ files: [String: [String]], _ random: inout SeededRandom
  ) -> PolicySnapshot {
    PolicySnapshot(
      policyFiles: files.sorted { $0.key < $1.key }.map { name, lines in
        let end = random.once(in: 4) ? "\r\n" : "\n"
        let text = lines.flatMap { self.lines($0, &random) }.map { $0 + end }.joined()
        return .init(name: name, content: .bytes(Array(text.utf8)))
      })
  }

  private mutating func lines(_ line: String, _ random: inout SeededRandom) -> [String] {
    let indent = String(line.prefix { $0 == " " })
    var lines = random.once(in: 5) ? ["\(indent)\(note())"] : random.once(in: 8) ? [""] : []
    guard let list = line.wholeMatch(of: /( *[a-z_]+:) \[(.*)\]/), !line.contains("members") else {
      return lines + [line + trailing(&random)]
    }
    let items = Self.items(String(list.output.2))
    switch random.number(0...3) {
    case 0: lines.append(line + trailing(&random))
    case 1:
      lines.append("\(list.output.1) [\(trailing(&random))")
      for (index, item) in items.enumerated() {
        let comma = index < items.count - 1 ? "," : ""
        if random.once(in: 4) { lines.append("\(indent)    \(note())") }
        lines.append("\(indent)    \(item)\(comma)\(trailing(&random))")
      }
      lines.append("\(indent)  ]\(trailing(&random))")
    case let style:
      lines.append("\(list.output.1)\(trailing(&random))")
      let dash = style == 2 ? "\(indent)- " : "\(indent)  -  "
      let inner = String(repeating: " ", count: dash.count)
      for item in items {
        if random.once(in: 4) { lines.append("\(indent)\(note())") }
        guard item.hasPrefix("{"), random.once(in: 2) else {
          lines.append("\(dash)\(item)\(trailing(&random))")
          continue
        }
        for (index, pair) in Self.items(String(item.dropFirst().dropLast())).enumerated() {
          if index > 0, random.once(in: 4) { lines.append("\(inner)\(note())") }
          lines.append("\(index == 0 ? dash : inner)\(pair)\(trailing(&random))")
        }
      }
    }
    return lines
  }

  private mutating func note() -> String {
    notes += 1
    return "# note \(notes)"
  }

  private mutating func trailing(_ random: inout SeededRandom) -> String {
    random.once(in: 4) ? "  \(note())" : ""
  }

  /// The items of a list in brackets.
  private static func items(_ text: String) -> [String] {
    var items = [""]
    var depth = 0
    for character in text {
      if "[{".contains(character) { depth += 1 }
      if "]}".contains(character) { depth -= 1 }
      if character == ",", depth == 0 {
        items.append("")
      } else {
        items[items.count - 1].append(character)
      }
    }
    return items.map { String($0.drop { $0 == " " }) }
  }
}
