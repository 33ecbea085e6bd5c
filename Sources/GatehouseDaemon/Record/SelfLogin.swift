import GatehousePolicy

/// A login by sshd that came from the machine itself and has no address: its session shows none.
struct SelfLogin: Equatable, Sendable {
  /// The most of them that are remembered; the oldest is forgotten first.
  static let limit = 1024

  let user: Name
  /// The process that asked, and the one that started it: one of the two opens the session.
  let processes: [Process]

  /// A process that cannot be mistaken for a later one of the same number, in this boot.
  struct Process: Equatable, Sendable {
    let number: Int32
    /// When it was started, in clock ticks since the boot.
    let start: UInt64
  }
}
