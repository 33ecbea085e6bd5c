import GatehousePlatform

/// Makes the ids that a refused user quotes: ten characters that cannot be mistaken for others when
/// they are read out over the telephone, 50 random bits.
struct AnswerIDs {
  /// Lowercase letters and digits without l, o, 0 and 1.
  private static let alphabet = Array("abcdefghijkmnpqrstuvwxyz23456789".utf8)
  private static let length = 10

  private var random: [UInt8] = []
  private var used = 0

  /// The next id; the kernel is asked for the random bytes of many at once.
  mutating func next() throws(SystemError) -> String {
    if used + Self.length > random.count { try refill() }
    let alphabet = Self.alphabet
    // SAFETY: as many bytes are written as there is room for, and all of them are ASCII.
    let id = unsafe String(unsafeUninitializedCapacity: Self.length) { id in
      for place in 0..<Self.length {
        unsafe id[place] = alphabet[Int(random[used + place]) % alphabet.count]
      }
      return Self.length
    }
    used += Self.length
    return id
  }

  private mutating func refill() throws(SystemError) {
    random = try Machine.randomBytes(256)
    used = 0
  }
}
