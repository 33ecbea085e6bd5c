/// A list of the policy whose entries a command adds and takes out.
public enum EditedList: Hashable, Sendable {
  /// The addresses of a network.
  case network(Name)
  /// A user's own lists, for one service alone or for all.
  case user(Name, service: Name?)
  /// The addresses that nobody may come from.
  case block
}

/// What a change of entries does to the files of a policy.
public struct EntryEdit: Sendable {
  /// One step of it.
  public struct Step: Hashable, Sendable {
    /// What was done.
    public enum Kind: String, Hashable, Sendable {
      /// An entry was put into a list.
      case added
      /// A list was made, with the entry.
      case addedWithList = "added_with_list"
      /// The entry was there.
      case present
      /// An entry was taken out of a list.
      case removed
      /// The last entry was taken out, and the list with it.
      case removedWithList = "removed_with_list"
      /// The last entry was taken out, and `nowhere` stands in its place: without it the list would
      /// have meant something else.
      case emptied
    }

    /// What was done.
    public let kind: Kind
    /// What was changed.
    public let list: EditedList
    /// The address, or the name of the network.
    public let text: String
    /// The list: `users.bob.also_from`.
    public let path: String
    /// The file in which it is.
    public let file: String
    /// Where the entry is; nil if it is new.
    public let location: SourceLocation?
  }

  /// The files as they would be.
  public private(set) var snapshot: PolicySnapshot
  /// What was done, in order.
  public private(set) var steps: [Step] = []

  /// Whether anything is different.
  public var isChange: Bool { steps.contains { $0.kind != .present } }

  fileprivate init(_ snapshot: PolicySnapshot) { self.snapshot = snapshot }

  fileprivate mutating func take(_ next: PolicySnapshot, _ step: Step) {
    snapshot = next
    steps.append(step)
  }

  fileprivate mutating func note(_ step: Step) { steps.append(step) }

  fileprivate mutating func reverse() { steps.reverse() }
}

extension PolicySnapshot {
  /// Puts entries into a list; everything else in the files stays as it is, comments too.
  ///
  /// - Returns: The new files, which may have an error if the policy cannot have the entry.
  /// - Throws: If the policy does not load, has the address with other details, or does not have a
  ///   network that is named; or if the text of the file does not allow it.
  public func adding(
    _ entries: [TypedEntry], to list: EditedList
  ) throws(EntryProblem) -> EntryEdit {
    if case .network(let name) = list,
      !isDeclarableName(name) || Self.builtInNames.contains(name)
    {
      throw EntryProblem(
        "`\(name)` cannot be the name of a network",
        remedy: "begin with a letter or _; then letters, digits, - and _, at most 64 together")
    }
    var edit = EntryEdit(self)
    // A new entry comes first in its list, so the last one is written first.
    for entry in entries.reversed() {
      let policy = try edit.snapshot.usablePolicy()
      try policy.rules.requireNetwork(of: entry)
      let present = policy.rules.editable(list, in: edit.snapshot)
      // In another list of the user it may not count.
      let places = if case .user = list { Array(present.prefix(1)) } else { present }
      if let (place, index) = places.firstEntry(entry) {
        let found = place.entries[index]
        guard entry.isSame(as: found) else {
          throw EntryProblem(
            "\(place.path) has \(found.text) already, with other details: "
              + "\(found.location.fileAndLine)",
            remedy: "change it there: `gatehouse edit \(found.location.file)`")
        }
        edit.note(
          .init(
            kind: .present, list: list, text: found.text, path: place.path,
            file: found.location.file,
            location: found.location))
        continue
      }
      let target = present.first
      let keys = target?.keys ?? list.newKeys
      if let target, let only = target.entries.first, target.entries.count == 1,
        only.isNowhere,
        let next = edit.snapshot.replacing(
          item: 0, at: target.keys, in: target.location.file, with: entry)
      {
        edit.take(
          next,
          .init(
            kind: .added, list: list, text: entry.text, path: target.path,
            file: target.location.file,
            location: nil))
        continue
      }
      guard let keys, let next = edit.snapshot.adding(entry, at: keys, in: target?.location.file)
      else {
        throw EntryProblem(
          "\(target?.path ?? list.newPath): the way it is written does not allow this command to "
            + "add \(displayText(of: entry.text))",
          remedy: "write it there by `gatehouse edit \(target?.location.file ?? "")`")
      }
      edit.take(
        next.snapshot,
        .init(
          kind: target == nil ? .addedWithList : .added, list: list, text: entry.text,
          path: target?.path ?? list.newPath, file: next.file, location: nil))
    }
    edit.reverse()
    return edit
  }

