/// A line of one of the files.
struct Place: Hashable, Comparable {
  /// The file, by its number in the order of reading.
  let file: Int
  /// The line, from 1.
  let line: Int

  static func < (left: Place, right: Place) -> Bool {
    (left.file, left.line) < (right.file, right.line)
  }
}
