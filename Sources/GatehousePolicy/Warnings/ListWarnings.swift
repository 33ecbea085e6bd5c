extension WarningFinder {
  /// `hidden_rule`: an `also_from` that adds nothing to any base list.
  func hiddenAdditions() -> [Diagnostic] {
    let everyone = rules.everyone.lists.base?.addresses(at: now) ?? .everything
    let common = rules.services.values.compactMap { $0.lists.base?.addresses(at: now) }
      .reduce(everyone) { $0.intersection($1) }
    let bases = [rules.everyone.lists.base] + rules.services.values.map(\.lists.base)
    let commonHoldsMachine = bases.allSatisfy { $0?.contains(.machine, at: now) ?? true }
    // Many lists may share a large table: each is looked at once.
    var verdicts: [ObjectIdentifier: Bool] = [:]
    func isCommon(_ table: AddressTable) -> Bool {
      if let verdict = verdicts[ObjectIdentifier(table)] { return verdict }
      let verdict =
        table.set.isSubset(of: common) && (!table.holdsMachine || commonHoldsMachine)
      verdicts[ObjectIdentifier(table)] = verdict
      return verdict
    }
    return rules.lists.filter { list in
      list.effect == .adds && !list.isEmpty(at: now)
        && list.timedSets.allSatisfy { !$0.window.contains(now) || isCommon($0.table) }
    }.map { list in
      warning(
        .hiddenRule, list.location,
        "\(list.path) adds nothing: "
          + (rules.everyone.lists.base == nil
            ? "there is no everyone.from, so every address is allowed already"
            : "all of it is in everyone.from already"),
        remedy: "use only_from to confine")
    }
  }

  /// `blocked_entry`: an entry all of which `block` denies.
  func blockedEntries() -> [Diagnostic] {
    let blocked = rules.block.reduce(AddressSet.nothing) { $0.union($1.addresses(at: now)) }
    let isMachineBlocked = rules.block.contains { $0.contains(.machine, at: now) }
    guard !blocked.isEmpty || isMachineBlocked else { return [] }
    return rules.lists.filter(\.effect.isBlocked).flatMap { list in
      list.entries.filter { entry in
        let tables = tables(of: entry)
        return !tables.isEmpty
          && tables.allSatisfy {
            $0.set.isSubset(of: blocked) && (!$0.holdsMachine || isMachineBlocked)
          }
      }.map { entry in
        warning(
          .blockedEntry, entry.location,
          "\(shown(entry)) in \(list.path) allows nothing: block denies all of it",
          remedy: "remove it here or from block")
      }
    }
  }

  /// `blocks_everyone`: a `block` that denies all addresses of a family.
  func blockedEverything() -> [Diagnostic] {
    rules.block.flatMap(\.entries).filter { entry in
      let addresses = tables(of: entry).reduce(AddressSet.nothing) { $0.union($1.set) }
      return [IPAddress.Family.ipv4, .ipv6].contains {
        AddressSet.everything(of: $0).isSubset(of: addresses)
      }
    }.map { entry in
      warning(
        .blocksEveryone, entry.location,
        "\(shown(entry)) in block denies every address except to break-glass users",
        remedy: "to allow a few places only, use everyone.from")
    }
  }
}

extension WarningFinder {
  /// `unreachable_list`: a list outside the `only_from` of a role that confines it in any case.
  ///
  /// A role's own `from`, and the lists of the users that the role names.
  func confinedLists() -> [Diagnostic] {
    rules.roles.flatMap { _, rule -> [Diagnostic] in
      guard let confinement = rule.lists.first(where: \.effect.confines),
        !confinement.isEmpty(from: now)
      else { return [] }
      let held = confinement.timedSets.filter { $0.window.until > now }
        .reduce(AddressSet.nothing) { $0.union($1.table.set) }
      let holdsMachine = confinement.timedSets.contains {
        $0.window.until > now && $0.table.holdsMachine
      }
      // Many lists may share a large table: each is looked at once.
      var verdicts: [ObjectIdentifier: Bool] = [:]
      func isOutside(_ table: AddressTable) -> Bool {
        if let verdict = verdicts[ObjectIdentifier(table)] { return verdict }
        let verdict =
          table.set.intersection(held).isEmpty && !(table.holdsMachine && holdsMachine)
        verdicts[ObjectIdentifier(table)] = verdict
        return verdict
      }
      let users = rule.members.users.compactMap { rules.users[$0] }
      let lists = (rule.allLists + users.flatMap(\.allLists)).filter(\.effect.admits)
      return lists.filter { list in
        !list.isEmpty(from: now)
          && list.timedSets.allSatisfy { $0.window.until <= now || isOutside($0.table) }
      }.map { list in
        warning(
          .unreachableList, list.location,
          "\(list.path) can never match: \(confinement.path) "
            + "(\(confinement.location.fileAndLine)) confines to other addresses",
          remedy: "let the two lists overlap")
      }
    }
  }