  /// Takes entries out of a list; everything else in the files stays as it is, comments too.
  ///
  /// - Parameters:
  ///   - entries: The entries, by their addresses.
  ///   - list: The list; a user's lists are all looked through.
  ///   - login: A login of that user; nil for another list.
  /// - Returns: The new files.
  /// - Throws: If the policy does not load, or the list does not have such an entry: then it says what
  ///   holds the address instead; or if the text of the file does not allow it.
  public func removing(
    _ entries: [TypedEntry], from list: EditedList, of login: Login? = nil
  ) throws(EntryProblem) -> EntryEdit {
    var edit = EntryEdit(self)
    for entry in entries {
      guard entry.subject != .name("nowhere") else {
        throw EntryProblem("`nowhere` stands for no address, so it cannot be taken out")
      }
      var isFound = false
      while true {
        let policy = try edit.snapshot.usablePolicy()
        guard
          let (place, index) = policy.rules.editable(list, in: edit.snapshot).firstEntry(entry)
        else {
          guard isFound else { throw policy.absence(of: entry, from: list, for: login) }
          break
        }
        let found = place.entries[index]
        let file = found.location.file
        let isLast = place.entries.count == 1
        let kind: EntryEdit.Step.Kind =
          isLast ? (place.meansSomethingEmpty ? .emptied : .removedWithList) : .removed
        let next: PolicySnapshot? =
          switch kind {
          case .emptied:
            edit.snapshot.replacing(
              item: index, at: place.keys, in: file, with: try TypedEntry("nowhere"))
          case .removedWithList: edit.snapshot.removing(at: place.keys, in: file)
          default: edit.snapshot.removing(item: index, at: place.keys, in: file)
          }
        guard let next else {
          throw EntryProblem(
            "\(place.path): the way it is written does not allow this command to take "
              + "\(found.text) out: \(found.location.fileAndLine)",
            remedy: "take it out there: `gatehouse edit \(file)`")
        }
        edit.take(
          next,
          .init(
            kind: kind, list: list, text: found.text, path: place.path, file: file,
            location: found.location))
        isFound = true
      }
    }
    return edit
  }

  /// The names that no network can have.
  private static let builtInNames: Set<Name> = ["anywhere", "nowhere", "self", "local"]

  /// The policy; throws if it has an error.
  fileprivate func usablePolicy() throws(EntryProblem) -> Policy {
    guard let policy = Policy.load(self).policy else {
      throw EntryProblem(
        "the policy has an error, so no entry of it can be changed alone",
        remedy: "`gatehouse check` says which; `gatehouse edit` mends it")
    }
    return policy
  }
}

extension EditedList {
  /// The list that is made if there is none.
  fileprivate var newKeys: [String]? {
    switch self {
    case .network(let name): [TopLevelKey.networks.rawValue, name.description]
    case .user(let name, let service):
      Scope.user(name, service: service).path.map { $0 + [ListKey.alsoFrom.rawValue] }
    case .block: [ListKey.block.rawValue]
    }
  }

  /// The path of the list that is made, for people.
  fileprivate var newPath: String {
    switch self {
    case .network(let name): "networks.\(name)"
    case .user(let name, let service):
      Scope.user(name, service: service).path(of: .alsoFrom)
    case .block: ListKey.block.rawValue
    }
  }

  /// What has the entries.
  public var words: String {
    switch self {
    case .network(let name): "networks.\(name)"
    case .user(let name, let service): "\(Scope.user(name, service: service))"
    case .block: ListKey.block.rawValue
    }
  }
}

/// A list as it is written in a file.
private struct WrittenList {
  let keys: [String]
  let path: String
  let location: SourceLocation
  let entries: [ListEntry]
  /// Whether it means something else if it holds nothing than if it is not there.
  let meansSomethingEmpty: Bool
}

extension [WrittenList] {
  /// The first entry for the same addresses: its list, and its index there.
  fileprivate func firstEntry(_ entry: TypedEntry) -> (WrittenList, Int)? {
    for list in self {
      if let index = list.entries.firstIndex(where: { entry.isSubject(of: $0) }) {
        return (list, index)
      }
    }
    return nil
  }
}

extension ListEntry {
  /// Whether it is `nowhere` alone.
  fileprivate var isNowhere: Bool {
    if case .nowhere = content { details == nil } else { false }
  }
}

extension Rules {
  /// The lists in which entries are changed, the one that gets new ones first.
  fileprivate func editable(
    _ list: EditedList, in snapshot: PolicySnapshot
  ) -> [WrittenList] {
    switch list {
    case .block:
      return block.map { written($0, keys: [ListKey.block.rawValue]) }
    case .user(let name, let service):
      // Those that confine come first: what they do not hold is denied, whatever the others hold.
      return (users[name]?[service] ?? FewLists()).compactMap { list in
        Scope.user(name, service: service).path.map {
          written(list, keys: $0 + [list.key.rawValue])
        }
      }
    case .network(let name):
      guard let network = networks[name] else { return [] }
      var keys = [TopLevelKey.networks.rawValue, name.description]
      if snapshot.isMap(at: keys, in: network.location.file) {
        keys.append(ListKey.addresses.rawValue)
      }
      return [
        WrittenList(
          keys: keys, path: "networks.\(name)", location: network.location,
          entries: network.entries.filter { $0.fetched == nil },
          meansSomethingEmpty: network.fetchedEntry == nil)
      ]
    }
  }

  private func written(_ list: AddressList, keys: [String]) -> WrittenList {
    WrittenList(
      keys: keys, path: list.path, location: list.location, entries: list.entries,
      meansSomethingEmpty: list.effect.confines)
  }

  /// Throws if an entry names a network that there is not.
  fileprivate func requireNetwork(of entry: TypedEntry) throws(EntryProblem) {
    guard case .name(let name) = entry.subject, networks[name] == nil,
      !["anywhere", "nowhere", "self"].contains(entry.text)
    else { return }
    throw EntryProblem(
      "there is no network `\(name)`",
      remedy: nearestName(
        to: name.description,
        among: networks.keys.map(\.description) + ["anywhere", "nowhere", "self"]
      ).map { "did you mean `\($0)`?" } ?? "make it: `gatehouse network add \(name) ADDRESS`")
  }
}
