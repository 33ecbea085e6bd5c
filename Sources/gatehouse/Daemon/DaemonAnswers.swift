import GatehousePolicy
import GatehouseReport

/// What the daemon's status says of the policy that it serves.
struct ServingStatus {
  /// The policy that decides logins now.
  struct Serving {
    var digest = ""
    var mode: Mode?
  }

  /// Whether the files of its folder are what it serves.
  private(set) var isCurrent = false
  /// The folder of its policy.
  private(set) var folder = ""
  /// Nil where it has no policy.
  private(set) var serving: Serving?
  /// The candidate that serves, where one is on trial.
  private(set) var trial: TrialState?

  /// Reads the status from its JSON.
  init(json: [UInt8]) throws(JSONError) {
    var reader = JSONReader(json, in: json.indices)
    var (isCurrent, folder, serving) = (false, "", nil as Serving?)
    var trial: TrialState?
    try reader.object { (reader, key) throws(JSONError) in
      switch key {
      case "ok": isCurrent = try reader.boolean()
      case "folder": folder = try reader.string(expecting: "a path")
      case "serving": serving = try Self.serving(&reader)
      case "trial": trial = try TrialState(&reader)
      default: try reader.skip()
      }
    }
    (self.isCurrent, self.folder, self.serving) = (isCurrent, folder, serving)
    self.trial = trial
  }

  private static func serving(_ reader: inout JSONReader) throws(JSONError) -> Serving? {
    if reader.null() { return nil }
    var serving = Serving()
    try reader.object { (reader, key) throws(JSONError) in
      switch key {
      case "sha256": serving.digest = try reader.string(expecting: "a digest")
      case "mode": serving.mode = Mode(rawValue: try reader.string(expecting: "a mode"))
      default: try reader.skip()
      }
    }
    return serving
  }
}

/// What the daemon's explanation says of a login.
struct JudgedLogin {
  /// `allow`, `deny` or `ignore`.
  private(set) var decision = ""
  /// Why.
  private(set) var reason = ""
  /// Whether only monitor mode lets it through.
  private(set) var wouldDeny = false
  /// What to change to allow it.
  private(set) var remedies: [String] = []

  /// Reads the explanation from its JSON.
  init(json: [UInt8]) throws(JSONError) {
    var reader = JSONReader(json, in: json.indices)
    var (decision, reason, wouldDeny, remedies) = ("", "", false, [] as [String])
    try reader.object { (reader, key) throws(JSONError) in
      switch key {
      case "decision": decision = try reader.string(expecting: "a decision")
      case "reason": reason = try reader.string(expecting: "a reason")
      case "would_deny": wouldDeny = try reader.boolean()
      case "remedies":
        try reader.array(expecting: "a list of remedies") { (reader) throws(JSONError) in
          remedies.append(try reader.string(expecting: "a remedy"))
        }
      default: try reader.skip()
      }
    }
    (self.decision, self.reason) = (decision, reason)
    (self.wouldDeny, self.remedies) = (wouldDeny, remedies)
  }
}
