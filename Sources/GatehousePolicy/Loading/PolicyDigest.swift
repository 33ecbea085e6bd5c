internal import CMessageDigest

/// The SHA-256 of a policy's files: their names and their content, each with its length before it.
struct PolicyDigest: Sendable {
  private var hash = SHA256()
  /// How many bytes it has taken in so far.
  private var count = 0

  /// The digest in lowercase hexadecimal.
  static func hexadecimal(of snapshot: PolicySnapshot) -> String {
    PolicyDigest().hexadecimal(of: snapshot)
  }

  /// Whether this many bytes are worth a thread of their own.
  static func isLong(_ count: Int) -> Bool { count > 1 << 18 }

  /// A digest that has taken in nothing.
  init() {}

  /// All policy files, and the name and length of the first list, but not its content.
  init(_ policyFiles: [PolicySnapshot.File], firstList name: String, length: Int) {
    let snapshot = PolicySnapshot(policyFiles: policyFiles)
    for piece in Self.pieces(of: snapshot) + Self.pieces(name: name) + [Self.bytes(of: length)] {
      take(piece.span)
    }
  }

  /// Takes in the next bytes of the list that is being read.
  mutating func take(_ bytes: Span<UInt8>) {
    hash.update(bytes)
    count += bytes.count
  }

  /// The digest of the files in lowercase hexadecimal; it may have taken in their first bytes
  /// already.
  consuming func hexadecimal(of snapshot: PolicySnapshot) -> String {
    var known = count
    for piece in Self.pieces(of: snapshot) {
      hash.update(piece.span.extracting(droppingFirst: min(known, piece.count)))
      known = max(0, known - piece.count)
    }
    return hash.finish().map(GatehousePolicy.hexadecimal).joined()
  }

  /// The bytes that are taken in, one after the other.
  private static func pieces(of snapshot: PolicySnapshot) -> [[UInt8]] {
    let lists = snapshot.listFiles.sorted { $0.key < $1.key }
    let files =
      snapshot.policyFiles.map { ($0.name, $0.content) } + lists.map { ($0.key, $0.value) }
    return files.flatMap { name, content in
      let bytes = if case .bytes(let bytes) = content { bytes } else { [UInt8]() }
      return pieces(name: name) + [Self.bytes(of: bytes.count), bytes]
    }
  }

  private static func pieces(name: String) -> [[UInt8]] {
    [bytes(of: name.utf8.count), Array(name.utf8)]
  }

  /// A length as eight bytes, the highest first.
  private static func bytes(of length: Int) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: length >> (56 - 8 * $0)) }
  }
}

/// The SHA-256 of bytes that are given piece by piece (libmd).
public struct SHA256: Sendable {
  private var context = SHA2_CTX()

  /// A digest that has taken in nothing.
  public init() {
    // SAFETY: libmd writes the context that it is given, and keeps no pointer to it.
    unsafe SHA256Init(&context)
  }

  /// The digest of bytes that are all in memory.
  public static func digest(of bytes: [UInt8]) -> [UInt8] {
    var hash = SHA256()
    hash.update(bytes.span)
    return hash.finish()
  }

  /// Takes in more.
  public mutating func update(_ bytes: Span<UInt8>) {
    // SAFETY: libmd reads exactly `count` bytes, and only during the call.
    unsafe bytes.withUnsafeBufferPointer { bytes in
      unsafe SHA256Update(&context, bytes.baseAddress, bytes.count)
    }
  }

  /// The digest of all that was taken in, 32 bytes.
  ///
  /// Call it once.
  public mutating func finish() -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
    // SAFETY: the buffer has the length of a digest.
    unsafe SHA256Final(&digest, &context)
    return digest
  }
}
