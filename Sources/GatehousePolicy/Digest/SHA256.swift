internal import CMessageDigest

/// The SHA-256 of bytes that come piece by piece (libmd).
public struct SHA256: Sendable {
  private var context = SHA2_CTX()

  /// Nothing yet.
  public init() {
    // SAFETY: libmd writes the context that it is given, and keeps no pointer to it.
    unsafe SHA256Init(&context)
  }

  /// The digest of bytes that are there at once.
  public static func digest(of bytes: [UInt8]) -> [UInt8] {
    var hash = SHA256()
    hash.update(bytes.span)
    return hash.finish()
  }

  /// Takes in more.
  public mutating func update(_ bytes: Span<UInt8>) {
    // SAFETY: libmd reads as many bytes as it is told of, during the call alone.
    unsafe bytes.withUnsafeBufferPointer { bytes in
      unsafe SHA256Update(&context, bytes.baseAddress, bytes.count)
    }
  }

  /// The digest of all that was taken in, 32 bytes; to be called once.
  public mutating func finish() -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
    // SAFETY: the buffer has the length of a digest.
    unsafe SHA256Final(&digest, &context)
    return digest
  }
}
