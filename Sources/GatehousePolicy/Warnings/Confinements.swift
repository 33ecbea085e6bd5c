extension PolicyCheck {
  /// `unreachable_list`: a list outside the `only_from` of a role that confines it in any case.
  ///
  /// A role's own `from`, and the lists of the users that the role names.
  func confinedLists() -> [Diagnostic] {
    rules.roles.flatMap { _, rule -> [Diagnostic] in
      guard let confinement = rule.lists.all.first(where: \.effect.confines),
        !confinement.isEmpty(from: now)
      else { return [] }
      let held = confinement.terms.filter { $0.window.until > now }
        .reduce(AddressSet.nothing) { $0.union($1.table.set) }
      // Many lists may share a large table: each is looked at once.
      var verdicts: [ObjectIdentifier: Bool] = [:]
      func isOutside(_ table: AddressTable) -> Bool {
        if let verdict = verdicts[ObjectIdentifier(table)] { return verdict }
        let verdict = table.set.intersection(held).isEmpty
        verdicts[ObjectIdentifier(table)] = verdict
        return verdict
      }
      let users = rule.members.users.compactMap { rules.users[$0] }
      let lists = (rule.lists.all + users.flatMap(\.lists.all)).filter(\.effect.admits)
      return lists.filter { list in
        !list.isEmpty(from: now)
          && list.terms.allSatisfy { $0.window.until <= now || isOutside($0.table) }
      }.map { list in
        warning(
          .unreachableList, list.location,
          "\(list.path) can never match: \(confinement.path) "
            + "(\(confinement.location.fileAndLine)) confines to other addresses",
          remedy: "have one of the two hold addresses of the other")
      }
    }
  }

  /// `hidden_rule`: an `only_from` of a service or role that confines to every address.
  func idleConfinements() -> [Diagnostic] {
    rules.lists.filter { list in
      list.effect == .confines && AddressSet.everything.isSubset(of: list.addresses(at: now))
    }.map { list in
      warning(
        .hiddenRule, list.location, "\(list.path) confines nothing: it holds every address",
        remedy: "leave the key out")
    }
  }
}
