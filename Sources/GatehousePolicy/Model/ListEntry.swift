/// One entry of a list, as it was written.
struct ListEntry: Sendable {
  enum Content: Sendable {
    case range(AddressRange)
    /// `anywhere`.
    case anywhere
    /// `nowhere`.
    case nowhere
    case network(Name)
    /// The addresses of a `file:`.
    case file(AddressTable)
  }

  let content: Content
  /// The address, the name of the network, or `file NAME`.
  let text: String
  let location: SourceLocation
  var comment: String?
  /// False where the entry has `active: false`.
  var isActive = true
  var window = TimeWindow.always
}
