internal import Glibc

/// How often a test tries something random.
///
/// - Parameters:
///   - variable: The environment variable that sets it for a longer run.
///   - usually: How often it is in every run.
/// - Returns: The variable's number; `usually` if it is not set, or not a number.
public func rounds(_ variable: String, usually: Int) -> Int {
  // SAFETY: `getenv` gives a C string that nothing in the tests changes; it is copied at once.
  unsafe getenv(variable).flatMap { unsafe Int(String(cString: $0)) } ?? usually
}
