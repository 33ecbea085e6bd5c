// Files as pam_access reads them: with fgets(3) into a buffer, then as C strings.

/// What one fgets(3) gives: a line with its newline, or a part of one.
struct Chunk {
  /// The line that it begins in, from 1.
  let line: Int
  let bytes: ArraySlice<UInt8>
}

/// Cuts a file where pam_access's fgets(3) does: after each newline, and after 8,191 bytes (BUFSIZ
/// less the end of the string) of a longer line, whose rest is read as a line of its own.
func chunks(of file: [UInt8]) -> [Chunk] {
  let limit = 8191
  var result: [Chunk] = []
  var line = 1
  var start = 0
  while start < file.count {
    let window = file[start..<min(start + limit, file.count)]
    let newline = window.firstIndex(of: UInt8(ascii: "\n"))
    let end = newline.map { $0 + 1 } ?? window.endIndex
    result.append(Chunk(line: line, bytes: file[start..<end]))
    if newline != nil { line += 1 }
    start = end
  }
  return result
}

/// The three fields of a line.
struct Fields: Equatable {
  let allows: Bool
  let users: ArraySlice<UInt8>
  let origins: ArraySlice<UInt8>
  /// The line begins with a field separator: pam_access then refuses, also by a `+`.
  let hasLeadingSeparator: Bool
}

/// What pam_access makes of a line.
enum LineReading: Equatable {
  /// A comment, or blank.
  case nothing
  /// It skips the line, for this reason.
  case skipped(String)
  /// It reads before the beginning of its buffer: what happens is anybody's guess.
  case undefined
  case fields(Fields)
}

extension Chunk {
  /// Reads the line as pam_access does.
  func reading(fieldSeparators: [UInt8]) -> LineReading {
    // A C string ends at its first NUL.
    let string = bytes.prefix { $0 != 0 }
    guard let last = string.last else { return .undefined }
    guard last == UInt8(ascii: "\n") else {
      return .skipped(
        string.count < bytes.count
          ? "there is a NUL byte in it"
          : bytes.count == 8191
            ? "it is longer than 8,190 bytes; the rest of it is read as a line of its own"
            : "it does not end in a newline")
    }
    guard string.first != UInt8(ascii: "#") else { return .nothing }
    var text = string.dropLast()
    while let last = text.last, isSpace(last) { text = text.dropLast() }
    guard let first = text.first else { return .nothing }

    var rest = text
    guard let permission = nextToken(&rest, separators: fieldSeparators),
      let users = nextToken(&rest, separators: fieldSeparators), !rest.isEmpty
    else { return .skipped("it has fewer than three fields") }
    guard let sign = permission.first, sign == plus || sign == minus else {
      return .skipped("its first field begins with neither + nor -, or there is a space before it")
    }
    return .fields(
      Fields(
        allows: first == plus, users: users, origins: rest, hasLeadingSeparator: first != sign))
  }
}

private let plus = UInt8(ascii: "+")
private let minus = UInt8(ascii: "-")

/// isspace(3) in the C locale.
func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

/// strtok_r(3): the next run of bytes that are no separators, which is taken off `rest` with the one
/// separator after it; nil where none is left.
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

/// The words of a list, parted at each EXCEPT: what is matched, what is excepted from that, what is
/// excepted from the exception, and so on.
func parts(of list: ArraySlice<UInt8>, separators: [UInt8]) -> [[ArraySlice<UInt8>]] {
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
  /// strcasecmp(3) in the C locale: only ASCII letters have case.
  func equalsIgnoringCase(_ text: StaticString) -> Bool {
    lowercased() == String(describing: text).utf8.lowercased()
  }

  /// The bytes with ASCII capitals made small.
  func lowercased() -> [UInt8] {
    map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
  }
}