  /// `hidden_rule`: an `only_from` of a service or role that confines to every origin.
  func idleConfinements() -> [Diagnostic] {
    rules.lists.filter { list in
      list.effect == .confines && list.contains(.machine, at: now)
        && AddressSet.everything.isSubset(of: list.addresses(at: now))
    }.map { list in
      warning(
        .hiddenRule, list.location, "\(list.path) confines nothing: it holds every address",
        remedy: "leave the key out")
    }
  }
}

extension WarningFinder {
  /// `unreachable_list`: a list that holds no address from now on, and does not say so by `nowhere`.
  func unreachableLists() -> [Diagnostic] {
    rules.lists.filter { list in
      list.isEmpty(from: now) && !list.entries.allSatisfy(\.isNowhere)
        && !list.entries.contains(where: isToBeGot)
    }.map { list in
      warning(
        .unreachableList, list.location,
        "\(list.path) can never match: every entry is inactive, expired or empty",
        remedy: "write [nowhere] if that is meant")
    }
  }

  /// Whether an entry names a network that is got from elsewhere, and may hold something later.
  private func isToBeGot(_ entry: ListEntry) -> Bool {
    guard entry.isActive, !entry.window.isOver(by: now), case .network(let name) = entry.content
    else {
      return false
    }
    return rules.networks[name]?.lastingSets != nil
  }

  /// `empty_role`: a role that nobody can be a member of.
  func emptyRoles() -> [Diagnostic] {
    rules.roles.filter { $0.value.members.users.isEmpty && $0.value.members.groups.isEmpty }
      .map { name, role in
        warning(
          .emptyRole, role.location, "the role `\(name)` has no members",
          remedy: "give it members: {groups: […], users: […]}")
      }
  }
}

extension ListEntry {
  fileprivate var isNowhere: Bool {
    if case .nowhere = content { true } else { false }
  }
}

extension WarningFinder {
  /// `hidden_rule`: a `new_places` though nobody is spared by a place.
  func idleNewPlaces() -> [Diagnostic] {
    guard let factor = rules.secondFactor, let location = factor.newPlaces, factor.lists.isEmpty
    else { return [] }
    return [
      warning(
        .hiddenRule, location,
        "second_factor.new_places changes nothing: without a not_from nobody is spared by a place",
        remedy: "write not_from: [anywhere] to ask from new places alone")
    ]
  }
}

extension WarningFinder {
  /// `hidden_rule`: an `authorize` by which no code can be asked for, from any address.
  func idleAuthorization() -> [Diagnostic] {
    guard let from = rules.code?.from, from.entries.allSatisfy(\.holdsNoAddress) else { return [] }
    return [
      warning(
        .hiddenRule, from.location,
        "authorize changes nothing: authorize.from holds no address, and only from one a place is "
          + "authorised",
        remedy: "list addresses, or leave `from` out to mean every one")
    ]
  }

  /// `hidden_rule`: a user of `authorize.users` to whom no code can travel.
  func unreachableUsers() -> [Diagnostic] {
    guard let code = rules.code else { return [] }
    return code.settings.users.sorted().filter { code.way(to: $0) == nil }.map { user in
      let isListed = if case .addresses = code.settings.way { true } else { false }
      return warning(
        .hiddenRule, code.settings.location,
        "`\(user)` of authorize.users is sent no code: "
          + (isListed
            ? "the file of addresses does not have them"
            : "authorize.mail with that name is not a mail address"),
        remedy: isListed ? "add them to that file" : "write addresses: and a file of addresses")
    }
  }
}

extension ListEntry {
  /// Whether it holds no address whatever the time, as the words `nowhere` and `self`.
  fileprivate var holdsNoAddress: Bool {
    switch content {
    case .nowhere, .machine: true
    case .range, .anywhere, .local, .network, .file: false
    }
  }
}
