import GatehouseGuard
import GatehousePolicy
import GatehouseRecord

@testable import GatehouseChange
@testable import GatehouseDaemon
@testable import GatehouseState

/// Each kind of state file, and what the first version wrote.
enum States {
  /// Every kind; `run` looks for kinds in the sources that are not in this file.
  private static let kinds: [any StateReading] = [
    KeptState.grants, KeptState.denials, KeptState.trial, KeptState.loading,
    KeptState.failedStarts, KeptState.shadowCounts, KeptState.monitorCounts, KeptState.loginsEnd,
    KeptState.refusal, StateKinds.acceptedPolicy, StateKinds.shadow, LoginRecord.kind,
    KeptChange.entry, KeptChange.entryVersion1, KeptChange.draft, KeptChange.withdrawal,
    // The command's own: `pam enable --confirm-within`.
    StateKind<TrialRecord>("pam trial", version: 2, TrialRecord.layout),
    KeptState.identities,
  ]

  /// The first byte is the kind; the second is 0 for a whole file, 255 for one of the first version,
  /// else the version of a body, to which the right head is made.
  @Sendable static func run(_ bytes: [UInt8]) {
    guard bytes.count >= 2 else { return }
    let kind = kinds[Int(bytes[0]) % kinds.count]
    let rest = Array(bytes.dropFirst(2))
    switch bytes[1] {
    case 0: kind.check(rest)
    case .max: kind.checkFirstVersion(rest)
    case let version: kind.check(head(of: kind.name, Int(version), rest) + rest)
    }
    if let archive = try? SnapshotArchive(decoding: rest) {
      promise(
        (try? SnapshotArchive(decoding: archive.bytes)) == archive, "an archive stays what it is")
    }
  }

  /// The head of a body; what is after the first NUL-free policy body does not matter to most kinds.
  private static func head(of name: String, _ version: Int, _ body: [UInt8]) -> [UInt8] {
    StateHead(kind: name, version: version, bodyCount: body.count, contentsCount: 0)
      .bytes(sealing: body)
  }
}

/// A kind of state without its type.
private protocol StateReading: Sendable {
  var name: String { get }
  func check(_ bytes: [UInt8])
  func checkFirstVersion(_ bytes: [UInt8])
}

extension StateKind: StateReading {
  fileprivate func check(_ bytes: [UInt8]) {
    if let value = try? decode(bytes) { checkRoundTrip(value) }
  }

  fileprivate func checkFirstVersion(_ bytes: [UInt8]) {
    if let value = firstVersion?(bytes) { checkRoundTrip(value) }
  }

  private func checkRoundTrip(_ value: Value) {
    let written: [UInt8]
    do throws(StateProblem) { written = Array(try pieces(value).joined()) } catch {
      return promise(false, "\(name): what was read can be written: \(error)")
    }
    promise(written.count <= byteLimit, "\(name): what is written is within the bound")
    guard let again = try? decode(written), let rewritten = try? pieces(again) else {
      return promise(false, "\(name): what is written can be read")
    }
    // The order within a dictionary is nobody's.
    promise(
      body(written) == body(Array(rewritten.joined())), "\(name): what is kept stays what it is")
  }

  private func body(_ bytes: [UInt8]) -> [UInt8] { bytes.dropFirst(StateHead.byteCount).sorted() }
}
