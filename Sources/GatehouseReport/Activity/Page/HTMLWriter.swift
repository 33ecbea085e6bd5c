import GatehousePolicy

/// Writes HTML, in which everything is escaped that is not written in the code.
struct HTMLWriter {
  /// An attribute; its value is escaped.
  struct Attribute {
    let name: StaticString
    let value: String

    init(_ name: StaticString, _ value: String) {
      self.name = name
      self.value = value
    }

    /// Names of style classes.
    static func style(_ names: String) -> Attribute { Attribute("class", names) }
  }

  /// What has been written so far, in UTF-8.
  private(set) var bytes: [UInt8] = []

  /// An empty writer.
  init() {}

  /// Writes an element with what the closure writes into it.
  mutating func element(
    _ name: StaticString, _ attributes: [Attribute] = [], _ content: (inout HTMLWriter) -> Void
  ) {
    open(name, attributes)
    content(&self)
    append("</")
    append(name)
    append(">")
  }

  /// Writes an element with a text.
  mutating func element(_ name: StaticString, _ attributes: [Attribute] = [], text: String) {
    element(name, attributes) { $0.text(text) }
  }

  /// Writes the opening tag alone, of an element that has no content, such as `meta`.
  mutating func open(_ name: StaticString, _ attributes: [Attribute] = []) {
    append("<")
    append(name)
    for attribute in attributes {
      append(" ")
      append(attribute.name)
      append("=\"")
      text(attribute.value)
      append("\"")
    }
    append(">")
  }

  /// Writes what is written in the code: a doctype, a style sheet, a script.
  mutating func constant(_ text: StaticString) { append(text) }

  /// Writes a text: control and formatting characters made visible, and then everything escaped that
  /// means something in HTML, in attributes, too.
  mutating func text(_ text: String) {
    for byte in displayText(of: text).utf8 {
      switch byte {
      case UInt8(ascii: "&"): append("&amp;")
      case UInt8(ascii: "<"): append("&lt;")
      case UInt8(ascii: ">"): append("&gt;")
      case UInt8(ascii: "\""): append("&quot;")
      case UInt8(ascii: "'"): append("&#39;")
      default: bytes.append(byte)
      }
    }
  }

  private mutating func append(_ text: StaticString) {
    // SAFETY: a constant of the program.
    unsafe bytes.append(
      contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }
}
