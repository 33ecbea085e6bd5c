/// The key of a list.
public enum ListKey: String, CaseIterable, Codable, Sendable {
  case from
  case alsoFrom = "also_from"
  case onlyFrom = "only_from"
  case block
  case addresses
  case notFrom = "not_from"
}

/// What a list does to a login (gatehouse-policy(5), HOW A LOGIN IS DECIDED).
public enum ListEffect: String, CaseIterable, Codable, Sendable {
  /// It is the base list; a service's stands in for everyone's.
  case base
  /// It admits the user, beside the base list.
  case adds
  /// It confines the user, and admits them.
  case confinesAndAdds = "confines_and_adds"
  /// It confines, and admits nobody.
  case confines
  /// It says from where a role is available, and admits the members there.
  case role
  /// It denies.
  case blocks
  /// It says where break-glass users are let in.
  case breakGlass = "break_glass"
  /// It gives addresses a name for other lists, and decides nothing by itself.
  case names
  /// It spares a second factor, and decides no login.
  case sparesFactor = "spares_factor"
  /// It says from where a user may authorise a new place, and decides no login.
  case authorizes

  /// Whether logins are decided by it.
  var decidesLogins: Bool {
    switch self {
    case .base, .adds, .confinesAndAdds, .confines, .role, .blocks, .breakGlass: true
    case .names, .sparesFactor, .authorizes: false
    }
  }

  /// Whether an address that it does not hold is denied.
  public var confines: Bool {
    switch self {
    case .confinesAndAdds, .confines: true
    case .base, .adds, .role, .blocks, .breakGlass, .names, .sparesFactor, .authorizes: false
    }
  }

  /// Whether an address that it holds is admitted, unless another list confines.
  var admits: Bool {
    switch self {
    case .base, .adds, .confinesAndAdds, .role: true
    case .confines, .blocks, .breakGlass, .names, .sparesFactor, .authorizes: false
    }
  }

  /// Whether it is the user's own, by their name or a group: with the base list such lists make a
  /// role without a list available.
  var isPersonal: Bool {
    switch self {
    case .adds, .confinesAndAdds: true
    case .base, .confines, .role, .blocks, .breakGlass, .names, .sparesFactor, .authorizes: false
    }
  }

  /// Whether `block` takes away from it what both hold.
  var isBlocked: Bool {
    switch self {
    case .base, .adds, .confinesAndAdds, .confines, .role, .authorizes: true
    // What `block` denies, break_glass still allows.
    case .blocks, .breakGlass, .names, .sparesFactor: false
    }
  }
}

/// A list that a kind of scope can have.
///
/// Loading, the schema, decisions, explanations, warnings and editing take the lists from this
/// table, so a new list of a scope is a new row.
struct ListRow: Hashable, Sendable {
  let scope: Scope.Kind
  let key: ListKey
  let effect: ListEffect
  /// What it means, in a sentence or two, for the schema.
  let meaning: String

  private init(_ scope: Scope.Kind, _ key: ListKey, _ effect: ListEffect, _ meaning: String) {
    self.scope = scope
    self.key = key
    self.effect = effect
    self.meaning = meaning
  }

  /// Every row; those of one scope in the order in which messages and the schema name the keys.
  static let all: [ListRow] = [
    ListRow(.everyone, .from, .base, "The base list: where everyone may come from."),
    ListRow(.service, .from, .base, "The base list for this service, instead of everyone.from."),
    ListRow(
      .service, .onlyFrom, .confines,
      "Confines the service: nobody may use it from elsewhere. It admits nobody."),
    ListRow(
      .role, .from, .role,
      "Where the role is available; without it, wherever the user may come from."),
    ListRow(
      .role, .onlyFrom, .confines,
      "Confines the members: they may not log in from elsewhere. It admits nobody."),
    ListRow(.group, .alsoFrom, .adds, "Members may come from here too."),
    ListRow(
      .group, .onlyFrom, .confinesAndAdds, "Members may come from here, and from nowhere else."),
    ListRow(.user, .alsoFrom, .adds, "The user may come from here too."),
    ListRow(
      .user, .onlyFrom, .confinesAndAdds, "The user may come from here, and from nowhere else."),
    block,
    ListRow(
      .breakGlass, .from, .breakGlass,
      "Where they are let in from; without it, from every address."),
    addresses,
    ListRow(
      .secondFactor, .notFrom, .sparesFactor,
      "Where nobody needs a second factor who has no rule of their own; `local` is the console."),
    ListRow(
      .authorize, .from, .authorizes,
      "From where a user may authorise a new place; without it, from every address."),
  ]

  /// The addresses that nobody may come from.
  static let block = ListRow(
    .policy, .block, .blocks, "Nobody may come from here, except by break_glass.")

  /// What a network holds.
  static let addresses = ListRow(
    .network, .addresses, .names, "The addresses of the network, and the names of others.")

  /// The rows of a kind of scope, in order.
  static func rows(of scope: Scope.Kind) -> [ListRow] { all.filter { $0.scope == scope } }

  /// The row of a key; nil if that kind of scope has no such list.
  static func row(_ scope: Scope.Kind, _ key: ListKey) -> ListRow? {
    all.first { $0.scope == scope && $0.key == key }
  }

  /// No two rows have the same scope and key.
  static func == (left: ListRow, right: ListRow) -> Bool {
    left.scope == right.scope && left.key == right.key
  }

  func hash(into hasher: inout Hasher) {
    hasher.combine(scope)
    hasher.combine(key)
  }
}

/// The lists of one scope, or those that apply to a login.
struct FewLists: Sendable, RandomAccessCollection {
  /// The first list, beside the array: most often there is only one.
  ///
  /// An array for each scope would take 5 MB with 100,000 users, and for each login time to allocate it.
  private var one: AddressList?
  private var others: [AddressList] = []

  var startIndex: Int { 0 }
  var endIndex: Int { one == nil ? 0 : 1 + others.count }

  subscript(index: Int) -> AddressList {
    guard index == 0, let one else { return others[index - 1] }
    return one
  }

  subscript(key: ListKey) -> AddressList? { first { $0.key == key } }

  /// Adds a list at the end.
  mutating func append(_ list: AddressList) {
    if one == nil { one = list } else { others.append(list) }
  }

  /// Puts a list of a scope in, those that confine before the others; it replaces one of the same key.
  mutating func set(_ list: AddressList) {
    var lists = filter { $0.key != list.key }
    let index = list.effect.confines ? lists.firstIndex { !$0.effect.confines } : nil
    lists.insert(list, at: index ?? lists.endIndex)
    one = lists.first
    others = Array(lists.dropFirst())
  }
}

extension Scope {
  /// The path of one of its lists in the policy: `users.deploy.only_from`, `block`,
  /// `networks.office`.
  public func path(of key: ListKey) -> String {
    switch self {
    case .policy: key.rawValue
    case .network: description
    case .user, .group, .role, .service, .everyone, .breakGlass, .secondFactor, .authorize:
      "\(self).\(key.rawValue)"
    }
  }
}
