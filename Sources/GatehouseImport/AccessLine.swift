// Files as pam_access reads them: with fgets(3) into a buffer, then as C strings.

/// What one call of fgets(3) returns: a line with its newline, or a part of a line.
struct LineChunk {
  /// The line in which the chunk begins, counted from 1.
  let line: Int
  let bytes: ArraySlice<UInt8>
}

/// The longest chunk that pam_access reads, in bytes: BUFSIZ minus the terminating NUL.
private let maximumChunkLength = 8191

/// Splits a file where pam_access's fgets(3) does: after each newline, and after 8,191 bytes of a
/// longer line, whose rest then counts as a separate line.
func chunks(of file: [UInt8]) -> [LineChunk] {
  var result: [LineChunk] = []
  var line = 1
  var start = 0
  while start < file.count {
    let window = file[start..<min(start + maximumChunkLength, file.count)]
    let newline = window.firstIndex(of: UInt8(ascii: "\n"))
    let end = newline.map { $0 + 1 } ?? window.endIndex
    result.append(LineChunk(line: line, bytes: file[start..<end]))
    if newline != nil { line += 1 }
    start = end
  }
  return result
}

/// What pam_access makes of a chunk.
enum AccessLine: Equatable {
  /// A comment or a blank line.
  case blank
  /// pam_access skips the line; the text says why.
  case skipped(String)
  /// pam_access reads memory before the beginning of its buffer, so the result is unpredictable.
  case undefined
  case entry(AccessEntry)
}

/// A line that pam_access obeys, split into its three fields.
struct AccessEntry: Equatable {
  let allows: Bool
  let users: ArraySlice<UInt8>
  let origins: ArraySlice<UInt8>
  /// Whether the line begins with a field separator.
  ///
  /// pam_access then refuses, even if the sign is `+`.
  let hasLeadingSeparator: Bool
}

extension AccessLine {
  /// Reads a chunk as pam_access does.
  init(_ chunk: LineChunk, fieldSeparators: [UInt8]) {
    let bytes = chunk.bytes
    // A C string ends at its first NUL.
    let string = bytes.prefix { $0 != 0 }
    guard let last = string.last else {
      self = .undefined
      return
    }
    guard last == UInt8(ascii: "\n") else {
      self = .skipped(
        string.count < bytes.count
          ? "it contains a NUL byte"
          : bytes.count == maximumChunkLength
            ? "it is longer than 8,190 bytes; pam_access reads the rest as a separate line"
            : "it does not end in a newline")
      return
    }
    guard string.first != UInt8(ascii: "#") else {
      self = .blank
      return
    }
    var text = string.dropLast()
    while let last = text.last, isSpace(last) { text = text.dropLast() }
    guard let first = text.first else {
      self = .blank
      return
    }

    var rest = text
    guard let permission = nextToken(&rest, separators: fieldSeparators),
      let users = nextToken(&rest, separators: fieldSeparators), !rest.isEmpty
    else {
      self = .skipped("it has fewer than three fields")
      return
    }
    guard let sign = permission.first, sign == plus || sign == minus else {
      self = .skipped("its first field does not begin with + or -, or a space comes before it")
      return
    }
    self = .entry(
      AccessEntry(
        allows: first == plus, users: users, origins: rest, hasLeadingSeparator: first != sign))
  }
}

private let plus = UInt8(ascii: "+")
private let minus = UInt8(ascii: "-")

/// isspace(3) in the C locale.
func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

/// strtok_r(3): removes the next run of bytes that are not separators from `rest`, with the one
/// separator after it, and returns it; nil if there is none.
func nextToken(_ rest: inout ArraySlice<UInt8>, separators: [UInt8]) -> ArraySlice<UInt8>? {
  let text = rest.drop { separators.contains($0) }
  guard !text.isEmpty else {
    rest = text
    return nil
  }
  let end = text.firstIndex { separators.contains($0) } ?? text.endIndex
  rest = text[min(end + 1, text.endIndex)...]
  return text[..<end]
}

/// The words of a list, split at each EXCEPT.
///
/// First come the words to match, then the exceptions from those, then the exceptions from the
/// exceptions, and so on. There is at least one part; any part can be empty.
func wordsByExcept(
  _ list: ArraySlice<UInt8>, separators: [UInt8]
) -> [[ArraySlice<UInt8>]] {
  var result: [[ArraySlice<UInt8>]] = [[]]
  var rest = list
  while let word = nextToken(&rest, separators: separators) {
    if word.equalsIgnoringCase("EXCEPT") {
      result.append([])
    } else {
      result[result.count - 1].append(word)
    }
  }
  return result
}

extension Collection<UInt8> {
  /// strcasecmp(3) in the C locale, where only ASCII letters have case.
  func equalsIgnoringCase(_ text: StaticString) -> Bool {
    lowercased() == String(describing: text).utf8.lowercased()
  }

  /// The bytes with ASCII capitals in lower case.
  func lowercased() -> [UInt8] {
    map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
  }
}
