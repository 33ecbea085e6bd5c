import GatehousePlatform
import GatehousePolicy

extension Instant {
  /// In the machine's own time zone.
  var inWords: String { LocalTime(microsecondsSinceEpoch: microseconds).description }
}

extension String {
  /// At most so many characters; the last is `…` if there are more.
  func cut(to limit: Int) -> String {
    count > limit ? prefix(limit - 1) + "…" : self
  }
}

/// The lines of a message, of at most 76 columns.
struct NoticeLines {
  /// The columns.
  static let columns = 76
  private static let titleWidth = 11

  /// What was written, in UTF-8.
  private(set) var bytes: [UInt8] = []

  /// A line, cut if it is too long.
  mutating func line(_ text: String = "") {
    bytes += "\(text.escapedForTerminal.cut(to: Self.columns))\n".utf8
  }

  /// A text in several lines, broken between words.
  mutating func paragraph(_ text: String, indented indent: Int = 0) {
    let space = String(repeating: " ", count: indent)
    var next = space
    for word in text.escapedForTerminal.split(separator: " ") {
      let isEmpty = next.count == indent
      if !isEmpty, next.count + 1 + word.count > Self.columns {
        line(next)
        next = space + word
      } else {
        next += (isEmpty ? "" : " ") + word
      }
    }
    line(next)
  }

  /// A value with its title; the end is never cut.
  mutating func field(_ title: String, _ value: String, _ end: String = "") {
    let room = Self.columns - 2 - Self.titleWidth - end.count
    line("  \(padded(title))\(value.cut(to: room))\(end)")
  }

  /// A command to be pasted, whole.
  mutating func command(_ title: String, _ command: String) {
    bytes += "  \(padded(title))\(command)\n".utf8
  }

  private func padded(_ title: String) -> String {
    title + String(repeating: " ", count: max(1, Self.titleWidth - title.count))
  }
}
