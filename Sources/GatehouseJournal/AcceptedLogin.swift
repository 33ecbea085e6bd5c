import GatehousePolicy

/// A login that sshd has let in, as its own line in the log tells:
/// `Accepted METHOD for USER from ADDRESS port NUMBER ssh2`, and after a colon what it knows of the
/// method.
struct AcceptedLogin: Hashable {
  /// The service whose PAM stack sshd asks.
  static let service: Name = "sshd"
  /// sshd cuts a name at this length, so one that is as long may be another's beginning.
  private static let longestUser = 100

  /// As the client gave the name.
  let user: Name
  let origin: Origin

  init(user: Name, origin: Origin) {
    self.user = user
    self.origin = origin
  }

  /// Reads a line of sshd's; nil where it is another.
  ///
  /// The name and what comes last are made by people: where the line could be read in two ways, it
  /// is not believed in either.
  init?(line: [UInt8]) throws(OmittedEntry) {
    let prefix = Array("Accepted ".utf8)
    guard line.starts(with: prefix) else { return nil }
    // What the process without privileges has sshd log for it, before anybody has logged in.
    guard !line.ends(with: " [preauth]") else { throw OmittedEntry(omission: .untrusted) }
    let rest = line[prefix.count...]
    guard let method = rest.firstIndex(of: UInt8(ascii: " ")),
      rest[method...].starts(with: " for ".utf8)
    else { throw OmittedEntry(omission: .unreadable) }
    let words = rest[(method + " for ".utf8.count)...]
    var readings: [AcceptedLogin] = []
    for place in words.indices where words[place...].starts(with: " from ".utf8) {
      let tail = words[(place + " from ".utf8.count)...]
      guard let address = Self.address(before: tail) else { continue }
      guard let user = Self.name(words[..<place]) else {
        throw OmittedEntry(omission: .unreadable)
      }
      readings.append(
        AcceptedLogin(
          user: user, origin: Origin(remoteHost: String(decoding: address, as: UTF8.self))))
    }
    guard readings.count == 1, let reading = readings.first else {
      throw OmittedEntry(omission: .unreadable)
    }
    self = reading
  }

  /// The word with which a text begins, where ` port NUMBER ssh2` and the end or a colon follow.
  private static func address(before text: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    guard let end = text.firstIndex(of: UInt8(ascii: " ")), end > text.startIndex,
      text[end...].starts(with: " port ".utf8)
    else { return nil }
    let number = text[(end + " port ".utf8.count)...]
    let digits = number.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    let rest = number[digits.endIndex...]
    guard !digits.isEmpty, rest.starts(with: " ssh2".utf8) else { return nil }
    let extra = rest.dropFirst(" ssh2".utf8.count)
    return extra.isEmpty || extra.starts(with: ": ".utf8) ? text[..<end] : nil
  }

  /// A name as sshd writes it, with `\\` for a backslash and `\ooo` for what is not printable
  /// (vis(3)); nil for what may not be all of one.
  private static func name(_ written: ArraySlice<UInt8>) -> Name? {
    var bytes: [UInt8] = []
    var rest = written
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "\\") else {
        bytes.append(byte)
        continue
      }
      if rest.first == byte {
        rest.removeFirst()
        bytes.append(byte)
      } else if let value = octal(rest.prefix(3)) {
        rest.removeFirst(3)
        bytes.append(value)
      } else {
        return nil
      }
    }
    return bytes.isEmpty || bytes.count >= longestUser ? nil : Name(bytes: bytes)
  }
}

/// Three octal digits; nil for anything else, or more than a byte.
private func octal(_ digits: ArraySlice<UInt8>) -> UInt8? {
  guard digits.count == 3,
    digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "7")).contains($0) })
  else { return nil }
  return UInt8(String(decoding: digits, as: UTF8.self), radix: 8)
}

extension [UInt8] {
  fileprivate func ends(with text: StaticString) -> Bool {
    suffix(text.utf8CodeUnitCount).elementsEqual(text.description.utf8)
  }
}
