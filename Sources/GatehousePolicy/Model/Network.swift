/// A named set of addresses.
struct Network: Sendable {
  let entries: [ListEntry]
  let location: SourceLocation
  /// What its entries mean, the networks that it names included.
  var terms: [Term] = []
}
