internal import GatehouseFeeds

/// Why a source gives nothing: place and problem, on one line.
public struct FetchProblem: Error, Hashable, Sendable, CustomStringConvertible {
  /// The reason, without control characters.
  public let description: String

  /// A problem for a reason that may have texts from outside.
  init(_ reason: String) { description = FeedReply.oneLine(reason) }
}
