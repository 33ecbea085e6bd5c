import GatehousePolicy

// How TCP wrappers read a file (hosts_access.c and misc.c of Debian's tcp_wrappers 7.6)
// ------------------------------------------------------------------------------------
// A line that ends in a backslash goes on in the next one. A comment has its `#` as the first byte of
// the line; anywhere else `#` is a word. A line without a colon is skipped. At a line that no newline
// ends, or that is too long, hosts.allow ends, and hosts.deny refuses everybody. The fields end at
// colons outside of square brackets.

/// A line of hosts.allow or hosts.deny.
enum HostsLine {
  case blank
  /// It has no colon.
  case skipped
  /// TCP wrappers go no further, for this reason.
  case broken(String)
  case rule(HostsRule)
}

/// `daemons : clients`, and perhaps `: options`.
struct HostsRule {
  let daemons: ArraySlice<UInt8>
  let clients: ArraySlice<UInt8>
  /// What follows the second colon; nil if there is none.
  let options: ArraySlice<UInt8>?
}

/// A line with those in which it goes on.
struct HostsText {
  /// The number of its first line, counted from 1.
  let line: Int
  /// With the newline that ends it, if there is one.
  let bytes: [UInt8]
  /// Whether TCP wrappers have no room for it.
  let isTooLong: Bool

  /// The longest line, in bytes with its newline.
  static let longest = 2047

  static func all(of content: [UInt8]) -> [HostsText] {
    var result: [HostsText] = []
    var bytes: [UInt8] = []
    var first = 1
    var isTooLong = false
    var rest = content[...]
    var number = 0
    while !rest.isEmpty {
      let end = rest.firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? rest.endIndex
      bytes += rest[..<end]
      rest = rest[end...]
      number += 1
      isTooLong = isTooLong || bytes.count > longest
      if bytes.suffix(2) == Array("\\\n".utf8) {
        bytes.removeLast(2)
        if !rest.isEmpty { continue }
      }
      result.append(HostsText(line: first, bytes: bytes, isTooLong: isTooLong))
      (bytes, first, isTooLong) = ([], number + 1, false)
    }
    return result
  }
}

extension HostsLine {
  init(_ text: HostsText) {
    let bytes = text.bytes[...]
    if text.isTooLong {
      self = .broken("with the lines that continue it, it has more than \(HostsText.longest) bytes")
    } else if bytes.last.map({ $0 != UInt8(ascii: "\n") }) ?? false {
      self = .broken("no newline ends it")
    } else if bytes.first == UInt8(ascii: "#") || bytes.allSatisfy({ " \t\r\n".utf8.contains($0) })
    {
      self = .blank
    } else if let (daemons, rest) = bytes.halves(at: UInt8(ascii: ":")) {
      let parts = rest.halves(at: UInt8(ascii: ":"))
      self = .rule(HostsRule(daemons: daemons, clients: parts?.0 ?? rest, options: parts?.1))
    } else {
      self = .skipped
    }
  }
}

extension ArraySlice<UInt8> {
  /// What is before and after the first of these bytes outside of square brackets, as `split_at` of
  /// TCP wrappers counts them; nil if there is none.
  func halves(at separator: UInt8) -> (ArraySlice<UInt8>, ArraySlice<UInt8>)? {
    var depth = 0
    for index in indices {
      switch self[index] {
      case UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "]"): depth -= 1
      case separator where depth == 0: return (self[..<index], self[(index + 1)...])
      default: break
      }
    }
    return nil
  }
}
