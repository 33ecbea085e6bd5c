/// Which lines of a text differ from another, as diff(1) -u shows them.
struct UnifiedDiff {
  /// A line: what it is, and its text without the line break.
  enum Line: Equatable {
    case header(String)
    case same(String)
    case removed(String)
    case added(String)

    /// The line as diff(1) writes it.
    var text: String {
      switch self {
      case .header(let text): text
      case .same(let text): " \(text)"
      case .removed(let text): "-\(text)"
      case .added(let text): "+\(text)"
      }
    }
  }

  /// The lines, with three around each change; empty if nothing differs.
  let lines: [Line]

  private static let context = 3

  /// Compares two texts of a file.
  init(from old: [UInt8], to new: [UInt8], name: String) {
    let (before, after) = (Self.lines(old), Self.lines(new))
    let difference = after.difference(from: before)
    var removed: Set<Int> = []
    var added: Set<Int> = []
    for change in difference {
      switch change {
      case .remove(let offset, _, _): removed.insert(offset)
      case .insert(let offset, _, _): added.insert(offset)
      }
    }
    // Every line of both, in order, with its number in each.
    var all: [(line: Line, old: Int, new: Int)] = []
    var (left, right) = (0, 0)
    while left < before.count || right < after.count {
      if left < before.count, removed.contains(left) {
        all.append((.removed(before[left]), left, right))
        left += 1
      } else if right < after.count, added.contains(right) {
        all.append((.added(after[right]), left, right))
        right += 1
      } else {
        all.append((.same(before[left]), left, right))
        left += 1
        right += 1
      }
    }
    let changed = all.indices.filter { if case .same = all[$0].line { false } else { true } }
    var lines: [Line] = []
    var next = 0
    while let first = changed.first(where: { $0 >= next }) {
      let start = max(next, first - Self.context)
      var end = first
      while let near = changed.first(where: { $0 > end }), near - end <= 2 * Self.context {
        end = near
      }
      end = min(all.count, end + Self.context + 1)
      let hunk = all[start..<end].map(\.line)
      let oldCount = hunk.count { if case .added = $0 { false } else { true } }
      let newCount = hunk.count { if case .removed = $0 { false } else { true } }
      let oldStart = all[start].old + (oldCount == 0 ? 0 : 1)
      let newStart = all[start].new + (newCount == 0 ? 0 : 1)
      lines.append(.header("@@ -\(oldStart),\(oldCount) +\(newStart),\(newCount) @@"))
      lines += hunk
      next = end
    }
    self.lines =
      lines.isEmpty ? [] : [.header("--- \(name)"), .header("+++ \(name) (new)")] + lines
  }

  private static func lines(_ text: [UInt8]) -> [String] {
    var lines = text.split(separator: 0x0A, omittingEmptySubsequences: false).map {
      String(decoding: $0, as: UTF8.self)
    }
    if lines.last == "" { lines.removeLast() }
    return lines
  }
}
