import GatehousePolicy
import GatehouseReport

// How denials are kept.

extension Denial {
  /// The fields of its record.
  static let recordWidth = 8

  /// Its record.
  ///
  /// What there is not is an empty field.
  var record: [[UInt8]] {
    [
      Array(id.utf8), Array(String(time.microseconds).utf8), user.bytes, service.bytes,
      Array((address?.description ?? "").utf8), role?.bytes ?? [], Array(reason.rawValue.utf8),
      authentication?.bytes ?? [],
    ]
  }

  /// Nil for what is no denial's record.
  init?(record: [[UInt8]]) {
    guard record.count == Self.recordWidth else { return nil }
    func text(_ index: Int) -> String { String(decoding: record[index], as: UTF8.self) }
    func name(_ index: Int) -> Name? { record[index].isEmpty ? nil : Name(bytes: record[index]) }
    guard let time = Int64(text(1)), let user = name(2), let service = name(3),
      let reason = Reason(rawValue: text(6))
    else { return nil }
    self.init(
      id: text(0), time: Instant(microsecondsSinceEpoch: time), user: user, service: service,
      address: IPAddress(text(4)), role: name(5), reason: reason, authentication: name(7))
  }
}
