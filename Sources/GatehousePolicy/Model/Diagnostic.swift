/// Something that is wrong with a policy, or worth knowing about it.
public struct Diagnostic: Hashable, Codable, Sendable {
  /// How bad it is.
  public enum Severity: String, Codable, Sendable {
    /// The policy cannot be used.
    case error
    /// The policy can be used, and may not do what was meant.
    case warning
  }

  /// How bad it is.
  public var severity: Severity
  /// A stable name in snake_case, such as `unknown_network`.
  public var name: String
  /// Its location; nil if it concerns the policy as a whole.
  public var location: SourceLocation?
  /// What is wrong, with the offending text.
  public var message: String
  /// What would be right.
  public var remedy: String?

  /// A diagnostic with all its parts; the other initialisers take a name of `ErrorName` or
  /// `WarningName`.
  package init(
    severity: Severity, name: String, location: SourceLocation?, message: String,
    remedy: String? = nil
  ) {
    self.severity = severity
    self.name = name
    self.location = location
    self.message = Self.bounded(message)
    self.remedy = remedy
  }

  /// The most characters that a message has: names in it can be as long as the policy.
  private static let messageLimit = 1024

  /// A message, cut if it is too long.
  private static func bounded(_ message: String) -> String {
    // The first look costs nothing: a text has at least as many bytes as characters.
    guard message.utf8.count > messageLimit, message.count > messageLimit else { return message }
    return message.prefix(messageLimit) + "…"
  }

  /// An error by its name.
  public init(
    error: ErrorName, location: SourceLocation?, message: String, remedy: String? = nil
  ) {
    self.init(
      severity: .error, name: error.rawValue, location: location, message: message,
      remedy: remedy)
  }

  /// A warning by its name.
  public init(
    warning: WarningName, location: SourceLocation?, message: String, remedy: String? = nil
  ) {
    self.init(
      severity: .warning, name: warning.rawValue, location: location, message: message,
      remedy: remedy)
  }
}

extension [Diagnostic] {
  /// The first ones, errors before warnings, and one more that says how many are left out; all of
  /// them if there are no more than the limit, which is at least one.
  public func limited(to limit: Int) -> [Diagnostic] {
    guard count > limit else { return self }
    let errors = filter { $0.severity == .error }
    let ordered = errors + filter { $0.severity == .warning }
    let omitted = ordered.dropFirst(limit - 1)
    let omittedErrors = Swift.max(0, errors.count - (limit - 1))
    return ordered.prefix(limit - 1) + [
      Diagnostic(
        severity: omittedErrors > 0 ? .error : .warning, name: ErrorName.omitted.rawValue,
        location: nil,
        message: "errors not shown: \(omittedErrors), warnings not shown: "
          + "\(omitted.count - omittedErrors)",
        remedy: "`gatehouse check` shows all of them")
    ]
  }

  /// Whether one of them is this error.
  public func contains(_ error: ErrorName) -> Bool {
    contains { $0.severity == .error && $0.name == error.rawValue }
  }
}

extension Diagnostic: CustomStringConvertible {
  /// One line: `policy.yaml:3:5: error: what is wrong (what would be right)`.
  public var description: String {
    let place = location.map { "\($0): " } ?? ""
    let hint = remedy.map { " (\($0))" } ?? ""
    return "\(place)\(severity.rawValue): \(message)\(hint)"
  }
}

extension Diagnostic: Comparable {
  /// Orders by location; those about the policy as a whole come first.
  public static func < (left: Diagnostic, right: Diagnostic) -> Bool {
    switch (left.location, right.location) {
    case (let leftPlace?, let rightPlace?) where leftPlace != rightPlace: leftPlace < rightPlace
    case (nil, _?): true
    case (_?, nil): false
    default: (left.name, left.message) < (right.name, right.message)
    }
  }
}
