/// Where the texts, lists and maps of a policy file end, and where its comments are.
///
/// Offsets count bytes.
struct TextLayout {
  let source: SourceText
  /// The texts of the file, in order.
  private var texts: [Range<Int>] = []
  /// The end of each list and map in brackets, by where it begins.
  private var ends: [Int: Int] = [:]

  /// The layout of a file that is YAML.
  init(_ source: SourceText) {
    self.source = source
    guard let events = EventReader(source.bytes) else { return }
    var place = Place(source)
    var open: [Int] = []
    while case .event(let event) = events.next() {
      let start = place.offset(of: event.position)
      switch event.kind {
      case .scalar: texts.append(start..<max(start, place.offset(of: event.end)))
      case .sequenceStart, .mappingStart: open.append(start)
      case .sequenceEnd, .mappingEnd:
        if let start = open.popLast() { ends[start] = place.offset(of: event.end) }
      case .documentStart, .alias: break
      }
    }
  }

  /// Where a value begins.
  func start(of node: Node) -> Int? {
    source.offset(line: node.location.line, column: node.location.column)
  }

  /// Where a value ends: after its last character, without what follows on the line.
  func end(of node: Node) -> Int? {
    guard let start = start(of: node) else { return nil }
    switch node.kind {
    case .invalid: return nil
    case .scalar: return texts[firstText(from: start)...].first.map { trimmed($0) }
    case .sequence(let items):
      return isFlow(node) ? ends[start] : items.last.flatMap(end)
    case .mapping(let pairs):
      return isFlow(node) ? ends[start] : pairs.last.flatMap { end(of: $0.value) }
    }
  }

  /// Whether a list or map is in brackets.
  func isFlow(_ node: Node) -> Bool {
    guard let start = start(of: node), start < source.bytes.count else { return false }
    return [UInt8(ascii: "["), UInt8(ascii: "{")].contains(source.bytes[start])
  }

  /// The comments in a range, without the line breaks that end them.
  func comments(in range: Range<Int>) -> [Range<Int>] {
    var comments: [Range<Int>] = []
    var index = range.lowerBound
    var text = firstText(from: index)
    while index < range.upperBound {
      if text < texts.count, texts[text].lowerBound <= index {
        index = max(index, texts[text].upperBound)
        text += 1
      } else if source.bytes[index] == UInt8(ascii: "#") {
        let end = endOfLine(from: index)
        comments.append(index..<end)
        index = end
      } else {
        index += 1
      }
    }
    return comments
  }

  /// The first byte from an offset on that is neither white space nor in a comment.
  func next(from offset: Int) -> Int {
    var index = offset
    while index < source.bytes.count {
      if source.bytes[index] == UInt8(ascii: "#") {
        index = endOfLine(from: index)
      } else if isBlank(index) || source.lineBreakLength(at: index) > 0 {
        index += max(1, source.lineBreakLength(at: index))
      } else {
        break
      }
    }
    return index
  }

  /// The first offset from this one on that is not white space within the line.
  func afterBlanks(_ offset: Int) -> Int {
    var index = offset
    while index < source.bytes.count, isBlank(index) { index += 1 }
    return index
  }

  /// Where a line begins.
  func startOfLine(_ offset: Int) -> Int {
    var index = offset
    while index > 0, source.bytes[index - 1] != 0x0A, source.bytes[index - 1] != 0x0D { index -= 1 }
    return index
  }

  /// Where a line ends, without its line break.
  func endOfLine(from offset: Int) -> Int {
    var index = offset
    while index < source.bytes.count, source.lineBreakLength(at: index) == 0 { index += 1 }
    return index
  }

  /// The line break of the line; that of the first one if it is the last line and has none.
  func lineBreak(from offset: Int) -> [UInt8] {
    for start in [offset, 0] {
      let end = endOfLine(from: start)
      let length = end < source.bytes.count ? source.lineBreakLength(at: end) : 0
      if length > 0 { return Array(source.bytes[end..<(end + length)]) }
    }
    return [0x0A]
  }

  private func isBlank(_ index: Int) -> Bool {
    source.bytes[index] == 0x20 || source.bytes[index] == 0x09
  }

  /// A text that runs over lines ends with the last of them that is not empty.
  private func trimmed(_ text: Range<Int>) -> Int {
    var end = text.upperBound
    while end > text.lowerBound, [0x20, 0x09, 0x0A, 0x0D].contains(source.bytes[end - 1]) {
      end -= 1
    }
    return end
  }

  /// The index of the first text that begins at or after an offset.
  private func firstText(from offset: Int) -> Int {
    var low = 0
    var high = texts.count
    while low < high {
      let middle = (low + high) / 2
      if texts[middle].lowerBound < offset { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Finds the offsets of positions that come one after the other.
  private struct Place {
    private let source: SourceText
    private var position = TextPosition(line: 1, column: 1)
    private var offset = 0

    init(_ source: SourceText) { self.source = source }

    mutating func offset(of wanted: TextPosition) -> Int {
      if (wanted.line, wanted.column) < (position.line, position.column) {
        position = TextPosition(line: 1, column: 1)
        offset = 0
      }
      while offset < source.bytes.count, position != wanted {
        let length = source.lineBreakLength(at: offset)
        if length > 0 {
          // A position beyond the end of its line is that end.
          if position.line == wanted.line { break }
          position = TextPosition(line: position.line + 1, column: 1)
          offset += length
        } else {
          position = TextPosition(line: position.line, column: position.column + 1)
          offset += 1
          while offset < source.bytes.count, source.bytes[offset] & 0xC0 == 0x80 { offset += 1 }
        }
      }
      return offset
    }
  }
}
