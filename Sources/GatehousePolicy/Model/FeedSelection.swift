/// What is taken from a JSON document: a path of members, such as
/// `prefixes[region=eu-central-1].ip_prefix`.
///
/// Each step names a member of an object; an array on the way stands for each of its elements. In
/// brackets after a name stand members that an element must have, and their texts. The end of the
/// path is a text, or an array of texts, each an address, a prefix or a range.
public struct FeedSelection: Hashable, Sendable {
  /// A member, and what its elements must have.
  public struct Step: Hashable, Sendable {
    /// The name of the member.
    public let member: String
    /// What an element of it must have, all of them; empty for any.
    public let conditions: [Condition]
  }

  /// A member of an element, with the text that it must have.
  public struct Condition: Hashable, Sendable {
    /// The name of the member.
    public let member: String
    /// Its text, or the digits of a number as the document has them.
    public let value: String
  }

  /// The steps, from the document to the addresses; at least one.
  public let steps: [Step]
  /// The path as it was written.
  public let text: String

  /// The most steps of a path, and the most conditions of a step.
  public static let mostSteps = 16

  /// Reads a path; nil if it is none.
  ///
  /// The name of a member has no control character, space or `.[]=`; a value has no control
  /// character or `]`.
  public init?(_ text: String) {
    guard text.utf8.count <= NetworkSource.longestText else { return nil }
    var rest = Array(text.utf8)[...]
    func takeWord(_ isPart: (UInt8) -> Bool) -> String? {
      let word = rest.prefix { $0 >= 0x20 && $0 != 0x7F && isPart($0) }
      rest = rest.dropFirst(word.count)
      return word.isEmpty ? nil : String(validating: word, as: UTF8.self)
    }
    func take(_ character: Unicode.Scalar) -> Bool {
      guard rest.first == UInt8(ascii: character) else { return false }
      rest = rest.dropFirst()
      return true
    }
    func takeMember() -> String? { takeWord { $0 != 0x20 && !".[]=".utf8.contains($0) } }
    var steps: [Step] = []
    repeat {
      guard steps.count < Self.mostSteps, let member = takeMember() else { return nil }
      var conditions: [Condition] = []
      while take("[") {
        guard conditions.count < Self.mostSteps, let name = takeMember(), take("="),
          let value = takeWord({ $0 != UInt8(ascii: "]") }), take("]")
        else { return nil }
        conditions.append(Condition(member: name, value: value))
      }
      steps.append(Step(member: member, conditions: conditions))
    } while take(".")
    guard rest.isEmpty else { return nil }
    self.steps = steps
    self.text = text
  }
}
