/// The SHA-256 of a policy's files: their names and their content, each with its length before it.
struct PolicyDigest {
  private var hash = SHA256()

  /// The digest in lowercase hexadecimal.
  static func hexadecimal(of snapshot: PolicySnapshot) -> String {
    var digest = PolicyDigest()
    for file in snapshot.policyFiles { digest.update(file.name, file.content) }
    for (name, content) in snapshot.listFiles.sorted(by: { $0.key < $1.key }) {
      digest.update(name, content)
    }
    return digest.hash.finish().map(GatehousePolicy.hexadecimal).joined()
  }

  private mutating func update(_ name: String, _ content: PolicySnapshot.Content) {
    update(Array(name.utf8))
    switch content {
    case .bytes(let bytes): update(bytes)
    case .unreadable: update([])
    }
  }

  private mutating func update(_ bytes: [UInt8]) {
    hash.update((0..<8).map { UInt8(truncatingIfNeeded: bytes.count >> (56 - 8 * $0)) })
    hash.update(bytes)
  }
}
