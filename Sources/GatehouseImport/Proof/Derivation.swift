import GatehousePolicy

/// The lists of a policy that allows what the rules allow, or less; and what is lost.
struct Derivation {
  /// A role that confines its members, and does nothing else.
  struct Confinement: Hashable {
    var groups: Set<Name> = []
    /// By the names in small letters.
    var users: Set<Name> = []
  }

  /// The list of a user or a group.
  enum List: Hashable {
    case alsoFrom(AddressSet)
    case onlyFrom(AddressSet)
  }

  private(set) var everyone = AddressSet.nothing
  private(set) var groups: [Name: List] = [:]
  /// By the names in small letters.
  private(set) var users: [Name: List] = [:]
  /// The members of roles by the `only_from` of each.
  private(set) var confinements: [AddressSet: Confinement] = [:]
  private(set) var remarks: [Remark] = []

  private let rules: [Rule]
  private let subjects: Subjects
  private let groupsInParentheses: Set<Name>
  private var unproved = AddressSet.nothing
  private var proofs: [(addresses: AddressSet, ranges: [AddressRange], proof: ClassProof)] = []

  /// Derives the lists; groups that never stand in parentheses may be none.
  init(_ rules: [Rule], groupsInParentheses: Set<Name>) {
    self.rules = rules
    self.groupsInParentheses = groupsInParentheses
    subjects = Subjects(rules)
    for addressClass in AddressClass.all(of: rules) {
      do {
        let proof = try ClassProof(addressClass.rules, of: subjects)
        proofs.append((addressClass.addresses, addressClass.addresses.ranges, proof))
      } catch {
        giveUp(addressClass)
      }
    }
    everyone = addresses(where: \.base)
    deriveGroups()
    deriveUsers()
    reportLosses()
  }

  /// From addresses of which nothing is proved nobody is allowed.
  private mutating func giveUp(_ addressClass: AddressClass) {
    unproved = unproved.union(addressClass.addresses)
    remarks.append(
      Remark(
        .notSaid, "too_complicated", at: place(of: addressClass.rules.first ?? 0),
        "so many groups decide here that nothing is proved; the policy refuses everybody from"
          + " \(brief(addressClass.addresses))"))
  }

  /// Where the members of a group, or a user, are refused whatever else they are, and where allowed.
  private struct Ranges {
    var refused: [AddressRange] = []
    var allowed: [AddressRange] = []
  }

  private mutating func deriveGroups() {
    var all: [Int: Ranges] = [:]
    for (_, ranges, proof) in proofs {
      for variable in proof.refused {
        for group in proof.variables[variable] {
          all[group, default: Ranges()].refused += ranges
        }
      }
      for variable in proof.also {
        for group in proof.variables[variable] {
          all[group, default: Ranges()].allowed += ranges
        }
      }
    }
    // Where nobody is allowed, it makes no difference who is refused.
    let closed = addresses { $0.policy == .never && !$0.answers.values.contains(.also) }
    for (group, ranges) in all {
      let name = subjects.groups[group]
      let lists = lists(ranges, closed: closed)
      groups[name] = lists.own
      if let role = lists.role { confinements[role, default: Confinement()].groups.insert(name) }
    }
  }

  private mutating func deriveUsers() {
    var all: [Int: Ranges] = [:]
    for (_, ranges, proof) in proofs {
      for (user, answer) in proof.answers {
        switch answer {
        case .same: break
        case .also: all[user, default: Ranges()].allowed += ranges
        case .refused: all[user, default: Ranges()].refused += ranges
        }
      }
    }
    let closed = addresses { $0.policy == .never }
    for (user, ranges) in all {
      let name = subjects.users[user]
      let lists = lists(ranges, closed: closed)
      users[name] = lists.own
      if let role = lists.role { confinements[role, default: Confinement()].users.insert(name) }
    }
  }

  /// How to say where a user or the members of a group are refused and allowed: by a list of their
  /// own, or that and the `only_from` of a role.
  ///
  /// From closed addresses that are not among the allowed, nobody of them is allowed anyway.
  private func lists(_ ranges: Ranges, closed: AddressSet) -> (own: List?, role: AddressSet?) {
    let allowed = AddressSet(ranges.allowed)
    guard !ranges.refused.isEmpty else { return (addition(allowed).map(List.alsoFrom), nil) }
    let most = AddressSet(ranges.refused).complement
    let least = most.subtracting(closed.union(unproved).subtracting(allowed))
    // An `only_from` of their own allows, too; that of a role does not.
    let admitted = everyone.union(allowed)
    if let own = shortest([least, most].filter({ $0.isSubset(of: admitted) })) {
      return (.onlyFrom(own), nil)
    }
    return (addition(allowed).map(List.alsoFrom), shortest([most, least]))
  }

