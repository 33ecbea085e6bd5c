import GatehousePolicy

/// A decision in a line of gatehoused's that syslog has written into a file.
///
/// The fields stand in brackets at its end: `… gatehoused[812]: denied bob … [id="k3f9xk3f9x" user="bob"
/// …]`. Any user can have such a line written (logger(1)), and nothing in it says whose it is.
public enum SyslogLine {
  /// The longest line that is read, in bytes.
  private static let longest = 16_384

  /// The decision of a line without its end, as rsyslog writes it: time, machine, program, text.
  ///
  /// Nil if it is not one of gatehoused's, or has no time with a year.
  public static func decision(in line: ArraySlice<UInt8>) -> LoggedDecision? {
    guard line.count <= longest, line.last == UInt8(ascii: "]") else { return nil }
    let words = line.split(separator: UInt8(ascii: " "), maxSplits: 3)
    guard words.count == 4, isDaemon(words[2]),
      let time = Instant(rfc3339: String(decoding: words[0], as: UTF8.self)),
      var fields = fields(atEndOf: words[3])
    else { return nil }
    // Which user wrote it is not known: this only lets the entry be read.
    fields[.userID] = Array("0".utf8)
    fields[.machine] = Array(words[1])
    return DecisionEntry(fields, time: time).logged
  }

  /// Whether it is `gatehoused[812]:`.
  private static func isDaemon(_ word: ArraySlice<UInt8>) -> Bool {
    word.starts(with: "gatehoused[".utf8) && word.suffix(2).elementsEqual("]:".utf8)
  }

  /// What stands in the brackets at the end: `name="value"` with spaces between; nil if it is not that.
  ///
  /// In a value, `"` and `\` have a `\` before them.
  private static func fields(
    atEndOf text: ArraySlice<UInt8>
  ) -> [DecisionEntry.JournalField: [UInt8]]? {
    // The kind is the first field. In a value it would be written with a backslash, so what stands last
    // is the field.
    let mark = Array(" [message_id=\"\(EntryKind.decision.rawValue)\" ".utf8)
    guard let start = text.indices.last(where: { text[$0...].starts(with: mark) }) else {
      return nil
    }
    var rest = text[(start + mark.count)...].dropLast()
    var fields: [DecisionEntry.JournalField: [UInt8]] = [:]
    while let equals = rest.firstIndex(of: UInt8(ascii: "=")) {
      let name = String(decoding: rest[..<equals], as: UTF8.self)
      rest = rest[(equals + 1)...]
      guard rest.popFirst() == UInt8(ascii: "\"") else { return nil }
      var value: [UInt8] = []
      var isClosed = false
      while let byte = rest.popFirst() {
        if byte == UInt8(ascii: "\"") {
          isClosed = true
          break
        }
        guard byte == UInt8(ascii: "\\") else {
          value.append(byte)
          continue
        }
        guard let escaped = rest.popFirst() else { return nil }
        value.append(escaped)
      }
      guard isClosed else { return nil }
      if let field = DecisionEntry.JournalField(rawValue: "GATEHOUSE_\(name.uppercased())"),
        fields[field] == nil
      {
        fields[field] = value
      }
      guard let separator = rest.popFirst() else { return fields }
      guard separator == UInt8(ascii: " ") else { return nil }
    }
    return nil
  }
}
