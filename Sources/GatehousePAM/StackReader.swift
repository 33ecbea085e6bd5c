/// What libpam makes of the files of a service when a program calls pam_start().
public enum ServiceReading: Hashable, Sendable {
  /// The stacks that the service's stages run.
  case stacks([PAMStage: PAMStack])
  /// pam_start() fails: nobody gets in.
  case refused(PAMFlaw)
  /// The program crashes, hangs, or does what nobody can foresee.
  case unpredictable(PAMFlaw)
}

/// Reads the stacks of a service as libpam does (`_pam_init_handlers` of pam_handlers.c).
public struct StackReader {
  private let dialect: PAMDialect
  private let files: any PAMFiles

  /// The service's name as libpam has it.
  private var service = ""
  private var own: [PAMStage: [StackLine]] = [:]
  private var other: [PAMStage: [StackLine]] = [:]
  /// The files that are being read, to see the circle that 1.5 does not.
  private var chain: [OpenFile] = []
  private var count = 0

  private struct OpenFile: Hashable {
    var path: String
    var stage: PAMStage?
    var level: Int
  }

  /// The most lines and included files.
  ///
  /// libpam goes through its whole list for each line it adds: nobody waits for so many.
  private static let most = 20_000

  private enum Stop: Error {
    /// libpam's PAM_ABORT: this file ends here.
    case file(PAMFlaw)
    case everything(PAMFlaw)
  }

  /// Reads a service.
  /// - Parameters:
  ///   - service: Its name as the program gives it. libpam takes what follows the last slash, and
  ///     makes it small: a file with a capital letter in its name is never read.
  ///   - dialect: Whose libpam reads.
  ///   - files: The files.
  /// - Returns: The stacks, or why there are none.
  public static func read(
    _ service: String, by dialect: PAMDialect, from files: any PAMFiles
  ) -> ServiceReading {
    var reader = StackReader(dialect: dialect, files: files)
    let utf8 = service.utf8
    reader.service =
      utf8.suffix(
        from: utf8.lastIndex(of: UInt8(ascii: "/")).map(utf8.index(after:))
          ?? utf8.startIndex
      ).asciiLowercased
    do throws(Stop) {
      try reader.readEverything()
    } catch {
      switch error {
      case .file(let flaw): return .refused(flaw)
      case .everything(let flaw): return .unpredictable(flaw)
      }
    }
    var stacks: [PAMStage: PAMStack] = [:]
    for stage in PAMStage.allCases {
      // `other` is asked for a stage of which the service has no line.
      stacks[stage] = PAMStack(lines: reader.own[stage] ?? reader.other[stage] ?? [])
    }
    return .stacks(stacks)
  }

  private init(dialect: PAMDialect, files: any PAMFiles) {
    self.dialect = dialect
    self.files = files
  }

  private mutating func readEverything() throws(Stop) {
    guard dialect.folders.contains(where: { files.file(at: $0) == .folder }) else {
      guard let bytes = open(PAMDialect.singleFile) else {
        throw .file(PAMFlaw(problem: .nothingToRead, location: nil))
      }
      return try read(bytes, at: PAMDialect.singleFile, for: nil, stage: nil, depth: 0, level: 0)
    }
    var readSomething = false
    for name in [service, "other"] {
      guard let (path, bytes) = find(name) else { continue }
      try read(bytes, at: path, for: name, stage: nil, depth: 0, level: 0)
      readSomething = true
    }
    if !readSomething { throw .file(PAMFlaw(problem: .nothingToRead, location: nil)) }
  }

  private func open(_ path: String) -> [UInt8]? {
    switch files.file(at: path) {
    case .absent: nil
    case .folder: []
    case .file(let bytes): bytes
    }
  }

  private func find(_ name: String) -> (path: String, bytes: [UInt8])? {
    let paths =
      name.utf8.first == UInt8(ascii: "/") ? [name] : dialect.folders.map { "\($0)/\(name)" }
    for path in paths {
      if let bytes = open(path) { return (path, bytes) }
    }
    return nil
  }

