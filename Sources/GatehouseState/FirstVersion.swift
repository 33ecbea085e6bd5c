public import GatehousePolicy

/// Reads what the first version of Gatehouse wrote, in four formats of its own.
///
/// It is read once, at the first start of a later version, and then written in the present format
/// (`StateKind`). To be removed once no upgrade from the first version is supported.
public enum FirstVersion {
  // MARK: A policy

  /// A policy's archive by itself: `last-good-policy`, `shadow`.
  public static func policy(_ bytes: [UInt8]) -> SnapshotArchive? {
    try? SnapshotArchive(decoding: bytes)
  }

  /// A first line, a line each of a key and a value, an empty line, and a policy's archive: `trial`,
  /// and each entry of the history.
  public static func policy(
    _ bytes: [UInt8], titled title: String
  ) -> (values: [String: String], archive: SnapshotArchive)? {
    var rest = bytes[...]
    guard takeLine(&rest) == title else { return nil }
    var values: [String: String] = [:]
    while let line = takeLine(&rest) {
      if line.isEmpty { return policy(Array(rest)).map { (values, $0) } }
      let words = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
      guard words.count == 2, values.count < 64,
        values.updateValue(String(words[1]), forKey: String(words[0])) == nil
      else { return nil }
    }
    return nil
  }

  private static func takeLine(_ rest: inout ArraySlice<UInt8>) -> String? {
    guard let end = rest.prefix(1 << 20).firstIndex(of: UInt8(ascii: "\n")) else { return nil }
    defer { rest = rest[(end + 1)...] }
    return String(validating: rest[..<end], as: UTF8.self)
  }

  // MARK: Records

  /// A line with a SHA-256, then each field as a netstring (`5:hello,`): `grants`, `denials`.
  ///
  /// The first line begins with the title. `record` gets `width` fields and makes a record of them,
  /// or returns nil.
  public static func records<Record>(
    _ bytes: [UInt8], titled title: String, width: Int, _ record: ([[UInt8]]) -> Record?
  ) -> [Record]? {
    guard let end = bytes.prefix(256).firstIndex(of: UInt8(ascii: "\n")) else { return nil }
    var rest = bytes[(end + 1)...]
    let digest = SHA256.digest(of: Array(rest)).map(hexadecimal).joined()
    let head = Array("\(title), format 1, sha256 \(digest)".utf8)
    guard bytes[..<end].elementsEqual(head) else { return nil }
    var records: [Record] = []
    while !rest.isEmpty {
      var fields: [[UInt8]] = []
      for _ in 0..<width {
        guard let field = takeNetstring(&rest) else { return nil }
        fields.append(field)
      }
      guard let record = record(fields) else { return nil }
      records.append(record)
    }
    return records
  }

  private static func takeNetstring(_ rest: inout ArraySlice<UInt8>) -> [UInt8]? {
    // No field has a length of more digits.
    guard let colon = rest.prefix(8).firstIndex(of: UInt8(ascii: ":")),
      let count = Int(String(decoding: rest[..<colon], as: UTF8.self)), count >= 0
    else { return nil }
    let field = rest[(colon + 1)...].prefix(count)
    guard field.count == count, field.endIndex < rest.endIndex,
      rest[field.endIndex] == UInt8(ascii: ",")
    else { return nil }
    rest = rest[(field.endIndex + 1)...]
    return Array(field)
  }

  // MARK: Counts

  /// The words of each line but the first, which is the title: `shadow-counts`, `monitor-counts`.
  public static func lines(_ bytes: [UInt8], titled title: String) -> [[String]]? {
    guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
    let lines = text.split(separator: "\n")
    guard lines.first.map(String.init) == title else { return nil }
    return lines.dropFirst().map { line in
      line.split(separator: " ", maxSplits: 11, omittingEmptySubsequences: false).map(String.init)
    }
  }

  /// The bytes that a word spells, two hexadecimal digits each.
  public static func bytes(hexadecimal word: String) -> [UInt8]? {
    guard word.utf8.count.isMultiple(of: 2) else { return nil }
    var bytes: [UInt8] = []
    var rest = word[...]
    while !rest.isEmpty {
      guard rest.first != "+", let byte = UInt8(rest.prefix(2), radix: 16) else { return nil }
      bytes.append(byte)
      rest = rest.dropFirst(2)
    }
    return bytes
  }

  // MARK: Values

  /// Microseconds since the epoch; nil for a time outside of the years 1970 to 9999.
  public static func instant(_ text: String) -> Instant? {
    guard let microseconds = Int64(text), (0...253_402_300_799_999_999).contains(microseconds)
    else { return nil }
    return Instant(microsecondsSinceEpoch: microseconds)
  }

  /// Microseconds since the boot; nil for more than a hundred years.
  public static func sinceBoot(_ text: String) -> Duration? {
    guard let microseconds = UInt64(text), microseconds <= 100 * 366 * 86_400 * 1_000_000 else {
      return nil
    }
    return .microseconds(microseconds)
  }
}
