import GatehousePolicy

// How grants are kept.

extension Grant {
  /// The fields of its record.
  static let recordWidth = 9

  /// Its record.
  ///
  /// What it does not name is an empty field, which no name is.
  var record: [[UInt8]] {
    [
      Array(id.utf8), user.bytes, Array(address.description.utf8), service?.bytes ?? [],
      role?.bytes ?? [], Array(String(since.microseconds).utf8),
      Array(String(until.microseconds).utf8), Array(author.utf8), Array(why.utf8),
    ]
  }

  /// Nil for what is no grant's record.
  init?(record: [[UInt8]]) {
    guard record.count == Self.recordWidth else { return nil }
    func text(_ index: Int) -> String { String(decoding: record[index], as: UTF8.self) }
    func name(_ index: Int) -> Name? { record[index].isEmpty ? nil : Name(bytes: record[index]) }
    guard let user = name(1), let address = IPAddress(text(2)), let since = Int64(text(5)),
      let until = Int64(text(6))
    else { return nil }
    self.init(
      id: text(0), user: user, address: address, service: name(3), role: name(4),
      since: Instant(microsecondsSinceEpoch: since), until: Instant(microsecondsSinceEpoch: until),
      author: text(7), why: text(8))
  }
}
