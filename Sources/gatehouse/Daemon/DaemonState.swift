import GatehouseJournal
import GatehousePolicy
import GatehouseRecord
import GatehouseState

/// What the daemon keeps, as far as the command reads it by itself.
enum DaemonState {
  /// Its folder.
  static let folder = "/var/lib/gatehouse"
}

extension LoginRecord {
  /// What the daemon has written of its record; empty if that cannot be read.
  static var kept: LoginRecord {
    StateFile(folder: DaemonState.folder, name: "logins", kind).valueIfUsable()
      ?? LoginRecord(since: .now())
  }

  /// Adds a login of the journal that was let in.
  mutating func add(_ login: RecordedLogin, by user: KnownUsers.User) {
    add(
      LoginNote(
        user: user.name, origin: login.origin, service: login.service, outcome: .allowed,
        time: login.time, isKnown: user.isKnown))
  }
}
