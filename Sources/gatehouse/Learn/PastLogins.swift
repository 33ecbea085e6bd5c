import GatehouseControl
import GatehouseImport
import GatehouseJournal
import GatehousePolicy

/// What past logins teach: those of the journal, and what the daemon's record has from before it.
struct PastLogins {
  /// How far back they are read if nothing else is said.
  private static let length = Duration.seconds(90 * 86_400)

  /// From which networks each user logged in.
  private(set) var learned: LearnedLogins
  /// The beginning of what was read.
  private(set) var since = Instant.now()
  /// The users of logins that were left out, since the machine has no such user any more.
  private(set) var absent: Set<Name> = []

  private var users = KnownUsers(among: [])
  private let leavesAbsentOut: Bool

  /// Reads them, and shows the progress on standard error.
  ///
  /// - Parameters:
  ///   - journal: Which journal, and how far back.
  ///   - daemon: The daemon with the record.
  ///   - lengths: To which networks addresses are rounded.
  ///   - leavesAbsentOut: Whether the logins of users whom the machine does not have are left out.
  /// - Throws: If neither the journal nor the record can be read.
  init(
    _ journal: JournalOptions, _ daemon: RunningDaemon,
    _ lengths: LearnedLogins.PrefixLengths = .init(), leavesAbsentOut: Bool = false
  ) throws(CommandFailure) {
    learned = LearnedLogins(lengths)
    self.leavesAbsentOut = leavesAbsentOut
    // The journal in a folder may be another machine's.
    let places = journal.isOfMachine ? try? daemon.places() : nil
    do throws(CommandFailure) {
      let (record, _) = try journal.read(last: Self.length) { login in
        guard login.teaches, let user = user(login.user) else { return }
        learned.add(user, from: login.origin, at: login.time)
      }
      since = record.since
    } catch {
      guard let places, !places.places.isEmpty else { throw error }
      Terminal.say("gatehouse: \(error.problem); only the daemon's record of logins is read\n")
    }
    if let places { add(places, from: journal.start(last: Self.length)) }
  }

  /// The user as the machine spells the name; nil if the logins of that user are left out.
  private mutating func user(_ name: Name) -> Name? {
    let user = users[name]
    guard leavesAbsentOut, !user.isKnown else { return user.name }
    absent.insert(user.name)
    return nil
  }

  /// Learns from what the daemon's record has of the time before the journal; what was learned then
  /// begins with the record's first such login.
  private mutating func add(_ list: PlaceList, from start: Instant) {
    let journal = since
    for place in list.places
    where place.isAdmitted && place.allowed > 0 && (start..<journal).contains(place.last) {
      guard let user = user(place.user) else { continue }
      learned.add(
        user, from: place.origin, isNetwork: place.isNetwork, count: place.allowed, at: place.last)
      if place.origin.kind == .address { since = min(since, max(place.first, start)) }
    }
  }
}

extension RecordedLogin {
  /// Whether it says where its user comes from: it was let in, and no role was asked for, which a
  /// session does that had a login of its own before.
  var teaches: Bool { outcome.verdict != .deny && role == nil }
}
