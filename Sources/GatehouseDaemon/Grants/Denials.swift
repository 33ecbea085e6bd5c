import GatehouseControl
import GatehousePolicy

/// The newest denials, bounded in all and for each user, so that nobody's flood pushes out another's.
struct Denials {
  /// How many are remembered.
  static let most = 512
  /// How many of one user's.
  static let mostOfUser = 16
  /// How long one is remembered.
  static let longest = Duration.seconds(86_400)

  /// Oldest first.
  private(set) var all: [Denial] = []

  /// The denial of an id, where it is remembered.
  func denial(_ id: String, at now: Instant) -> Denial? {
    all.first { $0.id == id && Self.isFresh($0, at: now) }
  }

  /// Remembers one more.
  mutating func add(_ denial: Denial) {
    all.removeAll { !Self.isFresh($0, at: denial.time) }
    let own = all.indices.filter { all[$0].user == denial.user }
    if own.count >= Self.mostOfUser, let oldest = own.first {
      all.remove(at: oldest)
    } else if all.count >= Self.most {
      all.removeFirst()
    }
    all.append(denial)
  }

  /// Not so one of the future, either: the clock was set back since.
  private static func isFresh(_ denial: Denial, at now: Instant) -> Bool {
    let age = now - denial.time
    return age >= .zero && age < longest
  }
}
