internal import CSystemd
public import GatehousePolicy
internal import Glibc

/// A systemd journal (sd-journal(3)).
///
/// Only the journal sets the fields whose names begin with `_` (systemd.journal-fields(7)). All other
/// fields can be made up by any user.
@safe
public struct Journal: ~Copyable {
  /// Which journal is read.
  public enum Source: Sendable {
    /// The system journal of this machine, without those of its users.
    case machine
    /// The files in a folder laid out like /var/log/journal, or in one of its subfolders.
    case folder(String)
    /// Some files; if they are those of one machine, it is named by whoever wrote them.
    case files([String], of: Name?)

    /// The machine whose files they are; nil if it is not known by them.
    public var machine: Name? {
      if case .files(_, let machine) = self { machine } else { nil }
    }
  }

  private let handle: OpaquePointer

  /// Opens a journal; throws if it has no files.
  public init(_ source: Source) throws(JournalError) {
    var opened: OpaquePointer?
    let result =
      switch source {
      case .machine:
        // SAFETY: the call fills the variable of this frame.
        unsafe sd_journal_open(&opened, Int32(SD_JOURNAL_LOCAL_ONLY | SD_JOURNAL_SYSTEM))
      case .folder(let path):
        // SAFETY: as above; the path is a C string for the length of the call.
        unsafe sd_journal_open_directory(&opened, path, 0)
      case .files(let paths, _): unsafe Self.open(paths, &opened)
      }
    guard result >= 0, let handle = unsafe opened else { throw JournalError("opened", result) }
    // SAFETY: here and below, the handle is valid until it is closed.
    var size: UInt64 = 0
    guard unsafe sd_journal_get_usage(handle, &size) >= 0, size > 0 else {
      unsafe sd_journal_close(handle)
      throw JournalError("found", -(geteuid() == 0 ? ENOENT : EACCES))
    }
    // Bytes. No field that is read here is longer, so the rest need not be fetched.
    unsafe sd_journal_set_data_threshold(handle, 4096)
    unsafe self.handle = handle
  }

  deinit { unsafe sd_journal_close(handle) }

  @unsafe
  private static func open(_ paths: [String], _ opened: inout OpaquePointer?) -> Int32 {
    // SAFETY: an array of C strings of its own that ends with nil, freed after the call.
    let names = unsafe paths.map { unsafe strdup($0) }
    defer { unsafe names.forEach { unsafe free($0) } }
    var list = unsafe names.map { unsafe UnsafePointer($0) } + [nil]
    return unsafe sd_journal_open_files(&opened, &list, 0)
  }

  /// Keeps only entries that have this field with this value.
  ///
  /// If called several times for one field, an entry must have one of the values.
  public func match(_ field: String, _ value: String) throws(JournalError) {
    let text = Array("\(field)=\(value)".utf8)
    // SAFETY: the pointer is valid for the count of the array; the journal copies the text.
    let result = unsafe text.withUnsafeBytes { bytes in
      unsafe sd_journal_add_match(handle, bytes.baseAddress, bytes.count)
    }
    guard result >= 0 else { throw JournalError("searched", result) }
  }

  /// A journal of which only entries with these fields are kept.
  static func matching(
    _ fields: [(name: String, value: String)], in source: Source
  ) throws(JournalError) -> Journal {
    let journal = try Journal(source)
    for field in fields { try journal.match(field.name, field.value) }
    return journal
  }

  /// Moves before the first entry that is not older than a time.
  public func seek(to time: Instant) throws(JournalError) {
    let result = unsafe sd_journal_seek_realtime_usec(handle, UInt64(max(0, time.microseconds)))
    guard result >= 0 else { throw JournalError("searched", result) }
  }

  /// Moves to the next entry; returns false if there is none.
  public func next() throws(JournalError) -> Bool {
    let result = unsafe sd_journal_next(handle)
    guard result >= 0 else { throw JournalError("read", result) }
    return result > 0
  }

  /// Moves behind the newest entry.
  public func seekToEnd() throws(JournalError) {
    let result = unsafe sd_journal_seek_tail(handle)
    guard result >= 0 else { throw JournalError("searched", result) }
  }

  /// What `seek(after:)` found.
  enum Place {
    /// The entry with the cursor; the next one comes after it.
    case found
    /// The first of those that come after where it was; it is the current one.
    case later
    /// There is nothing from there on.
    case end
  }

  /// Moves to the entry with a cursor; nil if the text is not a cursor.
  func seek(after cursor: String) throws(JournalError) -> Place? {
    // SAFETY: here and below, the cursor is a C string for the length of the call.
    guard unsafe sd_journal_seek_cursor(handle, cursor) >= 0 else { return nil }
    guard try next() else { return .end }
    return unsafe sd_journal_test_cursor(handle, cursor) > 0 ? .found : .later
  }

  /// The cursor of the current entry; nil if there is none.
  func cursor() -> String? {
    var text: UnsafeMutablePointer<CChar>?
    // SAFETY: the call gives a C string that is ours to free.
    guard unsafe sd_journal_get_cursor(handle, &text) >= 0, let text = unsafe text else {
      return nil
    }
    defer { unsafe free(text) }
    return unsafe String(cString: text)
  }

  /// Moves to the entry before; returns false if there is none.
  public func previous() throws(JournalError) -> Bool {
    let result = unsafe sd_journal_previous(handle)
    guard result >= 0 else { throw JournalError("read", result) }
    return result > 0
  }

