import GatehousePolicy

/// The lists of a policy that allows what the rules allow, or less; and what is lost.
struct Derivation {
  /// The list of a user or a group.
  enum List: Hashable {
    case alsoFrom(AddressSet)
    case onlyFrom(AddressSet)
  }

  private(set) var everyone = AddressSet.nothing
  private(set) var groups: [Name: List] = [:]
  /// By the names in small letters.
  private(set) var users: [Name: List] = [:]
  private(set) var remarks: [Remark] = []

  private let rules: [Rule]
  private let subjects: Subjects
  private let groupsInParentheses: Set<Name>
  private var confinedGroups: Set<Int> = []
  private var proofs: [(addresses: AddressSet, proof: ClassProof)] = []

  /// Derives the lists; groups that never stand in parentheses may be none.
  init(_ rules: [Rule], groupsInParentheses: Set<Name>) {
    self.rules = rules
    self.groupsInParentheses = groupsInParentheses
    subjects = Subjects(rules)
    let classes = AddressClass.all(of: rules)
    var provable: [AddressClass] = []
    for addressClass in classes {
      do {
        var proof = try ClassProof(rules: addressClass.rules, of: subjects, confinedGroups: [])
        confinedGroups.formUnion(try proof.refusingGroups())
        provable.append(addressClass)
      } catch {
        giveUp(addressClass)
      }
    }
    for addressClass in provable {
      do {
        var proof = try ClassProof(
          rules: addressClass.rules, of: subjects, confinedGroups: confinedGroups)
        try proof.solve()
        proofs.append((addressClass.addresses, proof))
      } catch {
        giveUp(addressClass)
      }
    }
    everyone = addresses { $0.base }
    deriveGroups()
    let ownLists = deriveUsers()
    reportLosses(ownLists)
  }

  /// Addresses of which nothing is proved are in no list.
  private mutating func giveUp(_ addressClass: AddressClass) {
    remarks.append(
      Remark(
        .notSaid, "too_complicated", at: place(of: addressClass.rules.first ?? 0),
        "so many groups decide here that nothing is proved; the policy refuses everybody from"
          + " \(brief(addressClass.addresses))"))
  }

  /// The addresses of the classes for which something holds.
  private func addresses(where holds: (ClassProof) -> Bool) -> AddressSet {
    AddressSet(proofs.filter { holds($0.proof) }.flatMap(\.addresses.ranges))
  }

  private mutating func deriveGroups() {
    var named: [Int: (all: [AddressRange], allowed: [AddressRange])] = [:]
    for (addresses, proof) in proofs {
      for isConfined in [false, true] {
        for (variable, members) in proof.namedGroups(confined: isConfined) {
          let isAllowed =
            isConfined ? !proof.refused.contains(variable) : proof.also.contains(variable)
          for group in members {
            named[group, default: ([], [])].all += addresses.ranges
            if isAllowed { named[group, default: ([], [])].allowed += addresses.ranges }
          }
        }
      }
    }
    let elsewhere = addresses { $0.othersAreAllowed }
    for (group, ranges) in named {
      let name = subjects.groups[group]
      let allowed = AddressSet(ranges.allowed)
      if confinedGroups.contains(group) {
        groups[name] = .onlyFrom(elsewhere.subtracting(AddressSet(ranges.all)).union(allowed))
      } else if let list = addition(allowed) {
        groups[name] = .alsoFrom(list)
      }
    }
  }

  /// What to write as `also_from` so that these addresses are allowed, besides `everyone`'s, with as
  /// few entries as can be; nil where nothing is needed.
  private func addition(_ addresses: AddressSet) -> AddressSet? {
    let needed = addresses.subtracting(everyone)
    guard !needed.isEmpty else { return nil }
    return [addresses, needed, everyone.union(addresses)].min {
      $0.entries.count < $1.entries.count
    }
  }

  /// Derives the lists of users; returns the users that have an `only_from`.
  private mutating func deriveUsers() -> Set<Int> {
    var answers: [Int: [(addresses: AddressSet, answer: ClassProof.UserAnswer, others: Bool)]] = [:]
    for (addresses, proof) in proofs {
      for (user, answer) in proof.answers {
        answers[user, default: []].append((addresses, answer, proof.answer.onlyIsExact))
      }
    }
    let inexact = proofs.count { !$0.proof.answer.onlyIsExact }
    let elsewhere = addresses { $0.answer.only }
    var result: Set<Int> = []
    for (user, answers) in answers {
      let name = subjects.users[user]
      let onlyIsExact =
        answers.allSatisfy(\.answer.onlyIsExact) && inexact == answers.count { !$0.others }
      if answers.allSatisfy(\.answer.alsoIsSafe),
        answers.allSatisfy(\.answer.alsoIsExact) || !onlyIsExact
      {
        let also = AddressSet(answers.filter(\.answer.also).flatMap(\.addresses.ranges))
        if let list = addition(also) { users[name] = .alsoFrom(list) }
      } else {
        let all = AddressSet(answers.flatMap(\.addresses.ranges))
        let only = AddressSet(answers.filter(\.answer.only).flatMap(\.addresses.ranges))
        users[name] = .onlyFrom(elsewhere.subtracting(all).union(only))
        result.insert(user)
      }
    }
    return result
  }
}

extension Derivation {
  /// Reports each rule whose permission is not in the policy for some user, once.
  private mutating func reportLosses(_ ownLists: Set<Int>) {
    var reported: Set<Int> = []
    for index in proofs.indices {
      var proof = proofs[index].proof
      let named = Set(proof.answers.keys)
      let subjects: [(user: Int?, hasOwnList: Bool)] =
        [(nil, false)] + named.union(ownLists).sorted().map { ($0, ownLists.contains($0)) }
      // Users whom the rules do not tell apart lose the same, maybe by different ones.
      var known: [[Bool]: [ClassProof.Lost]] = [:]
      for (user, hasOwnList) in subjects where !isExact(proof, user, hasOwnList) {
        let key = proof.occurrence(of: user) + [hasOwnList]
        do {
          let lost = try known[key] ?? proof.lost(by: user, hasOwnList: hasOwnList)
          known[key] = lost
          for lost in lost {
            let loss = proof.loss(lost, by: user, in: self.subjects)
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

  private func isExact(_ proof: ClassProof, _ user: Int?, _ hasOwnList: Bool) -> Bool {
    let answer = user.flatMap { proof.answers[$0] } ?? proof.answer
    return hasOwnList ? answer.onlyIsExact : answer.alsoIsExact
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
