import GatehouseChange
import GatehousePolicy
import GatehouseReport
import GatehouseWire

extension RunningDaemon {
  /// Asks for the grants that there are.
  func grants(_ format: GatehouseReport.ReportFormat) throws(CommandFailure) -> Answer {
    try ask(.grants(GatehouseWire.ReportFormat(format)))
  }

  /// Asks for something that is recorded, with who asks and why.
  ///
  /// - Parameters:
  ///   - kind: What is asked.
  ///   - reason: Why; empty where nothing was said.
  ///   - format: How the report is to be written.
  ///   - fill: Adds what else there is to say.
  /// - Returns: What the daemon answered.
  /// - Throws: What makes it impossible to ask, or what `fill` found wrong.
  func ask(
    _ kind: Kind, reason: String, _ format: GatehouseReport.ReportFormat,
    _ fill: (inout Frame) throws(CommandFailure) -> Void
  ) throws(CommandFailure) -> Answer {
    var frame = Frame(kind)
    try fill(&frame)
    let why = reason.utf8.filter { $0 != 0 }
    guard why.count <= WireLimit.why else {
      throw .misuse("--reason: at most \(WireLimit.why) bytes are kept, and this has \(why.count)")
    }
    let author = ChangeRecord.Author.own()?.description ?? "somebody unknown"
    frame.sign(author: author.utf8, why: why, GatehouseWire.ReportFormat(format))
    return try ask(frame)
  }
}

extension Frame {
  /// Adds a name that was given on the command line.
  mutating func append(
    _ tag: Tag, _ text: String, option: String, _ lengths: ClosedRange<Int>,
    where isAllowed: (UInt8) -> Bool = { $0 != 0 }
  ) throws(CommandFailure) {
    guard lengths.contains(text.utf8.count), text.utf8.allSatisfy(isAllowed) else {
      throw .misuse(
        text.isEmpty ? "\(option): an empty name is no name" : "\(option): \"\(text)\" is no name")
    }
    append(tag, text.utf8)
  }

  /// Adds the id of a grant or a denial.
  mutating func append(id: String) throws(CommandFailure) {
    try append(.id, id, option: "the id", 1...WireLimit.id, where: isOfDeclaredName)
  }

  /// Adds how long a grant is to last.
  mutating func append(duration text: String) throws(CommandFailure) {
    guard let seconds = seconds(of: text), seconds > 0 else {
      throw .misuse(
        "--for \(text): no length of time", remedy: "write a number and s, m, h or d, such as 2h")
    }
    append(.duration, word: UInt32(clamping: seconds))
  }
}

/// Whether a byte can stand in a role's name or an id.
func isOfDeclaredName(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
    true
  default: false
  }
}