  /// `_pam_parse_conf_file`.
  ///
  /// The lines are those of the service, or each begins with its service if that is nil (pam.conf).
  /// Only the lines of the wanted stage count, or all if that is nil.
  private mutating func read(
    _ bytes: [UInt8], at path: String, for service: String?, stage wanted: PAMStage?, depth: Int,
    level: Int
  ) throws(Stop) {
    try countUp(at: nil)
    chain.append(OpenFile(path: path, stage: wanted, level: level))
    defer { chain.removeLast() }
    let text = ConfigLines(bytes, by: dialect.generation)
    // Debian's @include does not set its control. If it fails, that of the line before it is used.
    var last: StackControl?
    for line in text.lines {
      var tokens = Tokens(line.text)
      let owner = service ?? tokens.next().map { String(decoding: $0, as: UTF8.self) } ?? ""
      let isOther = owner.utf8.asciiLowercased == "other"
      guard isOther || owner.utf8.asciiLowercased == self.service,
        var entry = Entry(&tokens, wanted: wanted, dialect)
      else { continue }
      entry.control = entry.control ?? last
      last = entry.control
      let place = Place(
        location: PAMLocation(file: path, line: line.number), owner: owner, isOther: isOther,
        depth: depth, level: level)
      if entry.inclusion == nil {
        try addModule(entry, tokens.remaining(), at: place)
      } else {
        try addInclusion(entry, at: place)
      }
    }
    switch text.ending {
    case .complete: break
    case .broken(let line):
      throw .file(PAMFlaw(problem: .brokenLine, location: PAMLocation(file: path, line: line)))
    case .endless(let line):
      throw .everything(
        PAMFlaw(problem: .endlessLine, location: PAMLocation(file: path, line: line)))
    }
  }

  /// The first words of a line.
  private struct Entry {
    enum Inclusion { case text, include, substack }
    /// What is put in here, or nil if the line is about a module.
    var inclusion: Inclusion?
    /// nil for an @include that is not itself of a stage.
    var stage: PAMStage?
    var problem: PAMFlaw.Problem?
    /// nil for an @include.
    var control: StackControl?
    var controlText = ""
    /// The name of the module or file, or nil if the line ends before it.
    var name: String?

    /// Takes the words from the line; nil if it is of another stage than wanted.
    init?(_ tokens: inout Tokens, wanted: PAMStage?, _ dialect: PAMDialect) {
      var word = tokens.next() ?? []
      // A hyphen keeps the log quiet about a missing module.
      if word.first == UInt8(ascii: "-") { word.removeFirst() }
      if dialect.isDebian, word.asciiLowercased == "@include" {
        inclusion = .text
        stage = wanted
      } else {
        if let named = PAMStage(rawValue: word.asciiLowercased) {
          if let wanted, wanted != named { return nil }
          stage = named
        } else {
          problem = .unknownStage(String(decoding: word, as: UTF8.self))
          stage = wanted ?? .auth
        }
        let token = tokens.next()
        if token == nil { problem = .noControl }
        control = StackControl(token, by: dialect)
        controlText = String(decoding: token ?? [], as: UTF8.self)
        switch token?.asciiLowercased {
        case "include": inclusion = .include
        case "substack": inclusion = .substack
        default: break
        }
      }
      name = tokens.next().map { String(decoding: $0, as: UTF8.self) }
    }
  }

  /// Where a line stands, and for whom.
  private struct Place {
    var location: PAMLocation
    var owner: String
    var isOther: Bool
    var depth: Int
    var level: Int
  }

  private mutating func addModule(
    _ entry: Entry, _ arguments: [[UInt8]], at place: Place
  ) throws(Stop) {
    let kind: StackLine.Kind =
      if let problem = entry.problem {
        .broken(problem)
      } else if let name = entry.name {
        .module(
          path: name, arguments: arguments.map { String(decoding: $0, as: UTF8.self) },
          isLoadable: files.canLoadModule(name))
      } else {
        .broken(.noModule)
      }
    try add(kind, entry, at: place, named: entry.name)
  }

