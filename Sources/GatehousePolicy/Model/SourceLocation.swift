/// A location in a policy file.
public struct SourceLocation: Hashable, Sendable {
  /// The file, relative to the policy's folder.
  public let file: String
  // Half as long as `Int`: a policy has many locations.
  private let shortLine: UInt32
  private let shortColumn: UInt32

  /// The line, from 1.
  public var line: Int { Int(shortLine) }
  /// The column in characters, from 1.
  public var column: Int { Int(shortColumn) }

  /// A location in a policy file; line and column count from 1.
  public init(file: String, line: Int, column: Int) {
    self.file = file
    shortLine = UInt32(clamping: line)
    shortColumn = UInt32(clamping: column)
  }

  /// `file:line`, as a decision reports its rule.
  public var fileAndLine: String { "\(displayText(of: file)):\(line)" }
}

extension SourceLocation: Comparable {
  /// Orders by file, line and column.
  public static func < (left: SourceLocation, right: SourceLocation) -> Bool {
    (left.file, left.line, left.column) < (right.file, right.line, right.column)
  }
}

extension SourceLocation: CustomStringConvertible {
  /// `file:line:column`.
  public var description: String { "\(fileAndLine):\(column)" }
}

extension SourceLocation: Codable {
  private enum CodingKeys: String, CodingKey {
    case file, line, column
  }

  /// Reads a file, a line and a column.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      file: try container.decode(String.self, forKey: .file),
      line: try container.decode(Int.self, forKey: .line),
      column: try container.decode(Int.self, forKey: .column))
  }

  /// Writes the file, the line and the column.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(file, forKey: .file)
    try container.encode(line, forKey: .line)
    try container.encode(column, forKey: .column)
  }
}
