import GatehouseIdentity
import GatehousePlatform
import GatehousePolicy

/// Whether the daemon, which is not root, can read the policy that root can.
enum DaemonReading {
  /// The user that the daemon runs as.
  private static let user = "gatehouse"

  /// The folders that the daemon does not see, as its unit says (ProtectHome=, PrivateTmp=).
  private static let hidden = ["/home", "/root", "/run/user", "/tmp", "/var/tmp"]

  /// What keeps the daemon from reading the policy in /etc/gatehouse, or that it is not known.
  ///
  /// - Parameter snapshot: The policy, with the names of all its files.
  /// - Returns: Errors, and warnings of what is not known.
  static func diagnostics(of snapshot: PolicySnapshot) -> [Diagnostic] {
    guard let reader = ThisDirectory.fileReader(of: Name(user)) else {
      return [
        Diagnostic(
          warning: .readingNotKnown, location: nil,
          message: "it is not known whether the daemon can read the policy: no user `\(user)` was "
            + "found on this machine",
          remedy: "install Gatehouse's packages, which bring that user, or ask where they are")
      ]
    }
    let root = Check.standardPath
    let folders = [root] + (Files.isFolder("\(root)/policy.d") ? ["\(root)/policy.d"] : [])
    let names = snapshot.policyFiles.map(\.name) + snapshot.listFiles.keys.sorted()
    var found: [Diagnostic] = []
    var told: Set<String> = []
    for path in folders {
      guard let obstacle = reader.obstacle(to: path), told.insert(obstacle.path).inserted else {
        continue
      }
      found.append(diagnostic(of: obstacle, to: path, nil))
    }
    for name in names {
      let path = name.hasPrefix("/") ? name : "\(root)/\(name)"
      let location = SourceLocation(file: name, line: 1, column: 1)
      if let obstacle = reader.obstacle(to: path) {
        guard told.insert(obstacle.path).inserted else { continue }
        found.append(diagnostic(of: obstacle, to: path, location))
      } else if let place = Files.resolved(path),
        let folder = hidden.first(where: { place.hasPrefix("\($0)/") })
      {
        found.append(
          Diagnostic(
            warning: .readingNotKnown, location: location,
            message: "the daemon may not see the file: its unit hides \(folder) from it",
            remedy: "put the list into \(root)"))
      }
    }
    return found
  }

  private static func diagnostic(
    of obstacle: FileReader.Obstacle, to path: String, _ location: SourceLocation?
  ) -> Diagnostic {
    let place = displayText(of: obstacle.path)
    guard !obstacle.hasAccessList else {
      return Diagnostic(
        warning: .readingNotKnown, location: location,
        message: "it is not known whether the daemon can read this: `\(place)` has an access list, "
          + "which is not looked at",
        remedy: "this fails if it cannot: `runuser -u \(user) -- "
          + "\(Files.isFolder(path) ? "ls" : "head -c1") \(displayText(of: path))`")
    }
    let subject = obstacle.isFolder ? "use the folder `\(place)`" : "read the file"
    // A file that not everybody may read need not be opened to everybody.
    let remedy =
      obstacle.isFolder || obstacle.missing != "o+r"
      ? "`chmod \(obstacle.missing) \(place)`"
      : "`chgrp \(user) \(place) && chmod g+r \(place)`"
    return Diagnostic(
      error: .unreadableFile, location: location,
      message: "the daemon, which runs as the user `\(user)`, may not \(subject)", remedy: remedy)
  }
}
