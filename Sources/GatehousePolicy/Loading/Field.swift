/// A key of a map with its value, and the path that leads to it.
struct Field {
  /// `users.bob.also_from`.
  let path: String
  /// Where the key stands.
  let location: SourceLocation
  let value: Node
}

/// The known keys of a map.
struct Fields<Key: PolicyKey> {
  private var fields: [Key: Field] = [:]

  subscript(key: Key) -> Field? {
    get { fields[key] }
    set { fields[key] = newValue }
  }
}

extension Fields {
  /// The lists among them, each with its row.
  func lists<Setting>() -> [(ListRow, Field)] where Key == ScopeKey<Setting> {
    fields.compactMap { key, field in
      switch key {
      case .list(let row): (row, field)
      case .setting: nil
      }
    }
  }
}
