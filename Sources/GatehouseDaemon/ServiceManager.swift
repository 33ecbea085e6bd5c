import CPosix
import CSystemd
import Glibc

/// Tells systemd how the daemon is (sd_notify(3)); without systemd nobody is told.
struct ServiceManager {
  /// The daemon answers.
  func ready(_ status: String) { notify("READY=1\nSTATUS=\(status)") }

  /// The policy is being read again; `ready` ends it.
  ///
  /// systemd wants the time of its own clock, to tell this reload from an earlier one.
  func reloading() {
    var now = timespec()
    // SAFETY: `now` is of this frame; CLOCK_MONOTONIC always exists.
    unsafe clock_gettime(CLOCK_MONOTONIC, &now)
    let microseconds = UInt64(now.tv_sec) &* 1_000_000 &+ UInt64(now.tv_nsec) / 1_000
    notify("RELOADING=1\nMONOTONIC_USEC=\(microseconds)\nSTATUS=Reading the policy again")
  }

  /// How far the reading of a policy is, where that takes a while; from any thread.
  func reading(_ place: String) { notify("STATUS=Reading the policy: \(place)") }

  /// The daemon answers what is in flight and ends.
  func stopping() { notify("STOPPING=1\nSTATUS=Answering what is in flight") }

  private func notify(_ state: String) {
    // SAFETY: the text is a C string for the length of the call. An error is nobody's concern:
    // systemd decides by what it got.
    _ = unsafe sd_notify(0, state)
  }
}
