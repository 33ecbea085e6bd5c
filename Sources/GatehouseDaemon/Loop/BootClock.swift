/// The clock that a trial ends by.
///
/// It runs on while the machine sleeps and the daemon does not run, nobody can set it, and it
/// begins anew with each boot (CLOCK_BOOTTIME in clock_gettime(2)).
struct BootClock: Sendable {
  /// What tells this boot of the machine from every other; nil where that is not known.
  let boot: String?
  /// The time since the boot.
  let now: @Sendable () -> MonotonicTime

  /// The machine's clock; `boot` is what the service manager calls this boot, else the kernel is
  /// asked (random(4)).
  static func system(boot: String?) -> BootClock {
    BootClock(boot: boot ?? kernelsName(), now: MonotonicTime.now)
  }

  private static func kernelsName() -> String? {
    let path = "/proc/sys/kernel/random/boot_id"
    guard let bytes = try? Descriptor(reading: path).content(path) else { return nil }
    let name = bytes.prefix { $0 > 0x20 && $0 < 0x7F }
    return name.isEmpty ? nil : String(decoding: name, as: UTF8.self)
  }
}
