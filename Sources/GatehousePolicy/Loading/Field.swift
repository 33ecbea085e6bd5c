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
