import GatehousePolicy

/// Terminals and displays at which somebody logs in on the console: some by their names, or all but
/// some.
struct Terminals: Hashable {
  private let isAllBut: Bool
  /// In lower case, as pam_access ignores case: `tty1`, `:0`.
  let names: Set<Name>

  private init(isAllBut: Bool, _ names: Set<Name>) {
    self.isAllBut = isAllBut
    self.names = names
  }

  static let none = Terminals(isAllBut: false, [])
  static let all = Terminals(isAllBut: true, [])

  static func named(_ name: Name) -> Terminals { Terminals(isAllBut: false, [name]) }

  /// Whether a terminal is among them; nil is one that has no name in any rule.
  func contains(_ terminal: Name?) -> Bool {
    terminal.map { names.contains($0) != isAllBut } ?? isAllBut
  }

  var complement: Terminals { Terminals(isAllBut: !isAllBut, names) }

  func intersection(_ other: Terminals) -> Terminals {
    switch (isAllBut, other.isAllBut) {
    case (false, false): Terminals(isAllBut: false, names.intersection(other.names))
    case (false, true): Terminals(isAllBut: false, names.subtracting(other.names))
    case (true, false): Terminals(isAllBut: false, other.names.subtracting(names))
    case (true, true): Terminals(isAllBut: true, names.union(other.names))
    }
  }

  func union(_ other: Terminals) -> Terminals {
    complement.intersection(other.complement).complement
  }

  func subtracting(_ other: Terminals) -> Terminals { intersection(other.complement) }
}
