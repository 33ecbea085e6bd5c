import GatehousePolicy

extension String {
  /// This text with everything that is unsafe to show as `\u{…}`.
  ///
  /// User names, remote hosts and the text of a broken policy come from outside; nothing of them
  /// reaches a terminal or a log but through here.
  public var escapedForTerminal: String { displayText(of: self) }
}
