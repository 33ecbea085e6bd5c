import GatehousePolicy

/// Something to know about an import, at one line of the file that was imported.
public struct Finding: Hashable, Sendable {
  /// What it means for the import.
  public enum Kind: String, Sendable {
    /// Something of the line is not in the policy: the import is incomplete.
    case notSaid = "not_said"
    /// The policy says exactly what the line did, which may not be what was meant.
    case note
  }

  /// What it means for the import.
  public let kind: Kind
  /// A stable name in snake_case, such as `host_name`.
  public let name: String
  /// The file, as it was named.
  public let file: String
  /// The line, from 1.
  public let line: Int
  /// What it is and why.
  public let message: String
  /// Whether the policy, for want of it, lets in a login that pam_access would have refused.
  public let opens: Bool
}

extension Finding: CustomStringConvertible {
  /// One line: `access.conf:3: not said: …`.
  public var description: String {
    "\(Name(file)):\(line): \(kind == .note ? "note" : "not said"): \(message)"
  }
}

extension Finding: Comparable {
  /// Orders findings of one file by line, what is not said first.
  public static func < (left: Finding, right: Finding) -> Bool {
    (left.line, left.kind == .note ? 1 : 0, left.message)
      < (right.line, right.kind == .note ? 1 : 0, right.message)
  }
}
