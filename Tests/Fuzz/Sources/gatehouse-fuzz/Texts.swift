@testable import GatehouseControl
@testable import GatehousePolicy

/// Times, durations and lists of names on the command line and in policies.
enum Texts {
  @Sendable static func run(_ bytes: [UInt8]) {
    let text = bytes.text
    if let time = Instant(rfc3339: text), time.description.first != "@" {
      promise(Instant(rfc3339: time.description) == time, "a time's text is that time")
    }
    if let date = CivilDate(text) {
      promise(
        CivilDate(daysSinceEpoch: date.daysSinceEpoch)?.day == date.day,
        "a date's number is that date")
      promise(Instant(startOf: date) < Instant(endOf: date), "a day has an end")
    }
    if let duration = duration(of: text) {
      promise(
        GatehousePolicy.duration(of: durationText(duration)) == duration,
        "a duration's text is that duration")
      _ = durationInWords(duration)
    }
    if let allowance = LockoutAllowance(Name(bytes: bytes)) {
      promise(
        LockoutAllowance(allowance.text) == allowance, "an allowance's text is that allowance")
    }
    promise(
      displayText(of: bytes).unicodeScalars.allSatisfy { !$0.isUnsafeToShow },
      "what is shown of bytes is safe to show")
  }
}
