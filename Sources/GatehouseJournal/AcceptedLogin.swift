import GatehousePolicy

/// A login that sshd accepted, by its line in the log:
/// `Accepted METHOD for USER from ADDRESS port NUMBER ssh2`, sometimes followed by a colon and details
/// of the method.
struct AcceptedLogin: Hashable {
  /// The PAM service of sshd.
  static let service: Name = "sshd"
  /// The length in bytes at which sshd cuts a name, so that a name this long may be incomplete.
  private static let maximumUserLength = 100

  /// The name as the client gave it.
  let user: Name
  let origin: Origin

  init(user: Name, origin: Origin) {
    self.user = user
    self.origin = origin
  }

  /// Reads a line of sshd; nil if it is not about an accepted login.
  ///
  /// Throws `untrusted` if somebody other than sshd as root can have caused it, and `unreadable` if it
  /// is incomplete or ambiguous: the client chooses the user name and some details, so a line may look
  /// like the line of another login.
  init?(line: [UInt8]) throws(Omission) {
    let prefix = Array("Accepted ".utf8)
    guard line.starts(with: prefix) else { return nil }
    // sshd logs this for its unprivileged process, before anybody has logged in.
    guard !line.ends(with: " [preauth]") else { throw .untrusted }
    let rest = line[prefix.count...]
    guard let method = rest.firstIndex(of: UInt8(ascii: " ")),
      rest[method...].starts(with: " for ".utf8)
    else { throw .unreadable }
    let words = rest[(method + " for ".utf8.count)...]
    var readings: [AcceptedLogin] = []
    for index in words.indices where words[index...].starts(with: " from ".utf8) {
      let tail = words[(index + " from ".utf8.count)...]
      guard let address = Self.address(before: tail) else { continue }
      guard let user = Self.name(words[..<index]) else { throw .unreadable }
      readings.append(
        AcceptedLogin(
          user: user, origin: Origin(remoteHost: String(decoding: address, as: UTF8.self))))
    }
    guard readings.count == 1, let reading = readings.first else { throw .unreadable }
    self = reading
  }

  /// The first word of a text, if ` port NUMBER ssh2` and then the end or a colon follow; else nil.
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

  /// The name that sshd wrote, with `\\` for a backslash and `\ooo` for an unprintable byte (vis(3));
  /// nil if it is empty, malformed or possibly cut.
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
    return bytes.isEmpty || bytes.count >= maximumUserLength ? nil : Name(bytes: bytes)
  }
}

/// The value of three octal digits; nil for any other text or a value above 255.
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

/// The logins that gatehoused allowed recently and for which sshd's own line has not been seen yet.
///
/// The two entries come from two processes, so either may come first, but there is never much time
/// between them: sshd writes its line as soon as the account stage is over.
struct UnmatchedDecisions {
  /// The longest time between the two entries of one login.
  static let maximumGap = Duration.seconds(30)

  private var times: [AcceptedLogin: [Instant]] = [:]
  /// All logins in order of time, of which the first `forgottenCount` no longer count.
  private var queue: [(login: AcceptedLogin, time: Instant)] = []
  private var forgottenCount = 0

  /// The number of logins in memory.
  var storedCount: Int { queue.count }

  /// Adds a login.
  ///
  /// The calls must be in order of time, and at most the gap ahead of the calls of `remove`.
  mutating func add(_ login: AcceptedLogin, at time: Instant) {
    forget(before: time - Self.maximumGap)
    times[login, default: []].append(time)
    queue.append((login, time))
  }

  /// Removes a login that was added near a time; returns false if there is none.
  mutating func remove(_ login: AcceptedLogin, near time: Instant) -> Bool {
    forget(before: time)
    guard times[login]?.isEmpty == false else { return false }
    times[login]?.removeFirst()
    return true
  }

  /// Drops the logins whose line can no longer come after a time.
  private mutating func forget(before time: Instant) {
    let oldest = time - Self.maximumGap
    while forgottenCount < queue.count, queue[forgottenCount].time < oldest {
      let (login, added) = queue[forgottenCount]
      if times[login]?.first == added { times[login]?.removeFirst() }
      if times[login]?.isEmpty == true { times[login] = nil }
      forgottenCount += 1
    }
    if forgottenCount > 4096 {
      queue.removeFirst(forgottenCount)
      forgottenCount = 0
    }
  }
}
