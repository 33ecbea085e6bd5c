/// A set of addresses that several lists share.
final class AddressTable: Sendable {
  let set: AddressSet

  init(_ set: AddressSet) {
    self.set = set
  }
}

/// Addresses that count for a time.
struct Term: Sendable {
  let window: TimeWindow
  let table: AddressTable

  func contains(_ address: IPAddress, at time: Instant) -> Bool {
    window.contains(time) && table.set.contains(address)
  }
}

extension [Term] {
  /// Tables with at most so many runs of addresses are put together; larger ones are shared.
  private static var smallTable: Int { 64 }

  /// What the entries of a list mean at any time, as few terms as is cheap.
  ///
  /// - Parameters:
  ///   - entries: The entries; those that are not active count for nothing.
  ///   - networks: The networks that they may name.
  init(_ entries: [ListEntry], networks: [Name: Network]) {
    var own: [TimeWindow: AddressSetBuilder] = [:]
    var shared: [Term] = []
    for entry in entries where entry.isActive {
      switch entry.content {
      case .nowhere: break
      case .range(let range): own[entry.window, default: AddressSetBuilder()].insert(range)
      case .anywhere: shared.append(Term(window: entry.window, table: .anywhere))
      case .file(let table): shared.append(Term(window: entry.window, table: table))
      case .network(let name):
        shared += (networks[name]?.terms ?? []).map {
          Term(window: $0.window.intersection(entry.window), table: $0.table)
        }
      }
    }
    let literal = own.map { window, builder in
      var builder = builder
      return Term(window: window, table: AddressTable(builder.finish()))
    }
    self = (literal + shared).compacted()
  }

  /// The same addresses at the same times: nothing twice, and small tables of one window as one.
  private func compacted() -> [Term] {
    var seen: Set<TermIdentity> = []
    let different = filter { term in
      !term.window.isEmpty && !term.table.set.isEmpty
        && seen.insert(TermIdentity(window: term.window, table: ObjectIdentifier(term.table)))
          .inserted
    }
    let isSmall = { (term: Term) in term.table.set.runCount <= Self.smallTable }
    let small = Dictionary(grouping: different.filter(isSmall), by: \.window)
    return different.filter { !isSmall($0) }
      + small.map { window, terms in
        guard terms.count > 1 else { return terms[0] }
        return Term(
          window: window, table: AddressTable(AddressSet(terms.flatMap(\.table.set.ranges))))
      }
  }
}

private struct TermIdentity: Hashable {
  let window: TimeWindow
  let table: ObjectIdentifier
}

extension AddressTable {
  /// Every address.
  static let anywhere = AddressTable(.everything)
}
