import GatehousePolicy

/// A set of addresses as text: exact, in as few prefixes as possible.
struct AddressText {
  /// The words before the prefixes, such as `every address except`; empty if the set is the prefixes.
  let lead: String
  /// The prefixes that are shown, in order.
  let prefixes: [String]
  /// How many prefixes are not shown.
  let more: Int

  /// - Parameters:
  ///   - addresses: The set.
  ///   - limit: How many prefixes are shown.
  init(_ addresses: AddressSet, atMost limit: Int) {
    let own = addresses.prefixes
    let others = addresses.complement.prefixes
    // The complement is easier to read if it is at most half as long.
    let isLacking = 2 * others.count < own.count || others.isEmpty
    let shown = isLacking ? others : own
    lead = others.isEmpty ? "anywhere" : isLacking ? "every address except " : ""
    prefixes = shown.prefix(limit).map(\.description)
    more = max(0, shown.count - limit)
  }

  /// All of it on one line.
  var line: String {
    lead + prefixes.joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
  }

  /// A line for each prefix; one line for a set that is described by its complement.
  var lines: [String] {
    guard lead.isEmpty else { return [line] }
    return prefixes + (more > 0 ? ["and \(more) more (--json has all)"] : [])
  }
}

extension AddressSet: JSONWritable {
  /// Writes an array of the fewest prefixes.
  func write(to writer: inout JSONWriter) { prefixes.map(\.description).write(to: &writer) }
}
