import GatehouseControl
import GatehousePolicy

extension ExplainedLogin.GroupSource {
  /// The user's groups, nil if they could not be read, and where they are from.
  func text(of groups: Set<Name>?) -> StyledText {
    guard let groups else { return StyledText("could not be read", .bad) }
    let remark: StyledText =
      switch self {
      case .given: StyledText("  (as given)", .faint)
      case .nss: StyledText("  (of those that the policy names)", .faint)
      case .unknownUser: StyledText("  (there is no such user on this machine)", .doubtful)
      }
    return groups.sorted().text + remark
  }
}

extension PolicyIdentity {
  /// The mode, and which policy it is.
  var text: StyledText {
    let name = generation.map { "generation \($0), " } ?? ""
    let mode = mode == .enforce ? StyledText("enforce") : StyledText(mode.rawValue, .doubtful)
    return mode + StyledText("  (\(name)\(digest.prefix(12)))", .faint)
  }
}

extension [Name] {
  /// The names, or the word `none`.
  var text: StyledText {
    isEmpty ? StyledText("none", .faint) : StyledText(joined)
  }

  /// The names, separated by commas.
  var joined: String { map(\.description).joined(separator: ", ") }
}