  private mutating func addInclusion(_ entry: Entry, at place: Place) throws(Stop) {
    let isSubstack = entry.inclusion == .substack
    if isSubstack { try add(.substack(entry.name ?? ""), entry, at: place, named: entry.name) }
    let failure: PAMFlaw
    do throws(Stop) {
      return try include(
        entry.name, stage: entry.stage, at: place, level: place.level + (isSubstack ? 1 : 0))
    } catch {
      guard case .file(let flaw) = error else { throw error }
      failure = PAMFlaw(problem: flaw.problem, location: place.location)
    }
    // What cannot be read is a line that fails. An @include of all stages has none: it is an error.
    if entry.stage == nil { throw .file(failure) }
    if entry.control == nil {
      throw .everything(PAMFlaw(problem: .strayControl, location: place.location))
    }
    try add(.broken(failure.problem), entry, at: place, named: nil)
  }

  private mutating func countUp(at location: PAMLocation?) throws(Stop) {
    count += 1
    if count > Self.most { throw .everything(PAMFlaw(problem: .tooMuch, location: location)) }
  }

  /// `_pam_load_conf_file`.
  private mutating func include(
    _ name: String?, stage: PAMStage?, at place: Place, level: Int
  ) throws(Stop) {
    guard let name else {
      let flaw = PAMFlaw(problem: .includeWithoutName, location: place.location)
      throw dialect.isDebian ? .everything(flaw) : .file(flaw)
    }
    let depth =
      switch dialect.generation {
      case .fixedBuffer: level
      case .wholeLines: place.depth + 1
      }
    if depth >= PAMDialect.deepest {
      throw .file(PAMFlaw(problem: .tooDeep(name), location: place.location))
    }
    var found: (path: String, bytes: [UInt8])?
    if !dialect.isDebian || name.utf8.first == UInt8(ascii: "/") {
      found = find(name)
    } else if files.file(at: PAMDialect.includeFolder) == .folder {
      found = find("\(PAMDialect.includeFolder)/\(name)")
    }
    guard let (path, bytes) = found else {
      throw .file(PAMFlaw(problem: .unreadable(name), location: place.location))
    }
    if dialect.generation == .fixedBuffer,
      chain.contains(OpenFile(path: path, stage: stage, level: level))
    {
      throw .everything(PAMFlaw(problem: .endlessInclude(path), location: place.location))
    }
    try read(
      bytes, at: path, for: place.owner, stage: stage, depth: place.depth + 1, level: level)
  }

  /// `_pam_add_handler`, which keeps a line even if it then cannot use its name.
  private mutating func add(
    _ kind: StackLine.Kind, _ entry: Entry, at place: Place, named name: String?
  ) throws(Stop) {
    try countUp(at: place.location)
    guard let stage = entry.stage, var control = entry.control else { return }
    control.fill(with: .bad)
    let line = StackLine(
      kind: kind, control: control, controlText: entry.controlText, level: place.level,
      location: place.location)
    if place.isOther {
      other[stage, default: []].append(line)
    } else {
      own[stage, default: []].append(line)
    }
    guard let name else { return }
    var base = name.utf8[...]
    if let slash = base.lastIndex(of: UInt8(ascii: "/")) {
      base = base[base.index(after: slash)...]
    }
    if let dot = base.lastIndex(of: UInt8(ascii: ".")) { base = base[..<dot] }
    guard base.isEmpty || base.elementsEqual("?".utf8) else { return }
    let flaw = PAMFlaw(problem: .unusableName(name), location: place.location)
    // 1.5 leaves the end of its list unwritten.
    throw dialect.generation == .fixedBuffer ? .everything(flaw) : .file(flaw)
  }
}
