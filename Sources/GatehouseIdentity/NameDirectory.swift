internal import CPosix
internal import GatehousePlatform
public import GatehousePolicy

/// A directory that also says how it spells a group, and whom it lists as the group's members.
public protocol NameDirectory: Directory {
  /// The entry of a group; nil if there is no such group.
  func group(named name: Name) throws(DirectoryError) -> GroupEntry?
}

/// A group's entry in the directory.
public struct GroupEntry: Hashable, Sendable {
  /// The name as the directory writes it, which may differ from the one that was asked for.
  public let name: Name
  /// The users that the entry lists; those whose primary group it is are not among them.
  public let members: [Name]

  /// An entry.
  public init(name: Name, members: [Name]) {
    self.name = name
    self.members = members
  }
}

extension GroupEntry {
  /// The members that an entry of group(5) lists.
  @unsafe static func members(_ entry: CPosix.group) -> [Name] {
    var members: [Name] = []
    var member = unsafe entry.gr_mem
    // SAFETY: the list ends with a null pointer, and its texts are C strings.
    while let text = unsafe member?.pointee {
      unsafe members.append(Name(text))
      unsafe member = member?.advanced(by: 1)
    }
    return members
  }
}

extension SystemDirectory: NameDirectory {
  /// The entry of a group (getgrnam_r(3)).
  public func group(named name: Name) throws(DirectoryError) -> GroupEntry? {
    // SAFETY: the entry points into `buffer`, and what is needed of it is copied out here.
    try unsafe lookUp("group", name) { name, buffer in
      var entry = unsafe CPosix.group()
      var found: UnsafeMutablePointer<CPosix.group>?
      let result = unsafe getgrnam_r(name, &entry, buffer.baseAddress, buffer.count, &found)
      guard result == 0, unsafe found != nil, let written = unsafe entry.gr_name else {
        return (result, nil)
      }
      return (0, GroupEntry(name: unsafe Name(written), members: unsafe GroupEntry.members(entry)))
    }
  }
}

extension Name {
  /// The name in a C string.
  @unsafe init(_ text: UnsafePointer<CChar>) {
    // SAFETY: the caller's string ends with a zero byte, and is copied here.
    let bytes = unsafe UnsafeBufferPointer(start: text, count: strlen(text))
    self.init(bytes: unsafe bytes.map { UInt8(bitPattern: $0) })
  }
}
