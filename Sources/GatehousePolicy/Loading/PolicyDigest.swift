internal import CMessageDigest

/// The SHA-256 of a policy's files: their names and their content, each with its length before it.
struct PolicyDigest {
  private var context = SHA2_CTX()

  /// The digest in lowercase hexadecimal.
  static func hexadecimal(of snapshot: PolicySnapshot) -> String {
    var digest = PolicyDigest()
    for file in snapshot.policyFiles { digest.update(file.name, file.content) }
    for (name, content) in snapshot.listFiles.sorted(by: { $0.key < $1.key }) {
      digest.update(name, content)
    }
    return digest.finish()
  }

  private init() {
    // SAFETY: libmd writes the context that it is given, and keeps no pointer to it.
    unsafe SHA256Init(&context)
  }

  private mutating func update(_ name: String, _ content: PolicySnapshot.Content) {
    update(Array(name.utf8))
    switch content {
    case .bytes(let bytes): update(bytes)
    case .unreadable: update([])
    }
  }

  private mutating func update(_ bytes: [UInt8]) {
    let length = (0..<8).map { UInt8(truncatingIfNeeded: bytes.count >> (56 - 8 * $0)) }
    // SAFETY: libmd reads as many bytes as it is told of, during the call alone.
    unsafe SHA256Update(&context, length, length.count)
    unsafe SHA256Update(&context, bytes, bytes.count)
  }

  private mutating func finish() -> String {
    var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
    // SAFETY: the buffer has the length of a digest.
    unsafe SHA256Final(&digest, &context)
    return digest.map(GatehousePolicy.hexadecimal).joined()
  }
}
