internal import CPosix
internal import Glibc

/// A user as the system knows it, and what of the machine's files it may read.
public struct FileReader: Sendable {
  /// What keeps a user from reading a file.
  public struct Obstacle: Hashable, Sendable {
    /// The file, or a folder that leads to it.
    public let path: String
    /// Whether it is a folder.
    public let isFolder: Bool
    /// What chmod(1) has to give, such as `o+r`.
    public let missing: String
    /// Whether it has an access list (acl(5)), which may say something else than its permission bits.
    public let hasAccessList: Bool
  }

  /// The user's number.
  private let id: UInt32
  /// The numbers of all its groups.
  private let groups: Set<UInt32>

  /// A user by number, in these groups.
  public init(id: UInt32, groups: Set<UInt32>) {
    self.id = id
    self.groups = groups
  }

  /// What keeps the user from reading a file, or from listing a folder, by owner, group and permission
  /// bits of it and of each folder and link on the way.
  ///
  /// - Parameter path: An absolute path.
  /// - Returns: The first obstacle; nil if there is none, or nothing of that name.
  public func obstacle(to path: String) -> Obstacle? {
    var place = "/"
    var rest = Self.names(of: path)
    var links = 0
    while let name = rest.popLast() {
      if let obstacle = obstacle(at: place, forReading: false) { return obstacle }
      if name == "." { continue }
      let next = "\(place == "/" ? "" : place)/\(name)"
      if name == ".." {
        place = Files.parent(of: place)
      } else if let target = Files.target(ofLink: next) {
        // As many as the kernel follows (path_resolution(7)).
        links += 1
        guard links <= 40 else { return nil }
        if target.hasPrefix("/") { place = "/" }
        rest += Self.names(of: target)
      } else {
        place = next
      }
    }
    return obstacle(at: place, forReading: true)
  }

  /// The names of a path, the first one last.
  private static func names(of path: String) -> [Substring] {
    path.split(separator: "/").reversed()
  }

  private func obstacle(at path: String, forReading: Bool) -> Obstacle? {
    guard id != 0, let status = Files.status(of: path) else { return nil }
    let isFolder = status.kind == .folder
    let wanted: UInt32 = (forReading ? 4 : 0) | (isFolder ? 1 : 0)
    let isOwner = status.owner == id
    let (who, shift): (String, UInt32) =
      isOwner ? ("u", 6) : groups.contains(status.group) ? ("g", 3) : ("o", 0)
    let missing = wanted & ~(status.mode >> shift)
    // It has nothing to say to the owner.
    let hasAccessList = !isOwner && Files.hasAccessList(path)
    guard missing != 0 || hasAccessList else { return nil }
    return Obstacle(
      path: path, isFolder: isFolder,
      missing: "\(who)+\(missing & 4 == 0 ? "" : "r")\(missing & 1 == 0 ? "" : "x")",
      hasAccessList: hasAccessList)
  }
}

extension Files {
  /// What a symbolic link says; nil if it is none.
  fileprivate static func target(ofLink path: String) -> String? {
    var bytes = [CChar](repeating: 0, count: Int(PATH_MAX))
    // SAFETY: the path is a C string for the length of the call, and the array as long as it says.
    let count = unsafe readlink(path, &bytes, bytes.count)
    guard count > 0 else { return nil }
    return String(decoding: bytes.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Whether a file has an access list beside its permission bits (acl(5)).
  fileprivate static func hasAccessList(_ path: String) -> Bool {
    // SAFETY: both are C strings for the length of the call, and nothing is written.
    unsafe getxattr(path, "system.posix_acl_access", nil, 0) > 0
  }
}
