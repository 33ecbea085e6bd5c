/// The SHA-256 of a policy's files: their names and their content, each with its length before it.
struct PolicyDigest: Sendable {
  private var hash = SHA256()
  /// How many bytes it has taken in, of those that all files make one after the other.
  private var count = 0

  /// The digest in lowercase hexadecimal.
  static func hexadecimal(of snapshot: PolicySnapshot) -> String {
    PolicyDigest().hexadecimal(of: snapshot)
  }

  /// Whether so many bytes take long enough for a thread of their own.
  static func isLong(_ count: Int) -> Bool { count > 1 << 18 }

  /// Nothing yet.
  init() {}

  /// All policy files, and all but the content of the first of the lists, which has so many bytes.
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

  /// The digest of files of which it may have taken in the first bytes already, in lowercase
  /// hexadecimal.
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
