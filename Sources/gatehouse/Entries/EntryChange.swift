import GatehouseChange
import GatehouseControl
import GatehousePlatform
import GatehousePolicy
import GatehouseReport

/// A change of single entries of the policy: the rest of its files stays as it is, and the new policy
/// comes into force as one that was edited.
struct EntryChange {
  /// What is done with the entries.
  enum Action {
    case add, remove
  }

  /// The command as it was typed, without `gatehouse`.
  let command: String
  let action: Action
  let entries: [TypedEntry]
  let list: EditedList
  let options: EntryChangeOptions

  /// Makes the change, prints what became of it, and ends the command.
  func run() throws -> Never {
    let name = "gatehouse \(command.split(separator: " ").first ?? "")"
    let update = try options.change.update(
      as: name, isDone: !options.dryRun.isDryRun, patience: .seconds(10))
    let present = update.present.snapshot
    let old = try policy(of: present)
    hintNames(NamesHere(old))
    let logins = logins(by: old)
    let edit = try edit(present, logins.first)
    var effects: [EntryChangeReport.Effect] = []
    var notes: [String] = []
    if let new = Policy.load(edit.snapshot).policy {
      effects = logins.map { .init(login: $0, before: old.decide($0), after: new.decide($0)) }
      for effect in effects { try requireAllowed(effect, by: old) }
      notes = self.notes(about: new, logins.first)
    }
    let candidate = Candidate(edit.snapshot.inside, listsIn: options.change.location.path)
    let change = try update.put(
      candidate, source: command, base: options.change.location.path,
      for: .init(
        means: .edit, reason: options.change.reason ?? command,
        trial: options.trial.duration))
    let (before, after) = (present.inside, edit.snapshot.inside)
    var files: [String: (old: [UInt8], new: [UInt8])] = [:]
    for (file, text) in after where before[file] != text {
      files[file] = (before[file] ?? [], text)
    }
    try options.change.output.print(
      EntryChangeReport(
        steps: edit.steps, files: files, effects: effects, notes: notes, change: change))
  }

  /// Says which names are probably misspelt. (What is removed has to be there.)
  private func hintNames(_ names: NamesHere) {
    guard action == .add else { return }
    switch list {
    case .network(let network): names.hint((.network, network.description))
    case .user(let user, let service):
      names.hint((.user, user.description), (.service, service?.description))
    case .block: break
    }
  }

  private func policy(of snapshot: PolicySnapshot) throws(CommandFailure) -> Policy {
    let load = Policy.load(snapshot)
    if let policy = load.policy { return policy }
    let errors = load.diagnostics.filter { $0.severity == .error }
    for error in errors.prefix(3) {
      Terminal.say("\(String(describing: error).escapedForTerminal)\n")
    }
    throw .refused(
      "the policy in \(options.change.location.path) has an error, so no entry of it can be changed "
        + "alone",
      remedy: "`gatehouse edit` mends it")
  }

  private func edit(_ present: PolicySnapshot, _ login: Login?) throws(CommandFailure) -> EntryEdit
  {
    do throws(EntryProblem) {
      return switch action {
      case .add: try present.adding(entries, to: list)
      case .remove: try present.removing(entries, from: list, of: login)
      }
    } catch {
      throw .refused(error.message, remedy: error.remedy)
    }
  }

  /// The logins of the user whose list is changed, from each address; none if the list is nobody's own,
  /// or the entries name networks.
  private func logins(by policy: Policy) -> [Login] {
    guard case .user(let user, let service) = list else { return [] }
    var answers = PolicyAnswers(policy)
    return entries.compactMap(\.origin).map { origin in
      answers.login(
        ExplainQuestion(user: user, from: origin.description, service: service)
      ).login
    }
  }

  /// Throws if a user would still be denied from an address that was to be allowed; the places that it
  /// names are those of the old policy, which stays.
  private func requireAllowed(
    _ effect: EntryChangeReport.Effect, by old: Policy
  ) throws(CommandFailure) {
    guard action == .add, effect.after.isDenial, entries.allSatisfy(\.isActive),
      [.blocked, .confined, .notListed, .userListRequired, .noRole].contains(effect.after.reason)
    else { return }
    let isSame = effect.before.reason == effect.after.reason
    let rule = (isSame ? effect.before.rule : nil).map { ", \($0.fileAndLine)" } ?? ""
    var remedy: String?
    if case .amend(let amendments)? = old.explain(effect.login).remedies.first {
      remedy = "all that it takes: \(amendments.text)"
    }
    throw .refused(
      "\(effect.login.user) would still be denied from \(effect.login.origin) by "
        + "\(effect.login.service): \(effect.after.reason.rawValue)\(rule); nothing was changed",
      remedy: remedy)
  }

  /// What still holds the addresses of entries that were taken out.
  private func notes(about policy: Policy, _ login: Login?) -> [String] {
    guard action == .remove else { return [] }
    return entries.flatMap { entry in
      policy.holders(of: entry, for: list, login).map { holder in
        let address = displayText(of: entry.text)
        let still =
          switch list {
          case .user: "\(address) is still admitted from"
          case .block: "\(address) is still blocked by"
          case .network: "\(address) is still in"
          }
        return "\(still) \(holder.description); to change that: \(holder.remedy(for: address))"
      }
    }
  }
}
