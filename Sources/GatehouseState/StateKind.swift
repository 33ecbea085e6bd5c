public import GatehousePolicy

/// One kind of state: its name, its version, and the layout of its value.
///
/// As bytes it is a head, a body, and for a kind that holds a policy the content of its files:
///
///     16 bytes  "gatehouse state" and a newline
///      2 bytes  the version of this format: 1
///      2 bytes  the version of the kind's layout
///     24 bytes  the kind's name, filled up with zeros
///      8 bytes  how many bytes the body has
///      8 bytes  how many bytes follow the body
///     32 bytes  the SHA-256 of everything above and of the body
///               the body: the value in its layout
///               the content of a policy's files, one after the other
///
/// A policy's own SHA-256 stands in the body, so the one in the head covers the files' content too.
/// All of this tells what was damaged from what was kept. It is no signature: a process that may write the
/// file can write another value, with the right digest.
///
/// Decoding is a function of the bytes alone, and is bounded by them and by the layout.
public struct StateKind<Value: Sendable>: Sendable {
  /// The name in the head, at most 24 bytes.
  public let name: String
  /// The version of the layout.
  public let version: Int
  /// The most bytes that a file of this kind has.
  public let byteLimit: Int

  private let body: @Sendable (Value) throws(StateProblem) -> [UInt8]
  private let contents: @Sendable (Value) -> [[UInt8]]
  /// How each version of the layout is read.
  private let readers: [Int: Reader]
  /// Reads what the first version of Gatehouse wrote; nil if it wrote no such file.
  private let firstVersionReader: (@Sendable ([UInt8]) -> Value?)?

  /// Reads a body, and the content of a policy's files after it.
  private struct Reader: Sendable {
    let bodyByteLimit: Int
    let value: @Sendable ([UInt8], Int, StateSource) throws(StateProblem) -> Value
  }

  /// A kind without a policy.
  ///
  /// - Parameters:
  ///   - name: At most 24 bytes.
  ///   - version: From 1 to 65535; to be raised with each change of the layout.
  ///   - layout: How the value is laid out.
  ///   - earlier: How it was in earlier versions that are still read, by their numbers.
  ///   - firstVersion: Reads what the first version of Gatehouse wrote (`FirstVersion`).
  public init(
    _ name: String, version: Int, _ layout: Layout<Value>, earlier: [Int: Layout<Value>] = [:],
    firstVersion: (@Sendable ([UInt8]) -> Value?)? = nil
  ) {
    self.name = name
    self.version = version
    firstVersionReader = firstVersion
    let longest = earlier.values.reduce(layout.byteLimit) { max($0, $1.byteLimit) }
    byteLimit = StateHead.byteCount + longest
    body = { value throws(StateProblem) in try Self.encode(value, layout) }
    contents = { _ in [] }
    readers = earlier.merging([version: layout]) { _, own in own }.mapValues { layout in
      Reader(bodyByteLimit: layout.byteLimit) { body, contentsCount, _ throws(StateProblem) in
        guard contentsCount == 0 else { throw .tooLong }
        return try Self.decode(body, layout)
      }
    }
  }

  /// A kind that holds a policy, beside what else there is to know.
  ///
  /// - Parameters:
  ///   - name: At most 24 bytes.
  ///   - version: From 1 to 65535; to be raised with each change of the layout.
  ///   - note: How what is known beside the policy is laid out.
  ///   - firstVersion: Reads what the first version of Gatehouse wrote (`FirstVersion`).
  public init<Note>(
    policy name: String, version: Int, _ note: Layout<Note>,
    firstVersion: (@Sendable ([UInt8]) -> Value?)? = nil
  ) where Value == KeptPolicy<Note> {
    self.name = name
    self.version = version
    firstVersionReader = firstVersion
    let layout = KeptPolicy<Note>.Body.layout(note)
    byteLimit = StateHead.byteCount + layout.byteLimit + PolicyFileEntry.contentByteLimit
    body = { value throws(StateProblem) in try KeptPolicy<Note>.encode(value, layout) }
    contents = { $0.archive.files.map(\.content) }
    readers = [
      version: Reader(bodyByteLimit: layout.byteLimit) {
        body, contentsCount, source throws(StateProblem) in
        try KeptPolicy<Note>.decode(body, layout, contentsCount: contentsCount, source)
      }
    ]
  }

