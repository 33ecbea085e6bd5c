internal import CPosix

/// The user who started this process.
public enum CallingUser {
  /// The real uid, which a set-user-ID program such as su keeps from its caller.
  ///
  /// It is no proof of root: sudo sets its own to 0 whoever calls it.
  public static var number: UInt32 { getuid() }
}
