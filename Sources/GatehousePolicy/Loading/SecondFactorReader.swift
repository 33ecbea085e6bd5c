// Reads `second_factor`.

extension PolicyLoader {
  mutating func readSecondFactor() {
    guard let field = single(.secondFactor),
      let fields = decoder.fields(
        of: field.value, path: field.path, at: field.location, SecondFactorKey.self)
    else { return }
    var factor = SecondFactorRules(location: field.location)
    factor.notFrom = lists(fields, of: .secondFactor())[.notFrom]
    if let newPlaces = fields[.setting(.newPlaces)],
      decoder.choice(newPlaces, of: NewPlaces.allCases) != nil
    {
      factor.newPlaces = newPlaces.location
    }
    factor.users = rules(fields[.setting(.users)], of: .user)
    factor.groups = rules(fields[.setting(.groups)], of: .group)
    factor.roles = rules(fields[.setting(.roles)], of: .role)
    rules.secondFactor = factor
  }

  /// What the users, groups or roles have of their own.
  private mutating func rules(
    _ field: PolicyField?, of kind: FactorSubject.Kind
  ) -> [Name: FactorRule] {
    guard let field, let entries = decoder.namedFields(of: field) else { return [:] }
    var found: [Name: FactorRule] = [:]
    for (name, field) in entries {
      switch kind {
      case .user: rules.mentions.mention(user: name, at: field.location)
      case .group: rules.mentions.mention(group: name, at: field.location)
      case .role: checkRole(name, at: field.location)
      }
      found[name] = rule(field, of: FactorSubject(kind, name))
    }
    return found
  }

  /// A word, or a map with a list.
  private mutating func rule(_ field: PolicyField, of subject: FactorSubject) -> FactorRule? {
    switch field.value.kind {
    case .mapping(let pairs) where !pairs.isEmpty:
      guard
        let fields = decoder.fields(
          of: field.value, path: field.path, at: field.location,
          ScopeKey<NoSetting<SecondFactorSetting>>.self),
        let list = lists(fields, of: .secondFactor(subject))[.notFrom]
      else { return nil }
      return FactorRule(.notFrom(list), of: subject, at: list.location)
    case .sequence(let items):
      let texts = items.map { item in
        if case .scalar(let scalar) = item.kind { "\(scalar.name)" } else { "…" }
      }
      log.error(
        .wrongKind, field.value.location,
        "\(field.path) must be always, never or a map, and this is \(field.value.kindInWords)",
        remedy: "write {not_from: [\(texts.isEmpty ? "nowhere" : texts.joined(separator: ", "))]}")
      return nil
    case .mapping, .scalar, .invalid:
      switch decoder.choice(field, of: FactorWord.allCases) {
      case .always?: return FactorRule(.always, of: subject, at: field.location)
      case .never?: return FactorRule(.never, of: subject, at: field.location)
      case nil: return nil
      }
    }
  }
}
