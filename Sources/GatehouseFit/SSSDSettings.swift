public import GatehouseIdentity
internal import GatehousePlatform
public import GatehousePolicy

/// Whether sssd is set to say how old its answers are, by its own files (sssd.conf(5)).
///
/// Without it, nobody but sssd can tell that it is away from its server and has not all groups of a user.
public enum SSSDSettings: Equatable, Sendable {
  /// It says so.
  case told
  /// It does not, since these attributes are not among `user_attributes`.
  case lacking([String])
  /// The files could not be read, and why.
  case unreadable(String)
  /// There is no file of sssd's.
  case absent

  /// The attributes that the daemon needs.
  private static let needed = ["lastUpdate", "initgrExpireTimestamp"]
  /// The most bytes of a file, and the most files.
  private static let limit = 1 << 20

  /// By the files of a folder, `/etc/sssd`.
  ///
  /// `sssd.conf` is read first, then `conf.d/*.conf` by name; what is read last counts. The section
  /// `[ifp]` counts if `[nss]` does not have the setting.
  public init(in folder: String) {
    do throws(SystemError) {
      var files = [try Files.contentIfPresent(of: folder + "/sssd.conf", atMost: Self.limit)]
      let snippets = folder + "/conf.d"
      if Files.exists(snippets) {
        for name in try Files.names(in: snippets)
        where name.utf8.first != UInt8(ascii: ".") && name.hasSuffix(".conf") {
          files.append(try Files.contentIfPresent(of: "\(snippets)/\(name)", atMost: Self.limit))
        }
      }
      let found = files.compactMap(\.self)
      self = found.isEmpty ? .absent : Self(files: found)
    } catch { self = .unreadable("\(error)") }
  }

  /// By the content of the files, in the order in which sssd reads them.
  init(files: [[UInt8]]) {
    var values: [Name: [UInt8]] = [:]
    for file in files { Self.read(file, into: &values) }
    let words = (values["nss"] ?? values["ifp"] ?? []).split(separator: UInt8(ascii: ","))
      .map { Self.trimmed($0) }
    let lacking = Self.needed.filter { attribute in
      !words.contains { $0.elementsEqual(Array("+\(attribute)".utf8)) }
    }
    self = lacking.isEmpty ? .told : .lacking(lacking)
  }

  /// Takes `user_attributes` of each section.
  private static func read(_ file: [UInt8], into values: inout [Name: [UInt8]]) {
    var section = Name("")
    // A line that begins with a space goes on with the value before it.
    var isOpen = false
    for line in file.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      let text = trimmed(line)
      if let first = line.first, isSpace(first), isOpen, !text.isEmpty {
        values[section, default: []] += text
        continue
      }
      isOpen = false
      guard let first = text.first, first != UInt8(ascii: "#"), first != UInt8(ascii: ";") else {
        continue
      }
      if first == UInt8(ascii: "["), let end = text.firstIndex(of: UInt8(ascii: "]")) {
        section = Name(bytes: trimmed(text[(text.startIndex + 1)..<end]))
      } else if let equals = text.firstIndex(of: UInt8(ascii: "=")),
        trimmed(text[..<equals]).elementsEqual("user_attributes".utf8)
      {
        values[section] = Array(trimmed(text[(equals + 1)...]))
        isOpen = true
      }
    }
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || (0x09...0x0D).contains(byte)
  }

  private static func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let start = text.drop(while: isSpace)
    guard let end = start.lastIndex(where: { !isSpace($0) }) else { return [] }
    return start[...end]
  }

  /// `sssd_attributes`: what is wrong for a policy that names groups, if sssd serves users or groups.
  ///
  /// - Parameters:
  ///   - policy: The policy.
  ///   - services: Who is asked for users and groups.
  /// - Returns: One warning, or none.
  public func diagnostics(of policy: Policy, asking services: NameServices) -> [Diagnostic] {
    guard policy.mode != .off, !policy.groupNames.isEmpty, services.distant.contains("sss") else {
      return []
    }
    switch self {
    case .told, .absent: return []
    case .lacking(let attributes):
      return [
        Diagnostic(
          warning: .sssdAttributes, location: nil,
          message:
            "sssd does not say how old its answers are (\(attributes.joined(separator: ", "))), so "
            + "while it is offline a user whose groups it has not cached can be taken as not in a group",
          remedy: "in [nss] of /etc/sssd/sssd.conf, set "
            + "`user_attributes = \(Self.needed.map { "+\($0)" }.joined(separator: ", "))`, "
            + "and restart sssd")
      ]
    case .unreadable(let problem):
      return [
        Diagnostic(
          warning: .sssdAttributes, location: nil,
          message: "it is unknown whether sssd says how old its answers are: \(problem)",
          remedy: "run this as root")
      ]
    }
  }
}
