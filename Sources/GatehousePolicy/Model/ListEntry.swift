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
  /// What the entry says of itself; nil for one that is an address alone, as most are.
  var details: Details?

  final class Details: Sendable {
    let comment: String?
    /// False where the entry has `active: false`.
    let isActive: Bool
    let window: TimeWindow

    init(comment: String?, isActive: Bool, window: TimeWindow) {
      self.comment = comment
      self.isActive = isActive
      self.window = window
    }
  }

  var comment: String? { details?.comment }
  var isActive: Bool { details?.isActive ?? true }
  var window: TimeWindow { details?.window ?? .always }
}
