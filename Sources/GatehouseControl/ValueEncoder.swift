/// Writes a value as JSON (RFC 8259) in UTF-8, as Foundation's `JSONDecoder` reads it with its
/// standard settings.
///
/// Integers are exact. Values have no floating-point numbers; one is an error.
public struct ValueEncoder {
  /// The value as one JSON document, without white space.
  public static func encode(_ value: some Encodable) throws -> [UInt8] {
    let root = JSONNode()
    try value.encode(to: NodeEncoder(root, path: []))
    var bytes: [UInt8] = []
    root.write(to: &bytes)
    return bytes
  }
}

/// A value that is being built.
private final class JSONNode {
  enum Content {
    case null
    /// `true`, `false` or a number, as it is written.
    case literal(String)
    case string(String)
    case array([JSONNode])
    case object([(key: String, value: JSONNode)])
  }

  var content = Content.null

  /// Adds an element to an array, and returns it.
  func element() -> JSONNode {
    var elements: [JSONNode] = []
    if case .array(let present) = content { elements = present }
    // The array is held once while it grows.
    content = .null
    let node = JSONNode()
    elements.append(node)
    content = .array(elements)
    return node
  }

  /// Adds a member to an object, and returns its value.
  func member(_ key: String) -> JSONNode {
    var members: [(key: String, value: JSONNode)] = []
    if case .object(let present) = content { members = present }
    content = .null
    let node = JSONNode()
    members.append((key, node))
    content = .object(members)
    return node
  }

  var count: Int { if case .array(let elements) = content { elements.count } else { 0 } }

  func write(to bytes: inout [UInt8]) {
    switch content {
    case .null: bytes += "null".utf8
    case .literal(let text): bytes += text.utf8
    case .string(let text): Self.write(text, to: &bytes)
    case .array(let elements):
      bytes.append(UInt8(ascii: "["))
      for (index, element) in elements.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        element.write(to: &bytes)
      }
      bytes.append(UInt8(ascii: "]"))
    case .object(let members):
      bytes.append(UInt8(ascii: "{"))
      for (index, member) in members.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        Self.write(member.key, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        member.value.write(to: &bytes)
      }
      bytes.append(UInt8(ascii: "}"))
    }
  }

  private static func write(_ text: String, to bytes: inout [UInt8]) {
    let digits = Array("0123456789abcdef".utf8)
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
      case 0..<0x20: bytes += "\\u00".utf8 + [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }
}

private struct NodeEncoder: Encoder {
  let node: JSONNode
  let codingPath: [any CodingKey]
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  init(_ node: JSONNode, path: [any CodingKey]) {
    self.node = node
    codingPath = path
  }

  func container<Key: CodingKey>(keyedBy: Key.Type) -> KeyedEncodingContainer<Key> {
    // An object without members is an object too.
    node.content = .object([])
    return KeyedEncodingContainer(KeyedContainer(node: node, codingPath: codingPath))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    node.content = .array([])
    return UnkeyedContainer(node: node, codingPath: codingPath)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer {
    SingleContainer(node: node, codingPath: codingPath)
  }

  /// Writes a value of any type into the node.
  static func encode(_ value: some Encodable, into node: JSONNode, path: [any CodingKey]) throws {
    switch value {
    case let value as String: node.content = .string(value)
    case let value as Bool: node.content = .literal(value ? "true" : "false")
    case let value as any FixedWidthInteger: node.content = .literal("\(value)")
    case is Double, is Float:
      throw EncodingError.invalidValue(
        value, .init(codingPath: path, debugDescription: "no floating-point numbers"))
    default: try value.encode(to: NodeEncoder(node, path: path))
    }
  }
}

private struct KeyedContainer<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let node: JSONNode
  let codingPath: [any CodingKey]

  mutating func encodeNil(forKey key: Key) { node.member(key.stringValue).content = .null }

  mutating func encode(_ value: some Encodable, forKey key: Key) throws {
    try NodeEncoder.encode(value, into: node.member(key.stringValue), path: codingPath + [key])
  }

  mutating func nestedContainer<NestedKey: CodingKey>(
    keyedBy type: NestedKey.Type, forKey key: Key
  ) -> KeyedEncodingContainer<NestedKey> {
    encoder(for: key).container(keyedBy: type)
  }

  mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    encoder(for: key).unkeyedContainer()
  }

  mutating func superEncoder() -> any Encoder {
    NodeEncoder(node.member("super"), path: codingPath)
  }

  mutating func superEncoder(forKey key: Key) -> any Encoder { encoder(for: key) }

  private func encoder(for key: Key) -> NodeEncoder {
    NodeEncoder(node.member(key.stringValue), path: codingPath + [key])
  }
}

private struct UnkeyedContainer: UnkeyedEncodingContainer {
  let node: JSONNode
  let codingPath: [any CodingKey]
  var count: Int { node.count }

  mutating func encodeNil() { node.element().content = .null }

  mutating func encode(_ value: some Encodable) throws {
    try NodeEncoder.encode(value, into: node.element(), path: codingPath)
  }

  mutating func nestedContainer<NestedKey: CodingKey>(
    keyedBy type: NestedKey.Type
  ) -> KeyedEncodingContainer<NestedKey> {
    encoder().container(keyedBy: type)
  }

  mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
    encoder().unkeyedContainer()
  }

  mutating func superEncoder() -> any Encoder { encoder() }

  private func encoder() -> NodeEncoder { NodeEncoder(node.element(), path: codingPath) }
}

private struct SingleContainer: SingleValueEncodingContainer {
  let node: JSONNode
  let codingPath: [any CodingKey]

  mutating func encodeNil() { node.content = .null }

  mutating func encode(_ value: some Encodable) throws {
    try NodeEncoder.encode(value, into: node, path: codingPath)
  }
}
