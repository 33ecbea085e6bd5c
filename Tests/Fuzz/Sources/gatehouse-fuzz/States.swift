import GatehouseGuard
import GatehouseNotify
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
    KeptState.identities, NoticeState.kind, KeptState.codes,
  ]

  /// The first byte is the kind, the second what follows.
  ///
  /// 0 is a whole file, 255 one of the first version. Else it is the version of a body, which gets the
  /// right head; plus 127 if two bytes follow that say how many at the end are the content of a
  /// policy's files.
  @Sendable static func run(_ bytes: [UInt8]) {
    guard bytes.count >= 4 else { return }
    let kind = kinds[Int(bytes[0]) % kinds.count]
    let rest = Array(bytes.dropFirst(2))
    switch Int(bytes[1]) {
    case 0: kind.check(rest)
    case 255: kind.checkFirstVersion(rest)
    case let version where version < 128:
      kind.check(file(of: kind.name, version, rest, contents: 0))
    case let version:
      let contents = min(Int(rest[0]) << 8 | Int(rest[1]), rest.count - 2)
      kind.check(file(of: kind.name, version - 127, Array(rest.dropFirst(2)), contents: contents))
    }
    if let archive = try? SnapshotArchive(decoding: rest) {
      promise(
        (try? SnapshotArchive(decoding: archive.bytes)) == archive, "an archive stays what it is")
    }
  }

  private static func file(
    of name: String, _ version: Int, _ bytes: [UInt8], contents: Int
  ) -> [UInt8] {
    let body = Array(bytes.dropLast(contents))
    let head = StateHead(
      kind: name, version: version, bodyCount: body.count, contentsCount: contents)
    return head.bytes(sealing: body) + bytes
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
    if let value = firstVersion(bytes) { checkRoundTrip(value) }
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
