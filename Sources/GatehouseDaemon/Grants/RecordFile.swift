import GatehousePlatform
import GatehousePolicy

/// Records of a fixed number of fields in one state file: a line with their SHA-256, then each field
/// as a netstring (`5:hello,`).
///
/// So any bytes can stand in a field, and whatever was damaged or cut is told from what was kept.
struct RecordFile: Sendable {
  /// The file.
  let file: StateFile
  /// What the records are, as the file's first words.
  let title: String
  /// How many fields a record has.
  let width: Int

  /// The file is there, and cannot be used.
  struct Unusable: Error, CustomStringConvertible {
    let description: String
  }

  /// The records that are kept; none where there is no file.
  func read() throws(Unusable) -> [[[UInt8]]] {
    let bytes: [UInt8]?
    do throws(SystemError) {
      bytes = try file.read()
    } catch {
      throw Unusable(description: error.description)
    }
    guard let bytes else { return [] }
    guard let records = decode(bytes) else { throw Unusable(description: "\(file.path): damaged") }
    return records
  }

  /// The records as they are kept.
  func encode(_ records: [[[UInt8]]]) -> [UInt8] {
    var body: [UInt8] = []
    for field in records.joined() {
      body += "\(field.count):".utf8
      body += field
      body.append(UInt8(ascii: ","))
    }
    return head(of: body) + body
  }

  /// Nil for anything that `encode` did not write.
  func decode(_ bytes: [UInt8]) -> [[[UInt8]]]? {
    guard let end = bytes.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
    var rest = bytes[(end + 1)...]
    guard bytes[...end].elementsEqual(head(of: Array(rest))) else { return nil }
    var records: [[[UInt8]]] = []
    while !rest.isEmpty {
      var record: [[UInt8]] = []
      for _ in 0..<width {
        guard let field = Self.takeField(&rest) else { return nil }
        record.append(field)
      }
      records.append(record)
    }
    return records
  }

  private func head(of body: [UInt8]) -> [UInt8] {
    let digest = SHA256.digest(of: body).map(hexadecimal).joined()
    return Array("\(title), format 1, sha256 \(digest)\n".utf8)
  }

  private static func takeField(_ rest: inout ArraySlice<UInt8>) -> [UInt8]? {
    // No field of ours has a length of more digits.
    guard let colon = rest.prefix(8).firstIndex(of: UInt8(ascii: ":")),
      let count = Int(String(decoding: rest[..<colon], as: UTF8.self)), count >= 0
    else { return nil }
    let field = rest[(colon + 1)...].prefix(count)
    guard field.count == count, field.endIndex < rest.endIndex,
      rest[field.endIndex] == UInt8(ascii: ",")
    else { return nil }
    rest = rest[(field.endIndex + 1)...]
    return Array(field)
  }
}
