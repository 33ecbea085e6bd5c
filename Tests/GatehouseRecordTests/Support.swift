import GatehousePolicy

@testable import GatehouseRecord

/// A login, by default of alice from 192.0.2.7 by sshd, at a second since 1970.
func note(
  _ outcome: LoginNote.Outcome = .allowed, of user: Name = "alice",
  from origin: String = "192.0.2.7", by service: Name = "sshd", at second: Int64 = 0,
  isKnown: Bool = true, provesPlace: Bool = false, list: Name? = nil
) -> LoginNote {
  LoginNote(
    user: user, origin: Origin(written: origin), service: service, outcome: outcome,
    time: instant(second), isKnown: isKnown, provesPlace: provesPlace, list: list)
}

/// A record of these logins that began at a second since 1970.
func record(_ notes: [LoginNote], since second: Int64 = 0) -> LoginRecord {
  var record = LoginRecord(since: instant(second))
  for note in notes { record.add(note) }
  return record
}

func place(
  _ origin: String, of user: Name = "alice", by service: Name = "sshd"
) -> LoginRecord.Place {
  LoginRecord.Place(user: user, service: service, origin: Origin(written: origin))
}

/// A time, by seconds since 1970.
func instant(_ second: Int64) -> Instant { Instant(microsecondsSinceEpoch: second * 1_000_000) }
