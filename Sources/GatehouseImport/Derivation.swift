import GatehousePolicy

/// The lists of the policy that comes closest to the rules without allowing more, and what is lost.
struct Derivation {
  /// The members of a role that has only an `only_from`, or those of `local`.
  struct Members: Hashable {
    var groups: Set<Name> = []
    /// User names in lower case.
    var users: Set<Name> = []
  }

  /// The list of a user or a group.
  enum List: Hashable {
    case alsoFrom(AddressSet)
    case onlyFrom(AddressSet)
  }

  private(set) var everyone = AddressSet.nothing
  private(set) var groups: [Name: List] = [:]
  /// By the user names in lower case.
  private(set) var users: [Name: List] = [:]
  /// The members of each role, by its `only_from`.
  private(set) var roles: [AddressSet: Members] = [:]
  /// Who may log in on the console, besides root; nil if everybody may.
  private(set) var local: Members?
  private(set) var diagnostics: [LocatedDiagnostic] = []

  private let rules: [Rule]
  private let numberedRules: NumberedRules
  private let groupsInParentheses: Set<Name>?
  /// The addresses for which the proof was given up.
  private var unproved = AddressSet.nothing
  private var proofs: [(addresses: AddressSet, ranges: [AddressRange], proof: ClassProof)] = []

  /// Derives the lists from the rules.
  ///
  /// A name that is never in parentheses may be meant as a user only; diagnostics say so. Nil if the
  /// file tells users from groups anyway.
  init(_ rules: [Rule], groupsInParentheses: Set<Name>?) {
    self.rules = rules
    self.groupsInParentheses = groupsInParentheses
    numberedRules = NumberedRules(rules)
    for addressClass in AddressClass.all(of: rules) {
      do {
        let proof = try ClassProof(addressClass.rules, of: numberedRules)
        proofs.append((addressClass.addresses, addressClass.addresses.ranges, proof))
      } catch {
        giveUp(addressClass)
      }
    }
    everyone = addresses(where: \.everyoneIsAllowed)
    deriveGroups()
    deriveUsers()
    deriveLocal()
    reportLosses()
  }

  private mutating func deriveLocal() {
    do {
      let proof = try ConsoleProof(rules, numberedRules)
      local = proof.members
      if let rule = proof.openingRule {
        diagnostics.append(
          LocatedDiagnostic(
            .error, "console", at: location(of: rule),
            "the policy lets everybody log in on the console, and this line refuses some there: a"
              + " policy names who may (local: {groups: [wheel]}), not who may not"))
      }
      guard let rule = proof.lossyRule else { return }
      diagnostics.append(
        LocatedDiagnostic(
          .notImported, "console", at: location(of: rule),
          "the policy refuses some users on the console whom this line allows there: "
            + (proof.differ
              ? "it does not tell one terminal from another"
              : "it names who may log in there, and in a policy no line comes before another")))
    } catch {
      local = Members()
      diagnostics.append(
        LocatedDiagnostic(
          .notImported, "too_complicated", at: location(of: 0),
          "who may log in on the console depends on too many groups to be analysed; the policy"
            + " refuses everybody there but root"))
    }
  }

  /// Allows nobody from addresses for which there is no proof.
  private mutating func giveUp(_ addressClass: AddressClass) {
    unproved = unproved.union(addressClass.addresses)
    diagnostics.append(
      LocatedDiagnostic(
        .notImported, "too_complicated", at: location(of: addressClass.rules.first ?? 0),
        "the lines from here on depend on too many groups to be analysed; the policy refuses"
          + " everybody from \(brief(addressClass.addresses))"))
  }

  /// From where a user or the members of a group are refused, whatever other groups they are in, and
  /// from where they are allowed.
  private struct Ranges {
    var refused: [AddressRange] = []
    var allowed: [AddressRange] = []
  }

  private mutating func deriveGroups() {
    var all: [Int: Ranges] = [:]
    for (_, ranges, proof) in proofs {
      for variable in proof.refusedVariables {
        for group in proof.variables[variable] {
          all[group, default: Ranges()].refused += ranges
        }
      }
      for variable in proof.allowedVariables {
        for group in proof.variables[variable] {
          all[group, default: Ranges()].allowed += ranges
        }
      }
    }
    // From where nobody is allowed, it makes no difference who is refused.
    let closed = addresses { $0.policy == .never && !$0.ownLists.values.contains(.allows) }
    for (group, ranges) in all {
      let name = numberedRules.groups[group]
      let lists = lists(ranges, closed: closed)
      groups[name] = lists.own
      if let role = lists.role { roles[role, default: Members()].groups.insert(name) }
    }
  }

  private mutating func deriveUsers() {
    var all: [Int: Ranges] = [:]
    for (_, ranges, proof) in proofs {
      for (user, ownList) in proof.ownLists {
        switch ownList {
        case .absent: break
        case .allows: all[user, default: Ranges()].allowed += ranges
        case .refuses: all[user, default: Ranges()].refused += ranges
        }
      }
    }
    let closed = addresses { $0.policy == .never }
    for (user, ranges) in all {
      let name = numberedRules.users[user]
      let lists = lists(ranges, closed: closed)
      users[name] = lists.own
      if let role = lists.role { roles[role, default: Members()].users.insert(name) }
    }
  }

