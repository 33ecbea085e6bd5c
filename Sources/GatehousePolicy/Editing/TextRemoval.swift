/// Takes one value out of the text of a policy file, and leaves everything else in it as it is.
///
/// Comments stay: one beside what goes, or within it, gets a line of its own.
struct TextRemoval {
  private let layout: TextLayout
  private let root: Node

  /// Nil if the file is not a map.
  init?(file: String, bytes: [UInt8]) {
    let document = Document(file: file, bytes: bytes)
    guard let root = document.root, root.isMapping, document.isComplete else { return nil }
    layout = TextLayout(document.source)
    self.root = root
  }

  private var bytes: [UInt8] { layout.source.bytes }

  /// Takes an item out of a list that has others; nil if the text does not allow it.
  func removing(item index: Int, at path: [String]) -> [UInt8]? {
    guard let list = root.value(at: path), case .sequence(let items) = list.kind, items.count > 1,
      items.indices.contains(index), let end = layout.end(of: items[index])
    else { return nil }
    let before = index > 0 ? items[index - 1] : nil
    if layout.isFlow(list) {
      guard let start = layout.start(of: items[index]) else { return nil }
      return removedFromBrackets(start..<end, after: before)
    }
    return dash(of: index, in: list, items).flatMap { removedLines($0..<end) }
  }

  /// Writes an entry in place of an item of a list; nil if the text does not allow it.
  func replacing(item index: Int, at path: [String], with entry: TypedEntry) -> [UInt8]? {
    guard let list = root.value(at: path), case .sequence(let items) = list.kind,
      items.indices.contains(index), let start = layout.start(of: items[index]),
      let end = layout.end(of: items[index]),
      let written = entry.written(isQuoted: layout.isFlow(root)).map({ Array($0.utf8) })
    else { return nil }
    let comments = layout.comments(in: start..<end)
    guard !comments.isEmpty else {
      return Array(bytes[..<start]) + written + Array(bytes[end...])
    }
    guard !layout.isFlow(list), let dash = dash(of: index, in: list, items) else { return nil }
    let line = layout.startOfLine(dash)
    return Array(bytes[..<line]) + lines(of: comments, indent: line..<dash)
      + Array(bytes[line..<start]) + written + Array(bytes[end...])
  }

  /// Takes a key with its value out, and the maps above that would have nothing else; nil if the text
  /// does not allow it.
  func removing(at path: [String]) -> [UInt8]? {
    var path = path
    while path.count > 1, case .mapping(let pairs) = root.value(at: path.dropLast())?.kind,
      pairs.count == 1
    { path.removeLast() }
    guard let key = path.last, let map = root.value(at: path.dropLast()),
      case .mapping(let pairs) = map.kind, pairs.count > 1,
      let index = pairs.firstIndex(where: { $0.key.isText(key) }),
      let start = layout.start(of: pairs[index].key), let end = layout.end(of: pairs[index].value)
    else { return nil }
    return layout.isFlow(map)
      ? removedFromBrackets(start..<end, after: index > 0 ? pairs[index - 1].value : nil)
      : removedLines(start..<end)
  }

  // MARK: The text

  /// Where the dash of an item of a list in lines stands.
  private func dash(of index: Int, in list: Node, _ items: [Node]) -> Int? {
    let from = index > 0 ? layout.end(of: items[index - 1]) : layout.start(of: list)
    guard let dash = from.map(layout.next), dash < bytes.count, bytes[dash] == UInt8(ascii: "-")
    else { return nil }
    return dash
  }

  /// Without the lines that a value in lines takes up, which nothing else may stand on.
  private func removedLines(_ value: Range<Int>) -> [UInt8]? {
    let start = layout.startOfLine(value.lowerBound)
    let rest = layout.afterBlanks(value.upperBound)
    let end = layout.endOfLine(from: value.upperBound)
    guard layout.afterBlanks(start) == value.lowerBound,
      rest == end || bytes[rest] == UInt8(ascii: "#")
    else { return nil }
    let next = end < bytes.count ? end + layout.source.lineBreakLength(at: end) : end
    let kept = lines(of: layout.comments(in: start..<end), indent: start..<value.lowerBound)
    return Array(bytes[..<start]) + kept + Array(bytes[next...])
  }

  /// Comments on lines of their own.
  private func lines(of comments: [Range<Int>], indent: Range<Int>) -> [UInt8] {
    comments.flatMap { bytes[indent] + bytes[$0] + layout.lineBreak(from: $0.lowerBound) }
  }

  /// Without a value in brackets, and without one of the commas beside it.
  private func removedFromBrackets(_ value: Range<Int>, after before: Node?) -> [UInt8]? {
    guard layout.comments(in: value).isEmpty else { return nil }
    let next = layout.next(from: value.upperBound)
    guard next < bytes.count else { return nil }
    if bytes[next] == UInt8(ascii: ",") {
      if layout.comments(in: value.upperBound..<next).isEmpty {
        return without([value.lowerBound..<afterBlanksWithin(line: next + 1)])
      }
      return without([value, next..<(next + 1)])
    }
    guard let before = before.flatMap(layout.end), case let comma = layout.next(from: before),
      comma < value.lowerBound, bytes[comma] == UInt8(ascii: ",")
    else { return nil }
    return layout.afterBlanks(comma + 1) == value.lowerBound
      ? without([comma..<value.upperBound]) : without([comma..<(comma + 1), value])
  }

  /// The white space behind a comma, unless the line ends with it or goes on with a comment.
  private func afterBlanksWithin(line offset: Int) -> Int {
    let end = layout.afterBlanks(offset)
    let isRest =
      end < bytes.count && layout.source.lineBreakLength(at: end) == 0
      && bytes[end] != UInt8(ascii: "#")
    return isRest ? end : offset
  }

  /// Without some ranges, which are in order, and without a line that has nothing else then.
  private func without(_ ranges: [Range<Int>]) -> [UInt8] {
    var text: [UInt8] = []
    var done = 0
    for range in ranges {
      let (start, end) = (
        layout.startOfLine(range.lowerBound), layout.endOfLine(from: range.upperBound)
      )
      let isAlone =
        start >= done && layout.afterBlanks(start) == range.lowerBound
        && layout.afterBlanks(range.upperBound) == end && end < bytes.count
      text += bytes[done..<(isAlone ? start : range.lowerBound)]
      done = isAlone ? end + layout.source.lineBreakLength(at: end) : range.upperBound
    }
    return text + bytes[done...]
  }
}

extension Node {
  /// What is at a path of keys; nil if there is nothing.
  func value(at path: some Sequence<String>) -> Node? {
    path.reduce(self as Node?) { node, key in node?.pair(Name(key))?.value }
  }

  /// Whether it is this text.
  fileprivate func isText(_ text: String) -> Bool {
    if case .scalar(let scalar) = kind { scalar.name == Name(text) } else { false }
  }
}
