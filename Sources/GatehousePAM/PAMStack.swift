/// What a stack is for: the first word of a line.
public enum PAMStage: String, CaseIterable, Hashable, Sendable {
  /// Who somebody is; also sets credentials.
  case auth
  /// Whether somebody may come in now. Gatehouse's own stage.
  case account
  /// Changing a password.
  case password
  /// What happens around a session.
  case session
}

/// A line of a file.
public struct PAMLocation: Hashable, Sendable, CustomStringConvertible {
  /// The file's path.
  public var file: String
  /// The number of the line, from 1; of a line that goes on over several, the first.
  public var line: Int

  /// The line with this number in this file.
  public init(file: String, line: Int) {
    self.file = file
    self.line = line
  }

  /// `common-account:25`: the path from its last slash on, and the line.
  public var description: String {
    "\(file.split(separator: "/").last.map(String.init) ?? file):\(line)"
  }
}

/// Something that libpam cannot use, and where it stands.
public struct PAMFlaw: Hashable, Sendable, Error {
  /// What is wrong.
  public enum Problem: Hashable, Sendable {
    /// No file of the service, and none of `other`.
    case nothingToRead
    /// The first word is none of the four stages.
    case unknownStage(String)
    /// The line ends before its control.
    case noControl
    /// The line ends before its module.
    case noModule
    /// The module's name is empty or `?` without its folder and its ending.
    case unusableName(String)
    /// A file that is included cannot be opened.
    case unreadable(String)
    /// An include without a name. Debian's libpam crashes.
    case includeWithoutName
    /// Includes lie too deep in each other for this libpam.
    case tooDeep(String)
    /// A file includes itself, and libpam has no bound for that: it runs out of open files, which is
    /// a bad line, or crashes if it may open many.
    case endlessInclude(String)
    /// The file ends within a line that was to go on.
    case brokenLine
    /// libpam would never come to the end of this line.
    case endlessLine
    /// More lines and included files than anybody can wait for.
    case tooMuch
    /// An include that cannot be opened stands where libpam takes a control from memory that it
    /// never wrote.
    case strayControl
  }

  /// What is wrong.
  public var problem: Problem
  /// The line, if it is about one.
  public var location: PAMLocation?
}

/// A line as libpam keeps it (`struct handler`).
public struct StackLine: Hashable, Sendable {
  /// What the line does.
  public enum Kind: Hashable, Sendable {
    /// A module is asked.
    /// - Parameters:
    ///   - path: As the line has it.
    ///   - arguments: What the module is given.
    ///   - isLoadable: Whether libpam can load it. If not, the line returns PAM_MODULE_UNKNOWN.
    case module(path: String, arguments: [String], isLoadable: Bool)
    /// The head of a substack: it is never asked, its control means nothing.
    case substack(String)
    /// A line that libpam cannot use: it returns PAM_PERM_DENIED.
    case broken(PAMFlaw.Problem)
  }

  /// What the line does.
  public var kind: Kind
  /// What is done with each return code.
  public var control: StackControl
  /// The control as it is written, without brackets; empty if it is missing.
  public var controlText: String
  /// How many substacks the line stands in.
  public var level: Int
  /// Where it is written.
  public var location: PAMLocation

  /// The module's name without its folder, or nil if the line asks none.
  public var moduleName: String? {
    guard case .module(let path, _, _) = kind else { return nil }
    return path.split(separator: "/").last.map(String.init) ?? path
  }
}

/// The lines of one stage of a service, all includes put in.
public struct PAMStack: Hashable, Sendable {
  /// The lines, in the order in which libpam asks them.
  public var lines: [StackLine]

  /// A stack of these lines.
  public init(lines: [StackLine]) { self.lines = lines }

  /// Where a jump lands.
  ///
  /// A substack counts as one line, an include as each of its lines. A jump in a substack goes to the
  /// end of that substack at most.
  /// - Parameters:
  ///   - index: The index of the line that jumps.
  ///   - count: The number of lines to jump over.
  /// - Returns: The index of the line that comes next, the number of lines if that is the end, or nil
  ///   if there are not so many lines to jump over: libpam takes that for a failure.
  public func landing(from index: Int, over count: Int) -> Int? {
    let (last, left) = jump(from: index, over: count)
    return left == 0 ? last + 1 : nil
  }

  /// The last line that is jumped over, and how many lines are missing.
  func jump(from index: Int, over count: Int) -> (last: Int, left: Int) {
    let level = lines[index].level
    var last = index
    var left = count
    while left > 0, last + 1 < lines.count, lines[last + 1].level >= level {
      repeat { last += 1 } while last + 1 < lines.count && lines[last + 1].level > level
      left -= 1
    }
    return (last, left)
  }

  /// The last line of the stack or substack that a line stands in.
  func lastBeside(_ index: Int) -> Int {
    var last = index
    while last + 1 < lines.count, lines[last + 1].level >= lines[index].level { last += 1 }
    return last
  }
}