  /// The lists that refuse and allow a user or the members of a group from these addresses: a list of
  /// their own, the `only_from` of a role, or both.
  ///
  /// Nobody is allowed from the closed addresses, except from those that are in `ranges.allowed`.
  private func lists(_ ranges: Ranges, closed: AddressSet) -> (own: List?, role: AddressSet?) {
    let allowed = AddressSet(ranges.allowed)
    guard !ranges.refused.isEmpty else { return (addition(allowed).map(List.alsoFrom), nil) }
    let unrefused = AddressSet(ranges.refused).complement
    // Leaving out what is closed to them anyway changes nothing.
    let unrefusedAndOpen = unrefused.subtracting(closed.union(unproved).subtracting(allowed))
    // A user's or group's own `only_from` also allows what it holds; that of a role does not.
    let admitted = everyone.union(allowed)
    if let own = shortest([unrefusedAndOpen, unrefused].filter({ $0.isSubset(of: admitted) })) {
      return (.onlyFrom(own), nil)
    }
    return (addition(allowed).map(List.alsoFrom), shortest([unrefused, unrefusedAndOpen]))
  }

  /// The shortest `also_from` that, added to `everyone.from`, allows these addresses and nothing else;
  /// nil if `everyone.from` allows them already.
  private func addition(_ addresses: AddressSet) -> AddressSet? {
    let needed = addresses.subtracting(everyone)
    guard !needed.isEmpty else { return nil }
    return shortest([addresses, needed, everyone.union(addresses)])
  }

  /// The set with the fewest ranges, the first of equals; nil if there is no set.
  private func shortest(_ sets: [AddressSet]) -> AddressSet? {
    sets.map { (set: $0, count: $0.ranges.count) }.min { $0.count < $1.count }?.set
  }

  /// The addresses of the classes whose proof satisfies a condition.
  private func addresses(where holds: (ClassProof) -> Bool) -> AddressSet {
    AddressSet(proofs.filter { holds($0.proof) }.flatMap(\.ranges))
  }
}

extension Derivation {
  /// Reports each rule that allows a user whom the policy does not allow, once.
  private mutating func reportLosses() {
    var reported: Set<Int> = []
    for index in proofs.indices {
      var proof = proofs[index].proof
      // Users whom the rules do not tell apart have the same losses, though maybe by other rules.
      var known: [[Bool]: [ClassProof.LossExample]] = [:]
      let users: [Int?] = [nil] + proof.ownLists.keys.sorted()
      for user in users where !proof.isExact(for: user) {
        let key = proof.occurrence(of: user)
        do {
          let losses = try known[key] ?? proof.losses(of: user)
          known[key] = losses
          for loss in losses {
            // Finding what stands in the way takes longest, so it is not done twice for a rule.
            let allowing = proof.decidingRule(user, loss.groups, in: numberedRules)
            if let allowing, reported.contains(allowing) { continue }
            let explanation = proof.explanation(of: loss, of: user, in: numberedRules)
            let rule =
              explanation.allowing ?? explanation.refusing?.rule ?? proof.rules.first ?? 0
            guard reported.insert(rule).inserted else { continue }
            report(explanation, at: rule, proofs[index].addresses)
          }
        } catch {
          // That something is lost is known; only its reason was not found.
          diagnostics.append(
            LocatedDiagnostic(
              .notImported, "order", at: location(of: proof.rules.first ?? 0),
              "the policy refuses some users whom the lines from here on allow from"
                + " \(brief(proofs[index].addresses))"))
        }
      }
    }
  }

  private mutating func report(
    _ loss: ClassProof.LossExplanation, at rule: Int, _ addresses: AddressSet
  ) {
    let who = describe(loss.user, loss.groups)
    var text = "the policy refuses \(who) from \(brief(addresses)), but "
    switch (loss.allowing, loss.refusing) {
    case (_?, let refusing?):
      text += "this line allows them: \(reference(to: refusing.rule, from: rule)) refuses"
      text += " \(describe(refusing.user, refusing.groups)) there"
      text += ", and in a policy no line comes before another"
    case (_?, nil):
      text += "this line allows them: a policy cannot say which groups that depends on"
    case (nil, let refusing?):
      text += "no line refuses them: this line refuses"
      text += " \(describe(refusing.user, refusing.groups)) there"
      text += ", and a policy cannot say which of several groups takes precedence"
    case (nil, nil):
      text += "no line refuses them: a policy cannot say which groups that depends on"
    }
    let named = loss.groups.union(loss.refusing?.groups ?? []).sorted()
      .map { numberedRules.groups[$0] }
    if let groupsInParentheses,
      let plain = named.first(where: { !groupsInParentheses.contains($0) })
    {
      text += " (`\(plain)` counts as a group only because pam_access, without nodefgroup, takes"
      text += " plain words as groups too)"
    }
    diagnostics.append(LocatedDiagnostic(.notImported, "order", at: location(of: rule), text))
  }

  /// Some users in words: `bob in group staff`.
  private func describe(_ user: Int?, _ groups: Set<Int>) -> String {
    let names = groups.sorted().map { numberedRules.groups[$0].description }
    let who = user.map { numberedRules.users[$0].description } ?? "users"
    switch names.count {
    case 0: return user == nil ? "users in none of the named groups" : "\(who) in no group"
    case 1: return "\(who) in group \(names[0])"
    default: return "\(who) in groups \(names.joined(separator: " and "))"
    }
  }

  private func reference(to rule: Int, from other: Int) -> String {
    "line \(rules[rule].location.line)"
      + (rules[rule].location.file == rules[other].location.file ? "" : " of another file")
  }

  private func location(of rule: Int) -> LineLocation {
    rules.indices.contains(rule) ? rules[rule].location : LineLocation(file: 0, line: 1)
  }

  /// The first three entries of a set, and how many more there are.
  private func brief(_ addresses: AddressSet) -> String {
    let entries = addresses.entries
    return entries.prefix(3).joined(separator: ", ")
      + (entries.count > 3 ? " and \(entries.count - 3) more" : "")
  }
}
