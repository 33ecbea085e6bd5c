/// The ways in which the libpams of this world read their files differently.
///
/// Read in Linux-PAM's libpam/pam_handlers.c, pam_misc.c and libpam_internal/pam_line.c of 1.5.2
/// and 1.7.0, and in Debian's patches 031_pam_include and lib_security_multiarch_compat.
public struct PAMDialect: Hashable, Sendable {
  /// How lines are read.
  public enum Generation: Hashable, Sendable {
    /// Up to 1.5: a line of more than 1,023 bytes is split, after a backslash comments and blank
    /// lines are skipped, plain includes may go on without end, numbers of jumps wrap around.
    case fixedBuffer
    /// From 1.6 on: lines of any length, a comment or blank line after a backslash ends the line,
    /// includes go 15 deep, a number that is too large is an error.
    case wholeLines
  }

  /// How lines are read.
  public var generation: Generation
  /// Whether it is Debian's, or of a system that came from it.
  ///
  /// There `@include` exists, and a relative name of an include is looked for in /etc/pam.d alone.
  /// Elsewhere includes are looked for like services.
  public var isDebian: Bool
  /// Where a service's file is looked for; the first folder that has it wins.
  public var folders: [String]

  /// A dialect.
  public init(
    generation: Generation, isDebian: Bool, folders: [String] = Self.serviceFolders
  ) {
    self.generation = generation
    self.isDebian = isDebian
    self.folders = folders
  }

  /// Debian 12: Linux-PAM 1.5.2.
  public static let debian12 = PAMDialect(generation: .fixedBuffer, isDebian: true)
  /// Debian 13: Linux-PAM 1.7.0.
  public static let debian13 = PAMDialect(generation: .wholeLines, isDebian: true)
  /// RHEL 9, SUSE 15 and others up to 1.5.
  ///
  /// If the vendor has a folder of its own (`--enable-vendordir`), add it to ``folders``.
  public static let upstream15 = PAMDialect(generation: .fixedBuffer, isDebian: false)
  /// Arch, Fedora and others from 1.6 on.
  ///
  /// If the vendor has a folder of its own (`--enable-vendordir`), add it to ``folders``.
  public static let upstream17 = PAMDialect(generation: .wholeLines, isDebian: false)

  /// The folders of the services' files, if the vendor has none of its own.
  public static let serviceFolders = ["/etc/pam.d", "/usr/lib/pam.d"]

  /// Whether a file of such a folder is of a service, and not what package managers and editors leave
  /// there.
  public static func isServiceFile(_ name: String) -> Bool {
    let leftovers = ["~", ".bak", ".old", ".orig", ".swp", ".rpmsave", ".rpmnew", ".pacnew"]
    return !name.hasPrefix(".")
      && ![".dpkg-", ".ucf-"].contains { name.utf8.holds($0.utf8) }
      && !leftovers.contains(where: name.hasSuffix)
      // libpam makes a service's name small, so such a file is never read.
      && name.utf8.allSatisfy { !(0x41...0x5A).contains($0) }
  }

  /// The file that is read if none of ``folders`` exists.
  static let singleFile = "/etc/pam.conf"
  /// Debian's one folder for includes.
  static let includeFolder = "/etc/pam.d"
  /// libpam's PAM_SUBSTACK_MAX_LEVEL.
  static let deepest = 16
}

/// What there is at a path.
public enum PAMFile: Hashable, Sendable {
  /// Nothing that can be opened for reading.
  case absent
  /// A folder: libpam opens it and reads nothing.
  case folder
  /// A file with these bytes.
  case file([UInt8])
}

/// The files that libpam would read: the caller has them, nothing in this module touches a disk.
public protocol PAMFiles {
  /// What there is at an absolute path.
  func file(at path: String) -> PAMFile
  /// Whether libpam can load this module.
  /// - Parameter path: As the line has it: an absolute path, or a name that is looked for in the
  ///   folders of modules as it is. libpam adds no `.so`.
  /// - Returns: True if there is such a file.
  func canLoadModule(_ path: String) -> Bool
}
