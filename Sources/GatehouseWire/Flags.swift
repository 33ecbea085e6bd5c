// Sets of flags, as plain structs: an OptionSet brings an array literal with it, and so the heap.

/// What a question says of a login besides its fields.
public struct LoginFlags: Hashable, Sendable {
  /// PAM_RHOST is the own name of the machine that asks.
  public var isOwnHostName = false
  /// If PAM_RHOST is not an address, the login session of the asking process tells the origin.
  public var asksSession = false
  /// If the origin is local, the answer says so and nothing is decided.
  public var leavesLocal = false
  /// Whether a second factor is needed is asked, and nothing else: allow means that it is not.
  ///
  /// A daemon that does not know this flag refuses the question, so the answer is never taken for another.
  public var asksFactor = false
  /// Whether a code is open by which this user may authorise the place is asked, and nothing else; with
  /// `Tag.code` whether that is the right one.
  ///
  /// A daemon that does not know this flag refuses the question.
  public var asksCode = false

  /// No flag.
  public init() {}

  /// The flags as they travel.
  public var word: UInt32 {
    (isOwnHostName ? 1 : 0) | (asksSession ? 8 : 0) | (leavesLocal ? 16 : 0)
      | (asksFactor ? 32 : 0) | (asksCode ? 64 : 0)
  }

  /// The flags in a word; nil if it holds one that does not exist.
  init?(word: UInt32) {
    guard word & ~121 == 0 else { return nil }
    isOwnHostName = word & 1 != 0
    asksSession = word & 8 != 0
    leavesLocal = word & 16 != 0
    asksFactor = word & 32 != 0
    asksCode = word & 64 != 0
  }
}

/// What an answer says besides its fields.
public struct AnswerFlags: Hashable, Sendable {
  /// Monitor mode: it is an allow, and would have been a denial.
  public var wouldDeny = false
  /// There were more roles than the field holds; it was cut after a whole name.
  public var rolesCut = false

  /// No flag.
  public init() {}

  /// The flags as they travel.
  public var word: UInt32 { (wouldDeny ? 1 : 0) | (rolesCut ? 2 : 0) }

  /// The flags in a word; nil if it holds one that does not exist.
  init?(word: UInt32) {
    guard word < 4 else { return nil }
    wouldDeny = word & 1 != 0
    rolesCut = word & 2 != 0
  }
}
