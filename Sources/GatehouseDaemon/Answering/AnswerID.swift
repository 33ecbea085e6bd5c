import CPosix

/// Makes the ids that a refused user quotes: ten characters that cannot be mistaken for others when
/// they are read out over the telephone, 50 random bits.
struct AnswerIDs {
  /// Lowercase letters and digits without l, o, 0 and 1.
  private static let alphabet = Array("abcdefghijkmnpqrstuvwxyz23456789".utf8)
  private static let length = 10

  private var random: [UInt8] = []

  /// The next id; the kernel is asked for the random bytes of many at once.
  mutating func next() throws(SystemError) -> [UInt8] {
    if random.count < Self.length {
      var block = [UInt8](repeating: 0, count: 256)
      // SAFETY: the pointer is valid for the count of the array; up to 256 bytes come at once.
      let result = unsafe block.withUnsafeMutableBytes { bytes in
        unsafe gh_random(bytes.baseAddress, bytes.count)
      }
      _ = try SystemError.check("getrandom", result)
      random = block
    }
    let id = random.suffix(Self.length).map { Self.alphabet[Int($0) % Self.alphabet.count] }
    random.removeLast(Self.length)
    return id
  }
}
