import GatehousePolicy
import TestKit
import Testing

@testable import GatehouseImport

/// The proofs, compared with trying all combinations.
struct ProofTests {
  @Test("conditions are what their truth tables say, and equal where those are")
  func diagrams() throws {
    var random = SeededRandom(seed: 3)
    let count = 4
    for _ in 0..<100 {
      var diagrams = BinaryDecisionDiagrams()
      var known: [(condition: Condition, table: [Bool])] = [
        (.always, .init(repeating: true, count: 16))
      ]
      for variable in 0..<count {
        known.append((try diagrams.member(variable), (0..<16).map { $0 >> variable & 1 == 1 }))
      }
      for _ in 0..<12 {
        let parts = (0..<3).compactMap { _ in known.randomElement(using: &random) }
        let result = try diagrams.choose(parts[0].condition, parts[1].condition, parts[2].condition)
        let table = (0..<16).map { parts[0].table[$0] ? parts[1].table[$0] : parts[2].table[$0] }
        known.append((result, table))
      }
      for (condition, table) in known {
        for row in 0..<16 {
          let groups = Set((0..<count).filter { row >> $0 & 1 == 1 })
          #expect(diagrams.holds(condition, for: groups) == table[row])
        }
        for (other, otherTable) in known {
          #expect((condition == other) == (table == otherTable))
          let implies = zip(table, otherTable).allSatisfy { !$0 || $1 }
          #expect(try diagrams.implies(condition, other) == implies)
        }
        #expect(
          diagrams.witness(of: condition).map { diagrams.holds(condition, for: $0) }
            ?? !table.contains(true))
        for variable in 0..<count {
          for isMember in [false, true] {
            let fixed = try diagrams.restrict(condition, variable, isMember)
            for row in 0..<16 {
              let fixedRow = isMember ? row | 1 << variable : row & ~(1 << variable)
              let groups = Set((0..<count).filter { row >> $0 & 1 == 1 })
              #expect(diagrams.holds(fixed, for: groups) == table[fixedRow])
            }
          }
        }
      }
    }
  }

  @Test("classes of addresses are disjoint, are all addresses, and have the rules that hold them")
  func classes() {
    var random = SeededRandom(seed: 5)
    for _ in 0..<100 {
      let rules = (0..<5).map { line -> Rule in
        let words = (0..<2).map { _ in Array(random.pick(RandomAccessFile.origins).utf8)[...] }
        let sets = words.map { word -> AddressSet in
          if case .addresses(let set, _) = OriginWord(word) { set } else { .nothing }
        }
        let level = UserCondition<Name>.Level(
          everyone: random.once(in: 4), users: ["alice"], groups: [])
        return Rule(
          location: LineLocation(file: 0, line: line), allows: true,
          users: UserCondition(levels: [level]),
          origins: random.once(in: 4) ? .everything : sets[0].union(sets[1]), terminals: .none)
      }
      let classes = AddressClass.all(of: rules)
      var all = AddressSet.nothing
      for one in classes {
        #expect(all.intersection(one.addresses).isEmpty)
        all = all.union(one.addresses)
        // Up to the first that is for everyone.
        let holding = rules.indices.filter {
          !rules[$0].origins.intersection(one.addresses).isEmpty
        }
        let end = holding.firstIndex { rules[$0].users.isEveryone } ?? holding.count - 1
        #expect(one.rules == Array(holding.prefix(end + 1)))
        for rule in one.rules { #expect(one.addresses.isSubset(of: rules[rule].origins)) }
      }
      #expect(all == .everything)
      #expect(Set(classes.map(\.rules)).count == classes.count)
    }
  }

  @Test(
    "for every combination of groups, a complete policy decides as the lines, any other allows no more",
    arguments: [false, true])
  func everyCombination(groupsInParenthesesOnly: Bool) throws {
    // With plain words a user's name is a group, too. Only some are tried, or it takes too long.
    let users: [Name] =
      ["alice", "bob", "nobody"] + (groupsInParenthesesOnly ? ["root", "carol"] : [])
    let groups: [Name] =
      ["wheel", "staff", "contractors"] + (groupsInParenthesesOnly ? [] : ["alice", "bob"])
    let combinations = (0..<(1 << groups.count)).map { bits in
      Set(groups.indices.filter { bits >> $0 & 1 == 1 }.map { groups[$0] })
    }
    var options = AccessOptions()
    options.groupsInParenthesesOnly = groupsInParenthesesOnly
    var complete = 0
    let files = rounds("GATEHOUSE_PROOFS", usually: 32)
    for seed in 0..<UInt64(files) {
      var file = RandomAccessFile(seed.isMultiple(of: 4) ? .tidy : .tangled, seed: seed)
      let text = file.next()
      let made = Import(
        access: [ImportFile(name: "a", content: Array(text.utf8))], options: options)
      let policy = try loaded(made.policy)
      var reader = RuleReader(options: options)
      reader.read(Array(text.utf8), file: 0)
      let addresses = AddressClass.all(of: reader.rules)
        .compactMap(\.addresses.prefixes.first?.address)
      var differences = 0
      for user in users {
        for combination in combinations {
          for address in addresses {
            let rule = reader.rules.first { $0.matches(user, combination, address) }
            let decision = policy.decide(
              Login(
                user: user, groups: combination, service: "sshd", origin: .address(address),
                time: .now()))
            let isAllowed = !decision.isDenial
            let isAllowedByRules = rule?.allows ?? true
            if isAllowed != isAllowedByRules { differences += 1 }
            #expect(
              isAllowedByRules || !isAllowed,
              "\(user) \(combination) from \(address):\n\(text)\n\(made.policy)")
          }
        }
      }
      let isIncomplete = made.diagnostics.contains { $0.name == "order" }
      if !isIncomplete {
        #expect(differences == 0, "\(text)\n\(made.policy)")
        complete += 1
      } else if groupsInParenthesesOnly {
        // An import that is called incomplete does differ.
        #expect(differences > 0, "\(text)\n\(made.policy)")
      }
    }
    #expect(complete > files / 4)
  }
}

extension Rule {
  /// Whether the rule matches, by going through its words one after the other.
  fileprivate func matches(_ user: Name, _ groups: Set<Name>, _ address: IPAddress) -> Bool {
    guard origins.contains(address) else { return false }
    func matches(_ levels: ArraySlice<UserCondition<Name>.Level>) -> Bool {
      guard let level = levels.first else { return false }
      let isNamed =
        level.everyone || level.users.contains(user) || !level.groups.isDisjoint(with: groups)
      return isNamed && !matches(levels.dropFirst())
    }
    return matches(users.levels[...])
  }
}