  /// The same kind, which reads an older version of its layout, too.
  ///
  /// - Parameters:
  ///   - older: The kind as it was, with the same name and a lower version.
  ///   - upgrade: Makes a value of an older one.
  /// - Returns: The kind, which writes its own version alone.
  public func alsoReading<Older>(
    _ older: StateKind<Older>, _ upgrade: @escaping @Sendable (Older) -> Value
  ) -> StateKind {
    let olderReaders = older.readers.mapValues { reader in
      Reader(bodyByteLimit: reader.bodyByteLimit) {
        body, contentsCount, source throws(StateProblem) in
        upgrade(try reader.value(body, contentsCount, source))
      }
    }
    return StateKind(self, readers: readers.merging(olderReaders) { own, _ in own })
  }

  private init(_ kind: StateKind, readers: [Int: Reader]) {
    name = kind.name
    version = kind.version
    let longest = readers.values.lazy.map(\.bodyByteLimit).max() ?? 0
    let own = kind.readers[kind.version]?.bodyByteLimit ?? 0
    byteLimit = kind.byteLimit + max(0, longest - own)
    body = kind.body
    contents = kind.contents
    self.readers = readers
    firstVersionReader = kind.firstVersionReader
  }

  // MARK: Writing

  /// The bytes of a value in pieces, one after the other; the content of a policy's file is not
  /// copied.
  ///
  /// - Throws: If a field of the value is out of its bounds.
  public func pieces(_ value: Value) throws(StateProblem) -> [[UInt8]] {
    let body = try body(value)
    let contents = contents(value)
    let head = StateHead(
      kind: name, version: version, bodyCount: body.count,
      contentsCount: contents.reduce(0) { $0 + $1.count })
    return [head.bytes(sealing: body) + body] + contents
  }

  // MARK: Reading

  /// Reads what `pieces` gives.
  ///
  /// - Throws: What is wrong with any other bytes.
  public func decode(_ bytes: [UInt8]) throws(StateProblem) -> Value {
    var rest = bytes[...]
    return try decode(count: bytes.count) { count throws(StateProblem) in
      guard count <= rest.count else { throw .cutOff }
      defer { rest = rest.dropFirst(count) }
      return Array(rest.prefix(count))
    }
  }

  /// Reads what the first version of Gatehouse wrote.
  ///
  /// - Returns: Nil for anything else, and for a value that is out of the bounds of this layout.
  func firstVersion(_ bytes: [UInt8]) -> Value? {
    guard let value = firstVersionReader?(bytes), (try? body(value)) != nil else { return nil }
    return value
  }

  /// Reads a value of `count` bytes in all, which `take` gives piece by piece.
  func decode(count: Int, _ take: StateSource) throws(StateProblem) -> Value {
    guard count <= byteLimit else { throw .tooLarge(bytes: count, limit: byteLimit) }
    guard count >= StateHead.byteCount else { throw .cutOff }
    let (head, digest) = try StateHead.decode(try take(StateHead.byteCount))
    guard head.kind == name else { throw .otherKind }
    guard let reader = readers[head.version] else {
      throw .version(head.version, supported: version)
    }
    guard head.bodyCount <= reader.bodyByteLimit else { throw .outOfBounds("body") }
    let rest = count - StateHead.byteCount
    guard head.bodyCount <= rest, head.contentsCount <= rest - head.bodyCount else { throw .cutOff }
    guard rest == head.bodyCount + head.contentsCount else { throw .tooLong }
    let body = try take(head.bodyCount)
    guard head.bytes(sealing: body).suffix(digest.count).elementsEqual(digest) else {
      throw .otherDigest
    }
    return try reader.value(body, head.contentsCount, take)
  }

  fileprivate static func encode<Part>(
    _ value: Part, _ layout: Layout<Part>
  ) throws(StateProblem) -> [UInt8] {
    var writer = StateWriter()
    try layout.write(value, &writer)
    return writer.bytes
  }

  fileprivate static func decode<Part>(
    _ body: [UInt8], _ layout: Layout<Part>
  ) throws(StateProblem) -> Part {
    var reader = StateReader(body)
    let value = try layout.read(&reader)
    guard reader.isAtEnd else { throw .tooLong }
    return value
  }
}

/// Gives the next bytes, exactly as many as it is asked for.
typealias StateSource = (Int) throws(StateProblem) -> [UInt8]

/// What each state file begins with.
struct StateHead: Equatable {
  let kind: String
  let version: Int
  let bodyCount: Int
  let contentsCount: Int

  /// What the first bytes of every state file are.
  static let magic = Array("gatehouse state\n".utf8)
  static let byteCount = 92
  private static let formatVersion = 1
  private static let nameBytes = 24

  /// The head of a body.
  func bytes(sealing body: [UInt8]) -> [UInt8] {
    var writer = StateWriter(bytes: Self.magic)
    writer.number(UInt64(Self.formatVersion), bytes: 2)
    writer.number(UInt64(version), bytes: 2)
    writer.bytes += kind.utf8
    writer.bytes += [UInt8](repeating: 0, count: Self.nameBytes - kind.utf8.count)
    writer.number(UInt64(bodyCount), bytes: 8)
    writer.number(UInt64(contentsCount), bytes: 8)
    var hash = SHA256()
    hash.update(writer.bytes.span)
    hash.update(body.span)
    return writer.bytes + hash.finish()
  }

