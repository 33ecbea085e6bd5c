internal import GatehouseJSON
internal import GatehousePolicy

/// What a selection takes from a JSON document.
///
/// The document is read from its start to its end, once for each selection; no tree of it is made.
struct SelectedAddresses {
  /// How deep arrays and objects may lie in one another where a path goes.
  private static let deepest = 64

  private let selection: FeedSelection
  private var builder = AddressSetBuilder()
  private var isEmpty = true
  /// How many steps were there, from the first one on.
  private var present = 0
  /// How many steps had an element that meets their conditions.
  private var met = 0

  private init(_ selection: FeedSelection) { self.selection = selection }

  /// The addresses that are selected, of all selections together.
  ///
  /// - Throws: What of the document is no JSON, no address, or not there.
  static func addresses(
    in bytes: [UInt8], _ selections: [FeedSelection]
  ) throws(FetchProblem) -> AddressSet {
    try ForeignList.checkKind(of: bytes, expecting: "JSON")
    let start = bytes.byteOrderMarkLength
    var all = AddressSet()
    for selection in selections {
      var selected = SelectedAddresses(selection)
      do throws(JSONError) {
        var reader = JSONReader(bytes, in: start..<bytes.count)
        try selected.walk(&reader, to: 0, depth: 0)
        try reader.finish()
      } catch {
        throw FetchProblem("at byte \(error.column + start): \(error.problem)")
      }
      guard !selected.isEmpty else { throw FetchProblem(selected.absence) }
      all = all.union(selected.builder.finish())
    }
    return all
  }

  /// Takes from the next value what the steps from `index` on select in it.
  private mutating func walk(
    _ reader: inout JSONReader, to index: Int, depth: Int
  ) throws(JSONError) {
    guard depth <= Self.deepest else { throw reader.error("nested deeper than \(Self.deepest)") }
    let steps = selection.steps
    let kind = reader.kind()
    if kind == .array {
      try reader.array(expecting: "an array") { (reader) throws(JSONError) in
        try walk(&reader, to: index, depth: depth + 1)
      }
    } else if index == steps.count {
      try take(&reader, kind)
    } else if kind == .object {
      let step = steps[index]
      var isThere = false
      try reader.object { (reader, key) throws(JSONError) in
        guard key == step.member else { return try reader.skip() }
        guard !isThere else { throw reader.error("`\(step.member)` is there twice in one object") }
        isThere = true
        present = max(present, index + 1)
        try enter(&reader, index, depth: depth + 1)
      }
    } else {
      try reader.skip()
    }
  }

  /// Goes on into the value of a step, as far as it meets the conditions.
  private mutating func enter(
    _ reader: inout JSONReader, _ index: Int, depth: Int
  ) throws(JSONError) {
    guard depth <= Self.deepest else { throw reader.error("nested deeper than \(Self.deepest)") }
    let conditions = selection.steps[index].conditions
    if !conditions.isEmpty, reader.kind() == .array {
      return try reader.array(expecting: "an array") { (reader) throws(JSONError) in
        try enter(&reader, index, depth: depth + 1)
      }
    }
    // A copy reads ahead: what is asked of an element can stand behind what is wanted of it.
    var ahead = reader
    guard try Self.meets(conditions, &ahead) else { return try reader.skip() }
    met = max(met, index + 1)
    try walk(&reader, to: index + 1, depth: depth)
  }

  private static func meets(
    _ conditions: [FeedSelection.Condition], _ reader: inout JSONReader
  ) throws(JSONError) -> Bool {
    guard !conditions.isEmpty else { return true }
    guard reader.kind() == .object else { return false }
    var members: [String: String] = [:]
    let wanted = Set(conditions.map(\.member))
    try reader.object { (reader, key) throws(JSONError) in
      guard wanted.contains(key) else { return try reader.skip() }
      guard members[key] == nil else { throw reader.error("`\(key)` is there twice in one object") }
      switch reader.kind() {
      case .string: members[key] = try reader.string(expecting: "a text")
      case .number, .boolean: members[key] = reader.word()
      default: try reader.skip()
      }
    }
    return conditions.allSatisfy { members[$0.member] == $0.value }
  }

  /// Takes the end of a path.
  private mutating func take(_ reader: inout JSONReader, _ kind: JSONKind?) throws(JSONError) {
    let place = reader
    guard kind == .string else {
      throw place.error("`\(selection.text)` is \(Self.name(of: kind)), not the text of an address")
    }
    let text = try reader.string(expecting: "the text of an address")
    do throws(AddressProblem) {
      builder.insert(try AddressRange(reading: text.utf8.span))
      isEmpty = false
    } catch {
      throw place.error("`\(ForeignList.quoted(text.utf8))` \(error.message)")
    }
  }

  private static func name(of kind: JSONKind?) -> String {
    switch kind {
    case .object: "an object"
    case .array: "an array"
    case .string: "a text"
    case .number: "a number"
    case .boolean: "true or false"
    case .null: "null"
    case nil: "no value"
    }
  }

  /// Why nothing was selected: the first step that was not there.
  private var absence: String {
    let before = selection.steps.prefix(min(present, met)).map(\.member).joined(separator: ".")
    if met < present {
      let step = selection.steps[met]
      let conditions = step.conditions.map { "\($0.member)=\($0.value)" }.joined(separator: ", ")
      return "`\(selection.text)` selects nothing: no element of `\(step.member)` has \(conditions)"
    }
    if present == selection.steps.count {
      return "`\(selection.text)` selects nothing: it is there, and empty"
    }
    let place = before.isEmpty ? "the document" : "`\(before)`"
    return "`\(selection.text)` selects nothing: "
      + "there is no `\(selection.steps[present].member)` in \(place)"
  }
}
