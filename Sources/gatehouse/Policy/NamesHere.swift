import GatehouseDoors
import GatehouseIdentity
import GatehousePolicy
import GatehouseReport

/// The names of users, groups, networks, roles and services that this machine's own files and a policy
/// have.
struct NamesHere {
  /// What a name is of.
  enum Kind: String {
    case user, group, network, role, service
  }

  private let policy: Policy?

  /// - Parameter policy: The policy; nil for the machine's own files alone.
  init(_ policy: Policy?) { self.policy = policy }

  /// The names of a policy that cannot be read, or has errors, are left out.
  ///
  /// - Parameter path: The policy, a file or a folder.
  init(policyAt path: String) {
    self.init(Policy.load(PolicySnapshot.read(path: path, insecure: .warning)).policy)
  }

  /// All names of a kind, in no order.
  subscript(kind: Kind) -> [String] {
    let names: [Name] =
      switch kind {
      case .user: (policy?.mentionedUsers.keys).map(Array.init) ?? []
      case .group: (policy?.mentionedGroups.keys).map(Array.init) ?? []
      case .network: policy?.networkNames ?? []
      case .role: policy?.roleNames ?? []
      case .service: (policy?.namedServices.keys).map(Array.init) ?? []
      }
    let local: [String] =
      switch kind {
      case .user: SystemDirectory.localUsers().map(\.description)
      case .group: SystemDirectory.localGroups().map(\.description)
      case .service: PAMServices.names(of: ThisMachine())
      case .network, .role: []
      }
    return names.map(\.description) + local
  }

  /// The name that was most likely meant; nil if there is one of this name, or none is near.
  func nearest(_ kind: Kind, to name: String) -> String? {
    let names = self[kind]
    guard !names.contains(name), let near = nearestName(to: name, among: names),
      !Self.directoryHas(kind, name)
    else { return nil }
    return near
  }

  /// Says on standard error which names are probably misspelt, unless nothing is to be printed.
  ///
  /// - Parameter typed: Names as they were typed; nil for those that were not.
  func hint(_ typed: (kind: Kind, name: String?)...) {
    hint(typed)
  }

  /// Says on standard error which names are probably misspelt, unless nothing is to be printed.
  func hint(_ typed: [(kind: Kind, name: String?)]) {
    guard !Terminal.isQuiet else { return }
    for case (let kind, let name?) in typed {
      guard let near = nearest(kind, to: name) else { continue }
      Terminal.say(
        "gatehouse: hint: there is no \(kind.rawValue) `\(name.escapedForTerminal)` here; did you "
          + "mean `\(near.escapedForTerminal)`?\n")
    }
  }

  /// Whether the directory has the name, or may have it.
  private static func directoryHas(_ kind: Kind, _ name: String) -> Bool {
    switch kind {
    case .user: (try? ThisDirectory.reading(of: Name(name), among: []))?.isKnown ?? true
    case .group: ThisDirectory.group(named: Name(name)) != .some(nil)
    case .network, .role, .service: false
    }
  }
}