  /// Waits until there may be new entries, or a time is over.
  public func wait(atMost time: Duration) throws(JournalError) {
    let microseconds = UInt64(max(0, time.components.seconds)) * 1_000_000
    let result = unsafe sd_journal_wait(handle, microseconds)
    guard result >= 0 || result == -EINTR else { throw JournalError("watched", result) }
  }

  /// The time at which the journal received the current entry.
  public func time() throws(JournalError) -> Instant {
    var microseconds: UInt64 = 0
    let result = unsafe sd_journal_get_realtime_usec(handle, &microseconds)
    guard result >= 0 else { throw JournalError("read", result) }
    return Instant(microsecondsSinceEpoch: Int64(clamping: microseconds))
  }

  /// The time of the oldest entry, whether it matches or not; nil if the journal is empty.
  public func beginning() -> Instant? {
    var from: UInt64 = 0
    guard unsafe sd_journal_get_cutoff_realtime_usec(handle, &from, nil) > 0 else { return nil }
    return Instant(microsecondsSinceEpoch: Int64(clamping: from))
  }

  /// The value of one field of the current entry; nil if it does not have the field.
  func value(of field: String) -> [UInt8]? {
    var data: UnsafeRawPointer?
    var count = 0
    // SAFETY: the data is valid until the next call for this handle, and copied at once.
    guard unsafe sd_journal_get_data(handle, field, &data, &count) == 0 else { return nil }
    let datum = unsafe UnsafeRawBufferPointer(start: data, count: count)
    return unsafe Array(datum.dropFirst(field.utf8.count + 1))
  }

  /// Calls back with the values of those of some fields that the current entry has, and the place of
  /// each among the fields.
  func visit<Key>(_ fields: JournalFields<Key>, _ visit: (Int, Span<UInt8>) -> Void) {
    unsafe sd_journal_restart_data(handle)
    var data: UnsafeRawPointer?
    var count = 0
    // SAFETY: the data is valid until the next call for this handle, and looked at before.
    while unsafe sd_journal_enumerate_available_data(handle, &data, &count) > 0 {
      let datum = unsafe UnsafeRawBufferPointer(start: data, count: count)
      guard let place = unsafe fields.place(of: datum) else { continue }
      unsafe datum.withMemoryRebound(to: UInt8.self) { bytes in
        visit(place, unsafe bytes.span.extracting(droppingFirst: fields.length(at: place) + 1))
      }
    }
  }

  /// The values of those of these fields that the current entry has, by their keys.
  func values<Key>(of fields: JournalFields<Key>) -> [Key: [UInt8]] {
    var values: [Key: [UInt8]] = [:]
    visit(fields) { place, value in
      var bytes: [UInt8] = []
      bytes.append(value)
      values[fields.keys[place]] = bytes
    }
    return values
  }
}

/// Fields of the journal, to be found among those of an entry, which has many more.
struct JournalFields<Key: Hashable & Sendable>: Sendable {
  /// What they are called by whoever asks.
  let keys: [Key]
  /// All names, one after the other, those of one length together.
  private let names: [UInt8]
  /// The places of the keys in the order of the names.
  private let places: [Int]
  /// The lengths of the names in bytes, by place.
  private let lengths: [Int]
  /// Where the names of each length begin among all names, and in the order of the names.
  private let beginnings: [(byte: Int, name: Int)]

  /// Fields by their keys; the name of each is a key's raw value.
  init(_ keys: [Key]) where Key: RawRepresentable<String> {
    self.keys = keys
    let texts = keys.map { Array($0.rawValue.utf8) }
    lengths = texts.map(\.count)
    var names: [UInt8] = []
    var places: [Int] = []
    var beginnings = [(byte: 0, name: 0)]
    for length in 0...(lengths.max() ?? 0) {
      for (place, text) in texts.enumerated() where text.count == length {
        names += text
        places.append(place)
      }
      beginnings.append((byte: names.count, name: places.count))
    }
    self.names = names
    self.places = places
    self.beginnings = beginnings
  }

  /// The length of a name in bytes.
  func length(at place: Int) -> Int { lengths[place] }

  /// Which of the fields a datum of the journal, `NAME=value`, is about; nil if it is about another.
  @unsafe func place(of datum: UnsafeRawBufferPointer) -> Int? {
    // SAFETY: no byte behind the datum is looked at.
    guard let start = datum.baseAddress,
      let equals = unsafe memchr(start, CInt(UInt8(ascii: "=")), datum.count)
    else { return nil }
    let length = unsafe UnsafeRawPointer(equals) - start
    guard length < beginnings.count - 1 else { return nil }
    return unsafe names.withUnsafeBytes { names in
      var byte = beginnings[length].byte
      for name in beginnings[length].name..<beginnings[length + 1].name {
        let slice = unsafe UnsafeRawBufferPointer(rebasing: names[byte..<(byte + length)])
        if let text = slice.baseAddress, unsafe memcmp(start, text, length) == 0 {
          return places[name]
        }
        byte += length
      }
      return nil
    }
  }
}

/// Why a journal cannot be read.
public struct JournalError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A message such as `the journal cannot be opened: Permission denied`.
  public let description: String
  /// Whether there is no journal, or none that this user may read.
  public let isMissing: Bool

  /// An error of a call that returned a negative errno.
  init(_ done: String, _ result: Int32) {
    // SAFETY: a constant C string of the thread, copied at once.
    let words = unsafe String(cString: strerror(-result))
    description = "the journal cannot be \(done): \(words)"
    isMissing = [-ENOENT, -EACCES, -EPERM].contains(result)
  }
}
