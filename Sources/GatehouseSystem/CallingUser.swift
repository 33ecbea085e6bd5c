internal import CPosix

/// The user who started this process.
public enum CallingUser {
  /// The real uid, which set-user-ID programs such as su and sudo keep from their caller.
  ///
  /// It is no proof of root: a program may have made itself root by it.
  public static var number: UInt32 { getuid() }
}
