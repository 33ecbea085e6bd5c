/// The policy language as a JSON Schema (draft 2020-12), for editors.
///
/// Its keys are the loader's own. What it cannot express, the loader checks: that a network exists,
/// for example.
public enum PolicySchema {
  /// The whole schema.
  public static var document: JSONValue {
    let head: [JSONValue.Member] = [
      .init(name: "$schema", value: "https://json-schema.org/draft/2020-12/schema"),
      .init(name: "title", value: "The policy of Gatehouse"),
      .init(name: "description", value: "Who may log in from which address: gatehouse-policy(5)."),
    ]
    return .object(
      head + objectMembers(of: TopLevelKey.allCases)
        + [.init(name: "$defs", value: .object(SchemaPart.allCases.map(\.definition)))])
  }

  /// An object that has these keys and no others, and at least one.
  static func object<Key: DescribedKey>(of _: Key.Type) -> JSONValue { object(of: Key.allCases) }

  /// The same with some of the keys.
  static func object<Key: DescribedKey>(of keys: [Key]) -> JSONValue {
    .object(objectMembers(of: keys))
  }

  private static func objectMembers<Key: DescribedKey>(of keys: [Key]) -> [JSONValue.Member] {
    let properties = keys.map { key in
      JSONValue.Member(name: key.rawValue, value: key.schema.described(key.meaning))
    }
    var members: [JSONValue.Member] = [
      .init(name: "type", value: "object"), .init(name: "properties", value: .object(properties)),
      .init(name: "additionalProperties", value: false), .init(name: "minProperties", value: 1),
    ]
    if !Key.required.isEmpty {
      members.append(
        .init(name: "required", value: .list(Key.required.map { .text($0.rawValue) })))
    }
    return members
  }

  /// An object whose keys are names of this form.
  static func map(named names: JSONValue, of value: JSONValue) -> JSONValue {
    [
      "type": "object", "propertyNames": names, "additionalProperties": value, "minProperties": 1,
    ]
  }

  /// One of these texts.
  static func choice<Choice: RawRepresentable<String>>(_ choices: [Choice]) -> JSONValue {
    ["enum": .list(choices.map { .text($0.rawValue) })]
  }

  /// An array that is not empty.
  static func list(of item: JSONValue) -> JSONValue {
    ["type": "array", "minItems": 1, "items": item]
  }
}

extension JSONValue {
  /// An object with one more member.
  func adding(_ name: String, _ value: JSONValue) -> JSONValue {
    guard case .object(let members) = self else { return self }
    return .object(members + [Member(name: name, value: value)])
  }

  /// A schema with the text that an editor shows for it.
  fileprivate func described(_ text: String) -> JSONValue {
    guard case .object(let members) = self else { return self }
    return .object([Member(name: "description", value: .text(text))] + members)
  }
}

/// A JSON value; the members of an object stay in the order they are given.
public indirect enum JSONValue: Sendable {
  case text(String)
  case number(Int)
  case boolean(Bool)
  case list([JSONValue])
  case object([Member])

  /// A member of an object.
  public struct Member: Sendable {
    /// Its name.
    public var name: String
    /// Its value.
    public var value: JSONValue

    /// A member by its name and value.
    public init(name: String, value: JSONValue) {
      self.name = name
      self.value = value
    }
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  /// A string.
  public init(stringLiteral value: String) { self = .text(value) }
  /// A number.
  public init(integerLiteral value: Int) { self = .number(value) }
  /// `true` or `false`.
  public init(booleanLiteral value: Bool) { self = .boolean(value) }
  /// An array.
  public init(arrayLiteral elements: JSONValue...) { self = .list(elements) }
  /// An object.
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(elements.map { Member(name: $0.0, value: $0.1) })
  }
}
