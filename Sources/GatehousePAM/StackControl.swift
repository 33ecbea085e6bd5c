/// What libpam does with one return code of a line.
public struct StackAction: RawRepresentable, Hashable, Sendable {
  /// libpam's own number: 0 and below are the words, above 0 is the number of lines to jump over.
  public var rawValue: Int32

  /// The action with this number.
  public init(rawValue: Int32) { self.rawValue = rawValue }

  /// `ignore`: the code does not count.
  public static let ignore = StackAction(rawValue: 0)
  /// `ok`: the code becomes the result if nothing has failed so far.
  public static let ok = StackAction(rawValue: -1)
  /// `done`: like `ok`, and ends the stack or substack if nothing has failed so far.
  public static let done = StackAction(rawValue: -2)
  /// `bad`: a failure; the first one keeps the result.
  public static let bad = StackAction(rawValue: -3)
  /// `die`: like `bad`, and ends the stack or substack.
  public static let die = StackAction(rawValue: -4)
  /// `reset`: what the stack or substack came to so far is forgotten.
  public static let reset = StackAction(rawValue: -5)
  /// Not set by the control.
  static let unset = StackAction(rawValue: -6)

  /// The words in brackets, in the order in which libpam compares them (pam_tokens.h).
  static let words = ["ignore", "ok", "done", "bad", "die", "reset"]
}

/// The control of a line: an action for each return code (`_pam_parse_control` of pam_misc.c, and
/// the keywords of pam_handlers.c).
public struct StackControl: Hashable, Sendable {
  private(set) var actions = [StackAction](repeating: .unset, count: ReturnCode.all.count)

  /// The action for a code; a code that libpam does not know is a failure.
  public subscript(code: ReturnCode) -> StackAction {
    actions.indices.contains(Int(code.rawValue)) ? actions[Int(code.rawValue)] : .bad
  }

  /// The control as libpam reads it.
  /// - Parameters:
  ///   - text: The token, without its brackets; nil if the line ends before it.
  ///   - dialect: Whose libpam reads it.
  init(_ text: [UInt8]?, by dialect: PAMDialect) {
    switch text.map(\.asciiLowercased) {
    case nil: break
    case "required": set(.ok, else: .bad, ignoring: true)
    case "requisite": set(.ok, else: .die, ignoring: true)
    case "optional": set(.ok, else: .ignore)
    case "sufficient": set(.done, else: .ignore)
    case "include", "substack": return  // libpam sets nothing for these two
    default: parse(text ?? [], wrapsNumbers: dialect.generation == .fixedBuffer)
    }
    fill(with: .bad)
  }

  private mutating func set(
    _ success: StackAction, else failure: StackAction, ignoring: Bool = false
  ) {
    actions[Int(ReturnCode.success.rawValue)] = success
    actions[Int(ReturnCode.newPasswordRequired.rawValue)] = success
    if ignoring { actions[Int(ReturnCode.ignore.rawValue)] = .ignore }
    fill(with: failure)
  }

  /// Gives every code that has no action so far this one.
  mutating func fill(with action: StackAction) {
    for index in actions.indices where actions[index] == .unset { actions[index] = action }
  }

  private mutating func parse(_ text: [UInt8], wrapsNumbers: Bool) {
    var rest = text[...]
    while true {
      rest.skipSpace()
      if rest.isEmpty { return }
      guard let code = rest.take(oneOf: ReturnCode.names + ["default"]), !rest.isEmpty else {
        break
      }
      rest.skipSpace()
      guard rest.popFirst() == UInt8(ascii: "=") else { break }
      rest.skipSpace()
      guard !rest.isEmpty, let action = rest.takeAction(wrapsNumbers: wrapsNumbers) else { break }
      if code < actions.count { actions[code] = action } else { fill(with: action) }
    }
    // Any error makes all of it bad, what was right so far included.
    actions = actions.map { _ in .bad }
  }
}

extension ArraySlice<UInt8> {
  /// What isspace() calls space in the C locale.
  fileprivate mutating func skipSpace() {
    self = drop { $0 == 0x20 || (0x09...0x0D).contains($0) }
  }

  /// Takes the first of the words that this begins with, whatever follows it.
  /// - Returns: The word's index, or nil if there is none.
  fileprivate mutating func take(oneOf words: [String]) -> Int? {
    guard let index = words.firstIndex(where: { starts(with: $0.utf8) }) else { return nil }
    removeFirst(words[index].utf8.count)
    return index
  }

  fileprivate mutating func takeAction(wrapsNumbers: Bool) -> StackAction? {
    if let word = take(oneOf: StackAction.words) { return StackAction(rawValue: -Int32(word)) }
    let digits = prefix { (0x30...0x39).contains($0) }
    removeFirst(digits.count)
    var number: Int32 = 0
    for digit in digits {
      let (tenfold, over) = number.multipliedReportingOverflow(by: 10)
      let (sum, overToo) = tenfold.addingReportingOverflow(Int32(digit - 0x30))
      if (over || overToo) && !wrapsNumbers { return nil }
      number = sum
    }
    return number == 0 ? nil : StackAction(rawValue: number)
  }
}