  /// Reads a head.
  ///
  /// The caller compares the digest once it has the body.
  static func decode(
    _ bytes: [UInt8]
  ) throws(StateProblem) -> (head: StateHead, digest: ArraySlice<UInt8>) {
    var reader = StateReader(bytes)
    guard try reader.take(magic.count).elementsEqual(magic) else { throw .notState }
    let format = Int(try reader.number(bytes: 2))
    guard format == formatVersion else { throw .version(format, supported: formatVersion) }
    let version = Int(try reader.number(bytes: 2))
    let name = try reader.take(nameBytes)
    let end = name.firstIndex(of: 0) ?? name.endIndex
    guard name[end...].allSatisfy({ $0 == 0 }),
      let kind = String(validating: name[..<end], as: UTF8.self),
      let bodyCount = Int(exactly: try reader.number(bytes: 8)),
      let contentsCount = Int(exactly: try reader.number(bytes: 8))
    else { throw .outOfBounds("head") }
    let head = StateHead(
      kind: kind, version: version, bodyCount: bodyCount, contentsCount: contentsCount)
    return (head, try reader.take(32))
  }
}

// MARK: Policies

/// A policy that is kept, with a note beside its files.
public struct KeptPolicy<Note: Sendable>: Sendable {
  /// What is known of it.
  public let note: Note
  /// Its files.
  public let archive: SnapshotArchive

  /// A policy with what is known of it.
  public init(_ note: Note, _ archive: SnapshotArchive) {
    self.note = note
    self.archive = archive
  }

  /// What stands before the content of the files.
  fileprivate struct Body {
    let note: Note
    let digest: String
    let files: [PolicyFileEntry]

    static func layout(_ note: Layout<Note>) -> Layout<Body> {
      .record(
        "policy", note, .text("sha256", atMost: 64),
        .list("files", of: PolicyFileEntry.layout, atMost: PolicyFileEntry.limit),
        make: { Body(note: $0, digest: $1, files: $2) }, take: { ($0.note, $0.digest, $0.files) })
    }
  }

  fileprivate static func encode(
    _ value: Self, _ layout: Layout<Body>
  ) throws(StateProblem) -> [UInt8] {
    let files = value.archive.files.map {
      PolicyFileEntry(isList: $0.isList, name: $0.name, count: $0.content.count)
    }
    guard files.reduce(0, { $0 + $1.count }) <= PolicyFileEntry.contentByteLimit else {
      throw .outOfBounds("content")
    }
    return try StateKind<Self>.encode(
      Body(note: value.note, digest: value.archive.digest, files: files), layout)
  }

  fileprivate static func decode(
    _ bytes: [UInt8], _ layout: Layout<Body>, contentsCount: Int, _ take: StateSource
  ) throws(StateProblem) -> Self {
    let body = try StateKind<Self>.decode(bytes, layout)
    // No sum of these overflows: both numbers are bounded.
    guard body.files.reduce(0, { $0 + $1.count }) == contentsCount else {
      throw .outOfBounds("content")
    }
    var files: [SnapshotArchive.File] = []
    for file in body.files {
      files.append(.init(isList: file.isList, name: file.name, content: try take(file.count)))
    }
    do throws(SnapshotArchive.Damage) {
      return Self(body.note, try SnapshotArchive(files, digest: body.digest))
    } catch {
      throw error == .otherDigest ? .otherDigest : .outOfBounds("name")
    }
  }
}

extension KeptPolicy where Note == Void {
  /// A policy with nothing else kept about it.
  public init(_ archive: SnapshotArchive) { self.init((), archive) }
}

extension Layout where Value == Void {
  /// Nothing.
  public static var nothing: Layout { .record("nothing", make: {}, take: { _ in () }) }
}

/// A file of a policy, without its content.
struct PolicyFileEntry {
  let isList: Bool
  let name: String
  let count: Int

  /// The most files that a kept policy has.
  static let limit = 16_384
  /// The most bytes that they have together: four of the longest lists.
  static let contentByteLimit = 1 << 30

  static let layout = Layout<PolicyFileEntry>.record(
    "file", .count("list", upTo: 1), .text("name", atMost: 4096),
    .count("length", upTo: contentByteLimit),
    make: { PolicyFileEntry(isList: $0 == 1, name: $1, count: $2) },
    take: { ($0.isList ? 1 : 0, $0.name, $0.count) })
}