  /// What to write as `also_from` so that these addresses are allowed, besides `everyone`'s, with as
  /// few entries as can be; nil where nothing is needed.
  private func addition(_ addresses: AddressSet) -> AddressSet? {
    let needed = addresses.subtracting(everyone)
    guard !needed.isEmpty else { return nil }
    return shortest([addresses, needed, everyone.union(addresses)])
  }

  /// The set of the fewest runs of addresses, the first of equals.
  private func shortest(_ sets: [AddressSet]) -> AddressSet? {
    sets.map { (set: $0, count: $0.ranges.count) }.min { $0.count < $1.count }?.set
  }

  /// The addresses of the classes for which something holds.
  private func addresses(where holds: (ClassProof) -> Bool) -> AddressSet {
    AddressSet(proofs.filter { holds($0.proof) }.flatMap(\.ranges))
  }
}

extension Derivation {
  /// Reports each rule whose permission is not in the policy for some user, once.
  private mutating func reportLosses() {
    var reported: Set<Int> = []
    for index in proofs.indices {
      var proof = proofs[index].proof
      // Users whom the rules do not tell apart lose the same, maybe by different ones.
      var known: [[Bool]: [ClassProof.Lost]] = [:]
      let users: [Int?] = [nil] + proof.answers.keys.sorted()
      for user in users where !proof.isExact(for: user) {
        let key = proof.occurrence(of: user)
        do {
          let lost = try known[key] ?? proof.lost(by: user)
          known[key] = lost
          for lost in lost {
            // Each rule once: to find what stands in its way takes longest.
            let allowing = proof.decider(user, lost.groups, in: subjects)
            if let allowing, reported.contains(allowing) { continue }
            let loss = proof.loss(lost, by: user, in: subjects)
            let line = loss.allowing ?? loss.refusing?.rule ?? proof.rules.first ?? 0
            guard reported.insert(line).inserted else { continue }
            report(loss, at: line, proofs[index].addresses)
          }
        } catch {
          // The loss is known, only its reason was not found.
          remarks.append(
            Remark(
              .notSaid, "order", at: place(of: proof.rules.first ?? 0),
              "the policy refuses some whom the lines from here on allow from"
                + " \(brief(proofs[index].addresses))"))
        }
      }
    }
  }

  private mutating func report(_ loss: ClassProof.Loss, at line: Int, _ addresses: AddressSet) {
    let who = describe(loss.user, loss.groups)
    let from = "from \(brief(addresses))"
    var text = "the policy refuses \(who) \(from), whom "
    switch (loss.allowing, loss.refusing) {
    case (_?, let refusing?):
      text += "this line allows: \(reference(to: refusing.rule, from: line)) refuses"
      text += " \(describe(refusing.user, refusing.groups)) there"
      text += ", and a policy has no order in which one line could go before another"
    case (_?, nil):
      text += "this line allows: which groups that depends on cannot be said in a policy"
    case (nil, let refusing?):
      text += "no line refuses: this line refuses"
      text += " \(describe(refusing.user, refusing.groups)) there"
      text += ", and a policy cannot say which of several groups goes before"
    case (nil, nil):
      text += "no line refuses: which groups that depends on cannot be said in a policy"
    }
    let named = loss.groups.union(loss.refusing?.groups ?? []).sorted().map { subjects.groups[$0] }
    if let plain = named.first(where: { !groupsInParentheses.contains($0) }) {
      text += " (`\(plain)` is a group only because pam_access takes plain words for groups too,"
      text += " where it is not told nodefgroup)"
    }
    remarks.append(Remark(.notSaid, "order", at: place(of: line), text))
  }

  /// Some users in words: `bob in group staff`.
  private func describe(_ user: Int?, _ groups: Set<Int>) -> String {
    let names = groups.sorted().map { subjects.groups[$0].description }
    let who = user.map { subjects.users[$0].description } ?? "users"
    switch names.count {
    case 0: return user == nil ? "users in none of the groups that are named" : "\(who) in no group"
    case 1: return "\(who) in group \(names[0])"
    default: return "\(who) in groups \(names.joined(separator: " and "))"
    }
  }

  private func reference(to rule: Int, from line: Int) -> String {
    "line \(rules[rule].place.line)"
      + (rules[rule].place.file == rules[line].place.file ? "" : " of another file")
  }

  private func place(of rule: Int) -> Place {
    rules.indices.contains(rule) ? rules[rule].place : Place(file: 0, line: 1)
  }

  /// A set in a few words.
  private func brief(_ addresses: AddressSet) -> String {
    let entries = addresses.entries
    return entries.prefix(3).joined(separator: ", ")
      + (entries.count > 3 ? " and \(entries.count - 3) more" : "")
  }
}
