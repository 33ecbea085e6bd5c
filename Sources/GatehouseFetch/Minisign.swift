internal import CSodium

/// A public key of minisign, and what it says of a file and its signature.
struct MinisignKey {
  /// Which key it is, as a signature names it.
  private let id: [UInt8]
  private let key: [UInt8]

  /// The lengths of the parts of keys and signatures, in bytes.
  private enum Length {
    static let algorithm = 2
    static let id = 8
    static let key = 32
    static let signature = 64
    /// Of the hash of a file, BLAKE2b.
    static let hash = 64
  }

  /// Reads a key from its text, the second line of a `minisign.pub`; nil if it is none.
  init?(_ text: String) {
    guard let bytes = Self.bytes(ofBase64: text, Length.algorithm + Length.id + Length.key),
      bytes.starts(with: "Ed".utf8)
    else { return nil }
    id = Array(bytes[Length.algorithm..<Length.algorithm + Length.id])
    key = Array(bytes.suffix(Length.key))
  }

  /// Checks the signature of a file, and that of the comment beside it.
  ///
  /// - Parameters:
  ///   - content: The file.
  ///   - file: Its signature: a `.minisig`.
  /// - Throws: Why it is not signed by this key.
  func check(_ content: [UInt8], signedBy file: [UInt8]) throws(FetchProblem) {
    let lines = String(decoding: file, as: UTF8.self).utf8
      .split(separator: 0x0A, omittingEmptySubsequences: false)
      .map { $0.last == 0x0D ? $0.dropLast() : $0 }
    let commentStart = "trusted comment: "
    guard lines.count >= 4, Substring(lines[0]).hasPrefix("untrusted comment: "),
      Substring(lines[2]).hasPrefix(commentStart),
      let signed = Self.bytes(
        ofBase64: String(Substring(lines[1])), Length.algorithm + Length.id + Length.signature),
      let whole = Self.bytes(ofBase64: String(Substring(lines[3])), Length.signature)
    else { throw FetchProblem("is no signature of minisign") }
    let signature = Array(signed.suffix(Length.signature))
    let signer = Array(signed[Length.algorithm..<Length.algorithm + Length.id])
    guard signer == id else {
      throw FetchProblem(
        "is by the key \(Self.name(of: signer)), and `public_key` is \(Self.name(of: id))")
    }
    let message: [UInt8]
    switch String(decoding: signed.prefix(Length.algorithm), as: UTF8.self) {
    case "ED": message = try Self.hash(of: content)
    // Older signatures are of the file itself.
    case "Ed": message = content
    default: throw FetchProblem("is a signature of a kind that minisign does not make")
    }
    guard verifies(signature, of: message) else {
      throw FetchProblem("does not fit the file: that was changed after it was signed")
    }
    let comment = lines[2].dropFirst(commentStart.utf8.count)
    guard verifies(whole, of: signature + comment) else {
      throw FetchProblem("has a trusted comment that was changed")
    }
  }

  /// Whether a signature is this key's of a message (Ed25519).
  private func verifies(_ signature: [UInt8], of message: [UInt8]) -> Bool {
    // SAFETY: the signature has 64 bytes and the key 32, which `bytes(ofBase64:)` has checked; the count
    // is the message's, and nothing is kept.
    unsafe crypto_sign_verify_detached(signature, message, UInt64(message.count), key) == 0
  }

  private static func hash(of content: [UInt8]) throws(FetchProblem) -> [UInt8] {
    var hash = [UInt8](repeating: 0, count: Length.hash)
    // SAFETY: the counts are the arrays', and nothing is kept.
    guard
      unsafe crypto_generichash(&hash, hash.count, content, UInt64(content.count), nil, 0) == 0
    else { throw FetchProblem("cannot be checked: libsodium makes no hash") }
    return hash
  }

  /// The bytes of padded base64; nil if it is anything else, or not as long.
  private static func bytes(ofBase64 text: String, _ count: Int) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    var length = 0
    // SAFETY: the counts are of what the pointers are to, and nothing is kept. Without a place for the
    // end of what was read, all of the text must be base64.
    let result = unsafe sodium_base642bin(
      &bytes, count, text, text.utf8.count, nil, &length, nil,
      Int32(sodium_base64_VARIANT_ORIGINAL))
    return result == 0 && length == count ? bytes : nil
  }

  /// The name of a key as minisign shows it: a number, its last byte first.
  private static func name(of id: [UInt8]) -> String {
    id.reversed().map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined()
  }
}
