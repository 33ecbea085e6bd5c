/// Reads a duration such as `90m`, `24h` or `7d`: a whole number and one of s, m, h, d.
///
/// - Parameter text: The text.
/// - Returns: At most 366 days; nil for anything else.
public func duration(of text: String) -> Duration? {
  guard let unit = text.utf8.last, let number = decimalNumber(text.utf8.dropLast()) else {
    return nil
  }
  let scale: Int
  switch unit {
  case UInt8(ascii: "s"): scale = 1
  case UInt8(ascii: "m"): scale = 60
  case UInt8(ascii: "h"): scale = 3600
  case UInt8(ascii: "d"): scale = 86_400
  default: return nil
  }
  let seconds = number * scale
  return seconds <= 366 * 86_400 ? .seconds(seconds) : nil
}

/// Reads a duration as people type it: `90min`, `1h30m`, `2 h`, each number with its unit once, the
/// greatest first.
///
/// - Parameter text: The text; `min` is m.
/// - Returns: At most 366 days; nil for anything else.
public func typedDuration(of text: String) -> Duration? {
  var rest = Array(text.utf8).filter { $0 != UInt8(ascii: " ") }[...]
  guard !rest.isEmpty else { return nil }
  var sum = Duration.zero
  var units = Array("dhms".utf8)[...]
  while !rest.isEmpty {
    let digits = rest.prefix { $0.decimalDigit != nil }
    var word = rest.dropFirst(digits.count).prefix { $0.decimalDigit == nil }
    rest = rest.dropFirst(digits.count + word.count)
    if word.elementsEqual("min".utf8) { word = word.prefix(1) }
    guard word.count == 1, let unit = word.first, let index = units.firstIndex(of: unit),
      let part = duration(of: String(decoding: digits + word, as: UTF8.self))
    else { return nil }
    units = units[(index + 1)...]
    sum += part
  }
  return sum <= .days(366) ? sum : nil
}

/// A duration as `duration(of:)` reads it, in the largest unit that gives a whole number; parts of
/// a second are left out.
public func durationText(_ duration: Duration) -> String {
  let seconds = duration.wholeSeconds
  // Not a loop over a list of units, whose instructions the compiler orders anew in each build.
  func count(of unit: Int64) -> Int64? {
    seconds >= unit && seconds.isMultiple(of: unit) ? seconds / unit : nil
  }
  if let days = count(of: 86_400) { return "\(days)d" }
  if let hours = count(of: 3600) { return "\(hours)h" }
  if let minutes = count(of: 60) { return "\(minutes)m" }
  return "\(seconds)s"
}

/// A duration in its two greatest units: `1 hour 5 minutes`; parts of a second are left out.
public func durationInWords(_ duration: Duration) -> String {
  let seconds = duration.wholeSeconds
  let counts = [seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60, seconds % 60]
  guard let first = counts.firstIndex(where: { $0 > 0 }) else { return "0 seconds" }
  let words = zip(counts, ["day", "hour", "minute", "second"]).dropFirst(first).prefix(2)
  return words.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)\($0.0 == 1 ? "" : "s")" }
    .joined(separator: " ")
}

extension Duration {
  /// The seconds without parts of one; the nearest number that there is if they are more or less
  /// than fit.
  public var wholeSeconds: Int64 {
    // Not `components`, which traps on those.
    Int64(clamping: attoseconds / 1_000_000_000_000_000_000)
  }

  /// A number of days of 24 hours.
  static func days(_ count: Int) -> Duration { .seconds(86_400 * Int64(count)) }
}

/// A whole number as it is written in decimal, of at most eight digits and without leading zeros.
func wholeNumber(_ text: String) -> Int? {
  text == "0" || text.utf8.first != UInt8(ascii: "0") ? decimalNumber(text.utf8) : nil
}

/// One to eight decimal digits.
private func decimalNumber(_ digits: some Collection<UInt8>) -> Int? {
  guard (1...8).contains(digits.count) else { return nil }
  var value = 0
  for byte in digits {
    guard let digit = byte.decimalDigit else { return nil }
    value = value * 10 + digit
  }
  return value
}
