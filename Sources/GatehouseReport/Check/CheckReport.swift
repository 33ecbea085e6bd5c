public import GatehousePolicy

/// The report of `gatehouse check`.
public struct CheckReport: Report {
  /// The file or folder that was checked.
  public var path: String
  /// The folder that locations are relative to; empty for the current one.
  public var folder: String
  /// The policy's mode and the SHA-256 of its content; nil if it does not load.
  public var loaded: (mode: Mode, digest: String)?
  /// The diagnostics, without those that the policy silences.
  public var diagnostics: [Diagnostic]
  /// How many warnings the policy silences.
  public var silenced: Int
  /// Whether a line of PAM's files asks Gatehouse.
  public var isAsked: Bool
  /// Whether warnings count as errors.
  public var isStrict: Bool

  /// A report of what was found.
  public init(
    path: String, folder: String, loaded: (mode: Mode, digest: String)?,
    diagnostics: [Diagnostic], silenced: Int = 0, isAsked: Bool = true, isStrict: Bool
  ) {
    self.path = path
    self.folder = folder
    self.loaded = loaded
    self.diagnostics = diagnostics
    self.silenced = silenced
    self.isAsked = isAsked
    self.isStrict = isStrict
  }

  /// Yes if there is no error and, if the check is strict, no warning.
  public var status: ReportStatus {
    diagnostics.contains { isStrict || $0.severity == .error } ? .no : .yes
  }

  /// The text for people.
  public func text(coloured: Bool) -> [UInt8] {
    var page = TextPage(coloured: coloured)
    page.diagnostics(diagnostics, in: folder)
    if !isAsked { page.line(.noLoginAsks) }
    let word: StyledText = status == .yes ? StyledText("ok", .good) : StyledText("not ok", .bad)
    let policy = loaded.map { ", mode \($0.mode.rawValue) (\($0.digest.prefix(12)))" } ?? ""
    let unheard = silenced == 0 ? "" : " (\(silenced) silenced)"
    page.line(word + StyledText("  \(path): \(diagnostics.tally)\(unheard)\(policy)"))
    return page.bytes
  }

  /// Writes everything that is known.
  public func writeMembers(to writer: inout JSONWriter) {
    writer.member("path", path)
    writer.member("mode", loaded?.mode.rawValue)
    writer.member("sha256", loaded?.digest)
    writer.member("errors", diagnostics.count { $0.severity == .error })
    writer.member("warnings", diagnostics.count { $0.severity == .warning })
    writer.member("silenced", silenced)
    writer.member("asked", isAsked)
    writer.member("diagnostics", diagnostics)
  }
}

extension StyledText {
  /// That no line of PAM's files asks Gatehouse, and what turns that on.
  static var noLoginAsks: StyledText {
    StyledText(
      "off", .doubtful, then: "no login asks Gatehouse yet; `gatehouse pam enable` turns that on")
  }
}

extension TextPage {
  /// Adds diagnostics, each in two lines: the location and what is wrong, then what would be right.
  ///
  /// - Parameters:
  ///   - diagnostics: The diagnostics, in the order to print.
  ///   - folder: The policy's folder. It is printed before each location, so that the path can be
  ///     opened as it is.
  mutating func diagnostics(_ diagnostics: [Diagnostic], in folder: String) {
    let prefix = folder.isEmpty || folder.hasSuffix("/") ? folder : folder + "/"
    for diagnostic in diagnostics {
      let lead = diagnostic.location.map { location in
        // Files elsewhere, such as PAM's, have a full path already.
        location.file.hasPrefix("/") ? "\(location): " : "\(prefix)\(location): "
      }
      let style: TextStyle = diagnostic.severity == .error ? .bad : .doubtful
      line(
        StyledText(lead ?? "") + StyledText("\(diagnostic.severity.rawValue): ", style)
          + StyledText(diagnostic.message) + StyledText(" [\(diagnostic.name)]", .faint))
      if let remedy = diagnostic.remedy { line(StyledText("    \(remedy)")) }
    }
  }
}

extension [Diagnostic] {
  /// The number of errors and warnings in words: `1 error, 2 warnings`.
  var tally: String {
    let errors = count { $0.severity == .error }
    let warnings = count - errors
    return "\(counted(errors, "error")), \(counted(warnings, "warning"))"
  }
}
