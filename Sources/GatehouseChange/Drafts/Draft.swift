public import GatehousePlatform
public import GatehousePolicy
internal import GatehouseState
internal import SystemPackage

/// What somebody types into a file of the policy.
///
/// It lies in a folder of the history until it is discarded, so it outlives a lost connection, a
/// signal or a failing editor. While this exists no other process can take it up.
public final class Draft {
  /// What is known of a draft beside its text.
  public struct Note: Hashable, Sendable {
    /// The file, relative to the policy's folder.
    public var file: String
    /// Who types; nil if that is not known.
    public var author: ChangeRecord.Author?
    /// When it was begun.
    public var began: Instant
    /// The file as it was then; nil if there was none.
    public var base: [UInt8]?

    /// What is known of a draft.
    public init(
      file: String, author: ChangeRecord.Author?, began: Instant = .now(), base: [UInt8]?
    ) {
      self.file = file
      self.author = author
      self.began = began
      self.base = base
    }

    /// What the editor shows at first.
    public var initialText: [UInt8] { base ?? Draft.newText }
  }

  /// The drafts of a file that nobody works on, and who else works on it.
  public struct Others {
    /// Those that were left behind, the newest first.
    public var leftBehind: [Draft] = []
    /// How each process that has the file in an editor now describes itself.
    public var holders: [String] = []
  }

  /// How many drafts are kept.
  static let most = 20
  /// What a new file begins with.
  fileprivate static let newText = Array("version: 1\n".utf8)

  /// What is known of it.
  public let note: Note
  /// The path of the file, for an editor.
  public var path: String { "\(textFolder)/\(name)" }

  private let folder: String
  private let lock: ChangeLock
  private var name: String { note.file.split(separator: "/").last.map(String.init) ?? "text" }
  /// The editor may leave other files in it.
  private var textFolder: String { "\(folder)/text" }

  private init(_ note: Note, in folder: String, _ lock: ChangeLock) {
    self.note = note
    self.folder = folder
    self.lock = lock
  }

  // MARK: Beginning

  /// Begins a draft.
  ///
  /// - Parameters:
  ///   - note: What is known of it; the text begins as the file is.
  ///   - history: The history in whose folder it is kept.
  ///   - description: How other processes are told of this one.
  /// - Returns: The draft.
  /// - Throws: If it cannot be kept, or others could put something else in its place.
  public static func begin(
    _ note: Note, in history: History, as description: String
  ) throws(SystemError) -> Draft {
    try history.prepare()
    let drafts = drafts(of: history)
    try Files.makeFolder(drafts, mode: 0o700, ifAbsent: true)
    _ = try OpenFolder(private: drafts)
    guard Files.isOutOfReach(drafts) else {
      throw SystemError(
        "edit in", drafts, .notPermitted,
        because: "others could put something else in its place")
    }
    let folder = try Files.makePrivateFolder("\(drafts)/")
    guard case .taken(let lock) = try ChangeLock.take("\(folder)/.lock", as: description) else {
      throw SystemError("lock", folder, .resourceBusy)
    }
    let draft = Draft(note, in: folder, lock)
    try Files.makeFolder(draft.textFolder, mode: 0o700)
    try draft.write(note.initialText)
    try noteFile(in: folder).write(note)
    return draft
  }

  /// The other drafts of a file.
  ///
  /// Those in which nothing was typed are removed, and so are the oldest beyond `most`.
  ///
  /// - Parameters:
  ///   - file: The file, relative to the policy's folder.
  ///   - history: The history in whose folder they are kept.
  ///   - description: How other processes are told of this one while it has them.
  /// - Returns: The drafts.
  /// - Throws: If the folder cannot be read.
  public static func others(
    of file: String, in history: History, as description: String
  ) throws(SystemError) -> Others {
    var others = Others()
    var free: [Draft] = []
    let drafts = drafts(of: history)
    for name in Files.isFolder(drafts) ? try Files.names(in: drafts) : [] {
      let folder = "\(drafts)/\(name)"
      guard let note = noteFile(in: folder).valueIfUsable() else { continue }
      switch try ChangeLock.take("\(folder)/.lock", as: description) {
      case .taken(let lock): free.append(Draft(note, in: folder, lock))
      case .held(let holder): if note.file == file { others.holders.append(holder) }
      }
    }
    free.sort { $0.note.began > $1.note.began }
    for (place, draft) in free.enumerated() {
      let text = try? draft.text()
      if text == nil || text == draft.note.initialText || place >= most {
        draft.discard()
      } else if draft.note.file == file {
        others.leftBehind.append(draft)
      }
    }
    return others
  }

  private static func drafts(of history: History) -> String { "\(history.path)/.drafts" }

  private static func noteFile(in folder: String) -> StateFile<Note> {
    StateFile(folder: folder, name: "note", KeptChange.draft)
  }

  // MARK: The text

  /// The text as the editor left it.
  public func text() throws(SystemError) -> [UInt8] {
    try OpenFolder(private: textFolder).content(of: name, atMost: PolicySnapshot.maximumListLength)
  }

  /// Puts another text in its place.
  public func write(_ text: [UInt8]) throws(SystemError) {
    try OpenFolder(private: textFolder).write(name, text)
  }

  /// Writes another text beside it, to be compared with it, and gives its path.
  public func compare(with other: [UInt8]) throws(SystemError) -> String {
    try OpenFolder(private: folder).write("other", other)
    return "\(folder)/other"
  }

  /// Removes it.
  public func discard() { try? Files.removeTree(folder) }
}
