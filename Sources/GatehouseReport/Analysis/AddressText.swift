import GatehousePolicy

/// A set of addresses for people: as few words as say it exactly, and how much was left out.
struct AddressText {
  /// What stands before the prefixes, such as `anywhere but`; empty where the set is the prefixes.
  let lead: String
  /// Prefixes, in order.
  let prefixes: [String]
  /// How many more there are.
  let more: Int

  /// - Parameters:
  ///   - addresses: The set.
  ///   - limit: How many prefixes are shown.
  init(_ addresses: AddressSet, atMost limit: Int) {
    let own = addresses.prefixes
    let others = addresses.complement.prefixes
    // Easier to read, where it is shorter by half and more.
    let isLacking = 2 * others.count < own.count || others.isEmpty
    let shown = isLacking ? others : own
    lead = others.isEmpty ? "anywhere" : isLacking ? "anywhere but " : ""
    prefixes = shown.prefix(limit).map(\.description)
    more = max(0, shown.count - limit)
  }

  /// All of it on one line.
  var line: String {
    lead + prefixes.joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
  }

  /// A line for each prefix, but one alone for a set that is described by what it lacks.
  var lines: [String] {
    guard lead.isEmpty else { return [line] }
    return prefixes + (more > 0 ? ["and \(more) more (--json has all)"] : [])
  }
}

extension AddressSet: JSONWritable {
  /// Writes an array of the fewest prefixes.
  func write(to writer: inout JSONWriter) { prefixes.map(\.description).write(to: &writer) }
}
