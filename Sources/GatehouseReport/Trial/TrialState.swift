public import GatehousePolicy

/// A candidate that serves on trial.
public struct TrialState: Hashable, Sendable {
  /// The counter of its generation.
  public var generation: Int
  /// The hexadecimal SHA-256 of its content.
  public var digest: String
  /// Its mode.
  public var mode: Mode
  /// Who put it on trial, and from where.
  public var author: String
  /// Whom `--allow-lockout` named; nil where nobody.
  public var exempt: String?
  /// When it began to serve, to the second.
  public var since: Instant
  /// When it will end, to the second, by the machine's clock as it goes now.
  public var until: Instant
  /// How long that is from now, in seconds, rounded up.
  public var secondsLeft: Int

  /// A candidate on trial.
  public init(
    generation: Int, digest: String, mode: Mode, author: String, exempt: String?, since: Instant,
    until: Instant, secondsLeft: Int
  ) {
    self.generation = generation
    self.digest = digest
    self.mode = mode
    self.author = author
    self.exempt = exempt
    self.since = since.roundedToSeconds
    self.until = until.roundedToSeconds
    self.secondsLeft = secondsLeft
  }

  /// One line on it, for a log: who, since when, and for how long still.
  public var sentence: String {
    "a candidate of \(author) is on trial since \(since), for \(timeLeft) still (until \(until))"
  }

  /// How long it still is, in words.
  public var timeLeft: String { durationInWords(secondsLeft) }
}

extension TrialState {
  /// Reads what stands in the JSON of a report; nil for `null`.
  public init?(_ reader: inout JSONReader) throws(JSONError) {
    if reader.null() { return nil }
    var state = TrialState(
      generation: 0, digest: "", mode: .enforce, author: "", exempt: nil, since: .now(),
      until: .now(), secondsLeft: 0)
    try reader.object { (reader, key) throws(JSONError) in
      switch key {
      case "generation": state.generation = try reader.integer()
      case "sha256": state.digest = try reader.string(expecting: "a digest")
      case "mode":
        state.mode = Mode(rawValue: try reader.string(expecting: "a mode")) ?? state.mode
      case "by": state.author = try reader.string(expecting: "a name")
      case "allow_lockout" where !reader.null():
        state.exempt = try reader.string(expecting: "names")
      case "since": state.since = try reader.time(orElse: state.since)
      case "until": state.until = try reader.time(orElse: state.until)
      case "seconds_left": state.secondsLeft = try reader.integer()
      case "allow_lockout": break
      default: try reader.skip()
      }
    }
    self = state
  }
}

extension JSONReader {
  fileprivate mutating func time(orElse other: Instant) throws(JSONError) -> Instant {
    Instant(rfc3339: try string(expecting: "a time")) ?? other
  }
}

extension TrialState: JSONWritable {
  /// Writes an object.
  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("generation", generation)
      $0.member("sha256", digest)
      $0.member("mode", mode.rawValue)
      $0.member("by", author)
      $0.member("allow_lockout", exempt)
      $0.member("since", since)
      $0.member("until", until)
      $0.member("seconds_left", secondsLeft)
    }
  }
}
